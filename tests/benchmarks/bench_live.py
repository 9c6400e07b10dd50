"""The live connection: what a caller waits for, beside what the bare engine takes."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx
from websockets.asyncio.client import ClientConnection, connect

from actors.engines.espeak import EspeakEngine
from actors.phrases import split
from events.direction import Phrase
from tests.benchmarks.bench_door import served
from tests.benchmarks.bystander import asked, bare_server
from tests.benchmarks.figures import Figure, percentile
from tests.contracts.engines import ENGINES, voice_of
from tests.contracts.seams import clicks, spoken, steps
from tests.system.serving import Server, descendants

CLAUSE = "Good morning, "
REST = "and welcome. What would you like to drink today? We have tea, coffee and water."
TURNS = 80
BARGE_INS = 40
SILENT = 1000
TALKERS = 8
WATCHED_S = 15.0


def run() -> list[Figure]:
    with served(max_awake=TALKERS + 4, warm=4) as (server, _):
        figures = asyncio.run(_measure(server))
    return [*figures, *_seams("espeak"), *_seams("kokoro")]


async def _measure(server: Server) -> list[Figure]:
    figures = await _first_audio(server)
    figures += await _barge_in(server)
    figures += await _health(server)
    figures.append(await _silent(server))
    return figures


class Talk:
    """A conversation of one agent, on a live connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._turns = 0
        self.turn_id = ""

    async def begin(self, text: str) -> float:
        """A turn, with the first of its words; returns when they were sent."""
        self._turns += 1
        self.turn_id = f"t{self._turns}"
        said = perf_counter()
        await self._say("turn.begin", turn_id=self.turn_id, speaker_id="ann", text=text)
        return said

    async def end(self, text: str) -> None:
        await self._say("turn.text", turn_id=self.turn_id, text=text)
        await self._say("turn.end", turn_id=self.turn_id)

    async def interrupt(self, played_ms: int) -> float:
        said = perf_counter()
        await self._say("turn.interrupt", turn_id=self.turn_id, audio_played_ms=played_ms)
        return said

    async def frame(self) -> float:
        """When the next sound came."""
        while not isinstance(await self._socket.recv(), bytes):
            pass
        return perf_counter()

    async def until(self, kind: str) -> list[float]:
        """When each sound came before a message of that kind."""
        times: list[float] = []
        while True:
            said = await self._socket.recv()
            if isinstance(said, bytes):
                times.append(perf_counter())
            elif json.loads(said)["type"] == kind:
                return times

    async def _say(self, kind: str, **particulars: object) -> None:
        await self._socket.send(json.dumps({"type": kind, **particulars}))


async def talking(server: Server, name: str, work: Callable[[Talk], Awaitable[None]]) -> None:
    body = {"participants": ["ann"], "conversation_id": name}
    await asyncio.to_thread(server.post, "/v1/conversation/start", body)
    url = f"ws://127.0.0.1:{server.port}/v1/conversation/{name}/stream"
    async with connect(url, compression=None) as socket:
        await work(Talk(socket))


async def _first_audio(server: Server) -> list[Figure]:
    """Live and bare in turns, so that both have the same machine."""
    live_ms: list[float] = []
    bare_ms: list[float] = []
    engine, phrase = EspeakEngine(), Phrase(text=split(CLAUSE)[0])

    def bare() -> None:
        began = perf_counter()
        next(iter(engine.synthesise(phrase, "af_heart")))
        bare_ms.append((perf_counter() - began) * 1000)

    async def work(talk: Talk) -> None:
        for _ in range(TURNS + 10):
            said = await talk.begin(CLAUSE)
            live_ms.append((await talk.frame() - said) * 1000)
            await talk.end(REST)
            await talk.until("turn.completed")
            await asyncio.to_thread(bare)

    await talking(server, "first", work)
    live, base = live_ms[10:], median(bare_ms[10:])
    what = "first audio of a live turn, beyond the bare engine's first phrase"
    return [
        Figure(f"{what}, p50", median(live) - base, "ms", 15, "less", bare=base),
        Figure(f"{what}, p95", percentile(live, 95) - base, "ms", 40, "less", bare=base),
    ]


