"""Through the door: what a caller waits for, beside what the bare thing takes."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import ray

from actors.engines.espeak import EspeakEngine
from events.direction import Phrase
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.http_caller import Caller
from tests.system.serving import Server, descendants

LINE = "Good morning, and welcome. What would you like to drink today?"
STARTS = 60
TURNS = 150
CALLERS = 64
CONVERSATIONS = (1, 8, 16)
"""For the callers to share: one is an actor against the bare actor, like for like. One for each
caller, on a process for each, is measured too."""
LISTENS_EACH = 60
CROWD, CROWD_ROUNDS, PROCESSES = 500, 4, 16


def run() -> list[Figure]:
    bare_calls = bare_ray_calls_per_s()
    bare_first_ms = bare_engine_first_ms()
    with served(max_awake=PROCESSES, warm=4) as (server, ready_s):
        figures = [Figure("from start to ready, installed", ready_s, "s", 15, "less")]
        figures += asyncio.run(start_and_speak(server, bare_first_ms))
        for conversations in CONVERSATIONS:
            figures += asyncio.run(listening(server, bare_calls, conversations))
        figures += asyncio.run(crowd(server))
    with served(max_awake=CALLERS + 16, warm=4) as (server, _):
        figures += asyncio.run(listening(server, bare_calls, CALLERS))
    return figures


@contextmanager
def served(**settings: object) -> Iterator[tuple[Server, float]]:
    with tempfile.TemporaryDirectory() as directory:
        began = perf_counter()
        server = Server(Path(directory) / "data", **settings).start()
        ready_s = perf_counter() - began
        try:
            yield server, ready_s
        finally:
            server.stop()


def bare_engine_first_ms() -> float:
    """The engine in this process, to its first piece; the first calls of a process are slower."""
    engine, phrase, times = EspeakEngine(), Phrase(text=LINE), []
    for _ in range(30):
        began = perf_counter()
        sounds = engine.synthesise(phrase, "af_heart")
        next(iter(sounds))
        times.append((perf_counter() - began) * 1000)
    return median(times[5:])


def bare_ray_calls_per_s() -> float:
    """Calls that 64 callers in a driver get answered by one async actor that does nothing."""

    class Bare:
        async def call(self, payload: bytes) -> bytes:
            return payload

    async def measure() -> float:
        actor = ray.remote(num_cpus=0, max_concurrency=1000)(Bare).remote()
        await actor.call.remote(b"")

        async def caller() -> None:
            for _ in range(LISTENS_EACH):
                await actor.call.remote(b"x" * 200)

        began = perf_counter()
        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        return CALLERS * LISTENS_EACH / (perf_counter() - began)

    ray.init(
        address="local",
        include_dashboard=False,
        num_cpus=2,
        log_to_driver=False,
        logging_level="error",
        object_store_memory=80_000_000,
    )
    try:
        return median([asyncio.run(measure()) for _ in range(3)])
    finally:
        ray.shutdown()


async def start_and_speak(server: Server, bare_first_ms: float) -> list[Figure]:
    caller = await Caller.connect(server.port)
    starts = []
    for number in range(STARTS):
        began = perf_counter()
        body = {"participants": ["ann", "ben"], "conversation_id": f"start-{number}"}
        status, _ = await caller.post("/v1/conversation/start", body)
        starts.append((perf_counter() - began) * 1000)
        assert status == 201
        # A process is at hand again before the next one comes: that is what the bar is about.
        await asyncio.sleep(0.25)
    firsts = []
    for number in range(TURNS):
        line = {"text": LINE, "speaker_id": ("ann", "ben")[number % 2], "response_format": "pcm"}
        path = f"/v1/conversation/start-{STARTS - 1}/speak"
        status, first_ms, _ = await caller.post_timed(path, line)
        assert status == 200
        firsts.append(first_ms - bare_first_ms)
    await caller.close()
    beyond, bare = "first audio byte beyond the bare engine's first piece", bare_first_ms
    return [
        Figure("start a conversation, p50", median(starts), "ms", 25, "less"),
        Figure(f"{beyond}, p50", median(firsts), "ms", 20, "less", bare),
        Figure(f"{beyond}, p95", percentile(firsts, 95), "ms", 50, "less", bare),
    ]


async def listening(server: Server, bare_calls: float, conversations: int) -> list[Figure]:
    opener = await Caller.connect(server.port)
    for number in range(conversations):
        people = [{"id": "ann", "role": "human"}]
        body = {"participants": people, "conversation_id": f"listen-{conversations}-{number}"}
        assert (await opener.post("/v1/conversation/start", body))[0] == 201
    await opener.close()
    # Only now: who is silent for long is hung up on.
    callers = [await Caller.connect(server.port) for _ in range(CALLERS)]

    async def tell(number: int, caller: Caller, times: int) -> None:
        path = f"/v1/conversation/listen-{conversations}-{number % conversations}/listen"
        for _ in range(times):
            status, _ = await caller.post(path, {"speaker_id": "ann", "text": LINE})
            assert status == 200

    async def everybody(times: int) -> float:
        began = perf_counter()
        await asyncio.gather(*(tell(n, caller, times) for n, caller in enumerate(callers)))
        return CALLERS * times / (perf_counter() - began)

    await everybody(5)
    rate = median([await everybody(LISTENS_EACH) for _ in range(3)])
    for caller in callers:
        await caller.close()
    note = f"{rate:,.0f} turns/s against {bare_calls:,.0f} calls/s"
    who = f"{CALLERS} callers, {conversations} conversations"
    what = f"durable turns (listen, {who}) per bare Ray call"
    return [Figure(what, rate / bare_calls, "x", 0.5, "more", 1.0, note)]


async def crowd(server: Server) -> list[Figure]:
    """500 conversations in turn on 16 processes; memory after the first round and the last."""
    caller = await Caller.connect(server.port)
    errors = 0
    for number in range(CROWD):
        body = {"participants": ["ann"], "conversation_id": f"crowd-{number}"}
        errors += (await caller.post("/v1/conversation/start", body))[0] != 201
    memory = []
    for round_ in range(CROWD_ROUNDS):
        for number in range(CROWD):
            line = {"speaker_id": "ann", "text": f"This is round {round_}."}
            status, _ = await caller.post(f"/v1/conversation/crowd-{number}/listen", line)
            errors += status != 200
        memory.append(resident_mb(server))
    lost = 0
    for number in range(CROWD):
        lost += server.get(f"/v1/conversation/crowd-{number}")["turn_count"] != CROWD_ROUNDS
    await caller.close()
    growth = 100 * (memory[-1] / memory[0] - 1)
    note = f"{memory[0]:,.0f} MB after the first round, {memory[-1]:,.0f} MB after the last"
    who = f"{CROWD} conversations on {PROCESSES} processes"
    return [
        Figure(f"{who}: errors and lost turns", errors + lost, "", 0, "less"),
        Figure(f"{who}: growth of memory", growth, "%", 3, "less", note=note),
    ]


def resident_mb(server: Server) -> float:
    """Proportional set size of the server and all its processes."""
    return sum(map(_pss_kb, [server.pid, *descendants(server.pid)])) / 1024


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