async def _barge_in(server: Server) -> list[Figure]:
    last_ms: list[float] = []
    answer_ms: list[float] = []
    freed_ms: list[float] = []

    async def work(talk: Talk) -> None:
        async with httpx.AsyncClient(base_url=server.url) as client:
            for number in range(2 * BARGE_INS):
                await talk.begin(CLAUSE)
                await talk.end(REST * 12)
                await talk.frame()
                said = await talk.interrupt(50)
                if number % 2:  # asking for the workers would hold up the reading of frames
                    freed_ms.append((await _freed(client) - said) * 1000)
                    await talk.until("turn.interrupted")
                    continue
                frames = await talk.until("turn.interrupted")
                answer_ms.append((perf_counter() - said) * 1000)
                last_ms.append((max(frames, default=said) - said) * 1000)

    await talking(server, "barge", work)
    return [
        Figure(
            "barge-in: last frame after the message, p95", percentile(last_ms, 95), "ms", 50, "less"
        ),
        Figure(
            "barge-in: the answer, heard and unheard, p95",
            percentile(answer_ms, 95),
            "ms",
            200,
            "less",
        ),
        Figure(
            "barge-in: all workers free, p95",
            percentile(freed_ms, 95),
            "ms",
            200,
            "less",
            note="as /metrics tells it",
        ),
    ]


async def _freed(client: httpx.AsyncClient) -> float:
    """When no worker was at work."""
    while await _busy_workers(client):  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.002)
    return perf_counter()


async def _busy_workers(client: httpx.AsyncClient) -> bool:
    page = (await client.get("/metrics")).text
    line = next(x for x in page.splitlines() if x.startswith("colloquy_synthesis_places_busy "))
    return float(line.split()[1]) > 0


async def _health(server: Server) -> list[Figure]:
    """`/health` while as many talk as keep every worker at work, beside a server that is idle."""
    loop = asyncio.get_running_loop()
    with bare_server() as bare, ProcessPoolExecutor(1, get_context("spawn")) as bystander:
        asking = loop.run_in_executor(bystander, asked, (server.port, bare), WATCHED_S)

        async def work(talk: Talk) -> None:
            while not asking.done():
                await talk.begin(CLAUSE)
                await talk.end(REST * 12)
                await talk.until("turn.completed")

        await asyncio.gather(*(talking(server, f"talk-{n}", work) for n in range(TALKERS)))
        ours, idle = await asking
    p99, bare_p99 = percentile(ours, 99), percentile(idle, 99)
    note = (
        f"{len(ours)} calls beside {TALKERS} talkers on the same cores, p50 {median(ours):.1f} ms"
    )
    what = "/health during full synthesis, p99"
    return [Figure(what, p99, "ms", 20, "less", bare_p99, note)]


async def _silent(server: Server) -> Figure:
    before = _resident_kb(server.pid)
    children = sum(map(_resident_kb, descendants(server.pid)))
    url = f"ws://127.0.0.1:{server.port}/v1/conversation/first/stream"
    connections = [await connect(url, compression=None) for _ in range(SILENT)]
    for connection in connections:
        await connection.recv()
    each_kb = (_resident_kb(server.pid) - before) / SILENT
    grown_mb = (sum(map(_resident_kb, descendants(server.pid))) - children) / 1024
    talk = Talk(connections[0])
    talk._turns = 10_000
    said = await talk.begin(CLAUSE)
    first_ms = (await talk.frame() - said) * 1000
    note = (
        f"of {SILENT:,}; {grown_mb:+.0f} MB elsewhere; first audio of one of them {first_ms:.0f} ms"
    )
    await asyncio.gather(*(connection.close() for connection in connections))
    return Figure(
        "memory of the gateway for each live connection", each_kb, "kB", 100, "less", note=note
    )


def _resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _seams(engine: str) -> list[Figure]:
    """Steps and clicks where phrases follow one another, with their pauses and without."""
    speaker = ENGINES[engine]()
    ways = [spoken(speaker, voice_of(speaker), pausing=pausing) for pausing in (True, False)]
    step = max(max(steps(samples, seams)) for samples, seams in ways)
    click = max(max(clicks(samples, seams)) for samples, seams in ways)
    note = f"{sum(len(seams) for _, seams in ways)} seams, 50 ms on either side"
    return [
        Figure(f"{engine}: largest step at a seam, per the largest near it", step, "x", 1, "less",
               1.0, note),
        Figure(f"{engine}: energy above 6 kHz at a seam, per the most near it", click, "x", 1,
               "less", 1.0, note),
    ]  # fmt: skip
