"""The schedule under load: who talks is not cut off, who begins is heard soon."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from actors.cluster import Cluster
from actors.engines.espeak import EspeakEngine
from actors.prosody import plain
from actors.refusals import Busy
from actors.synthesis.claims import Claim
from actors.synthesis.stage import perform, seconds
from gateway.settings import Settings
from tests.benchmarks.bench_kokoro import FILES, make_ready
from tests.benchmarks.figures import Figure, Skipped, percentile
from tests.benchmarks.speakers import Apart, Files, Ours, Speaker, apart

LINE = (
    "Would you like your coffee with some extra foam or without any, and shall I bring it outside "
    "to you?"
)
"""6.5 s with the full-size Kokoro of random weights; its first clause is 4 s of it."""
WORKERS: int = Settings.model_fields["workers"].default
TALKERS = 8
LOAD = 0.8
EVERYBODY_IS_LET_IN = 1000.0
SCRIPTED = LOAD * WORKERS / TALKERS
"""The real-time factor at which so many talkers are such a load."""
AT_IDLE = 12
TALKING_S = 40.0
SATURATED_S = 25.0
ROUNDS = 3
RAYS_NICENESS = 15
"""Of workers: if others use the cores too, both sides give way alike."""
KOKORO_FASTAPI_S = 12.4, 16.6
"""First audio of eight talkers at once, p50 and worst, of the same text and model on two cores."""


@dataclass(frozen=True)
class Listened:
    """A line, as its listener had it, who plays from the first sound on."""

    first_s: float
    sound_s: float
    dry_s: float
    """For which there was nothing to play, in all."""


def run() -> list[Figure]:
    figures = asyncio.run(talking(f"scripted@{SCRIPTED}", "scripted engine", pausing=False))
    figures += asyncio.run(saturated("espeak", "espeak-ng", bare_espeak_rate))
    if not FILES.model.is_file():
        print(f"No {FILES.model}: the figures of Kokoro are left out; `make {FILES.model}`.")
        return figures
    try:
        make_ready()
    except Skipped as reason:
        print(f"The figures of Kokoro are left out. {reason}")
        return figures
    figures += asyncio.run(talking("kokoro", "Kokoro", pausing=True))
    figures += asyncio.run(saturated("kokoro", "Kokoro", bare_kokoro_rate))
    return figures + asyncio.run(at_once())


@asynccontextmanager
async def cluster(engine: str, max_load: float = 0.9) -> AsyncIterator[Cluster]:
    with tempfile.TemporaryDirectory() as directory:
        usual = Settings(
            data_dir=Path(directory),
            model_dir=FILES.model.parent,
            object_store_mb=80,
            max_awake=1,
            warm=0,
            max_load=max_load,
        ).cluster()
        running = await Cluster.start(replace(usual, engine=engine))
        try:
            while (await running.stage.status()).workers < WORKERS:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            yield running
        finally:
            await running.stop()


_names = count()


async def listened(running: Cluster, text: str, talker: int = 0) -> Listened:
    """Raises `Busy` if the line is turned away."""
    voice = running.voice_list[0].id
    claim = Claim(f"t{next(_names)}", f"c{talker}")
    direction = plain(text, voice=voice, speed=1.0)
    asked, first, dry_at, dry_s, size = perf_counter(), 0.0, 0.0, 0.0, 0
    sounds = perform(running.stage, direction, clock=time.monotonic, claim=claim)
    async with aclosing(sounds):
        async for sound in sounds:
            now = perf_counter()
            first = first or now
            dry_s += max(0.0, now - dry_at) if dry_at else 0.0
            dry_at = max(now, dry_at) + seconds(len(sound.pcm))
            size += len(sound.pcm)
    return Listened(first - asked, seconds(size), dry_s)


async def talking(engine: str, name: str, *, pausing: bool) -> list[Figure]:
    """Eight conversations at 80 % of what the machine can do.

    Where eight voices at once are more than that, each pauses between its lines.
    """
    async with cluster(engine) as running:
        await everybody(running, lambda talker: listened(running, LINE, talker), WORKERS)
        idle = [(await listened(running, LINE)).first_s for _ in range(AT_IDLE)]
        sound_s = (await listened(running, LINE)).sound_s
        every_s = sound_s
        if pausing:
            every_s = TALKERS * sound_s / (LOAD * await rate(running, TALKING_S / 2))
        until = perf_counter() + max(TALKING_S, 4 * every_s)
        heard: list[Listened] = []

        async def converse(talker: int) -> None:
            await asyncio.sleep(every_s * talker / TALKERS)
            while perf_counter() < until:
                began = perf_counter()
                heard.append(await listened(running, LINE, talker))
                await asyncio.sleep(max(0.0, began + every_s - perf_counter()))

        before = await running.stage.status()
        await everybody(running, converse, TALKERS)
        after = await running.stage.status()
    firsts = [each.first_s for each in heard]
    who = f"{name}, {TALKERS} conversations at {LOAD:.0%} of capacity"
    bare = median(idle)
    note = f"{1e3 * percentile(firsts, 95):.0f} ms against {1e3 * bare:.0f} ms (p50) at idle"
    dry = [each.dry_s for each in heard if each.dry_s > 0.0]
    lines = f"of {len(heard)} lines; {after.refused - before.refused} refused"
    worst = f"{lines}; worst {1e3 * max(dry, default=0.0):.0f} ms"
    return [
        Figure(f"first audio p95 per idle, {who}", percentile(firsts, 95) / bare, "x", 2, "less",
               1.0, note),
        Figure(f"lines that ran dry, {who}", len(dry), "", 0, "less", note=worst),
    ]  # fmt: skip


async def everybody(
    running: Cluster, does: Callable[[int], Awaitable[object]], talkers: int
) -> None:
    await asyncio.gather(*(does(talker) for talker in range(talkers)))


async def rate(running: Cluster, for_s: float, talkers: int = 2 * WORKERS) -> float:
    """Seconds of sound a second, with as much to do as there can be."""
    began, sound_s = perf_counter(), 0.0

    async def talk(talker: int) -> None:
        nonlocal sound_s
        while perf_counter() < began + for_s:
            try:
                heard = await listened(running, LINE, talker)
            except Busy:
                await asyncio.sleep(0.1)
            else:  # others add to it while this one listens
                sound_s += heard.sound_s

    await everybody(running, talk, talkers)
    return sound_s / (perf_counter() - began)


async def saturated(engine: str, name: str, bare_rate: Callable[[], float]) -> list[Figure]:
    """All places busy, beside as many processes with the engine and nothing else, in turn."""
    ours, bare = [], []
    async with cluster(engine, EVERYBODY_IS_LET_IN) as running:
        await rate(running, 2.0)
        for _ in range(ROUNDS):
            ours.append(await rate(running, SATURATED_S / ROUNDS))
            bare.append(await asyncio.to_thread(bare_rate))
    note = f"{median(ours):.3g} s/s against {median(bare):.3g} s/s of {WORKERS} bare engines"
    what = f"{name}, sound per second at saturation, per the bare engine on all cores"
    ratio = median(mine / theirs for mine, theirs in zip(ours, bare, strict=True))
    return [Figure(what, ratio, "x", 0.95, "more", 1.0, note)]


class Espeak(Ours):
    """The bare engine, a text phrase by phrase."""

    def __init__(self, _: Files, __: int) -> None:
        self._espeak = EspeakEngine()

    def speak(self, text: str) -> float:
        direction = plain(text, voice="af_heart", speed=1.0)
        sounds = (self._espeak.synthesise(each, direction.voice) for each in direction.phrases)
        return sum(seconds(len(piece.pcm)) for pieces in sounds for piece in pieces)


def bare_kokoro_rate() -> float:
    return _bare_rate(Ours)


def bare_espeak_rate() -> float:
    return _bare_rate(Espeak)


def _bare_rate(kind: type[Ours]) -> float:
    with ExitStack() as stack:
        processes = [stack.enter_context(apart(kind, FILES, 1)) for _ in range(WORKERS)]
        for process in processes:
            process.do(_spoken_for, 0.5)
        return _together(processes, SATURATED_S / ROUNDS)


def _together(processes: Sequence[Apart], for_s: float) -> float:
    began = perf_counter()
    spoken = [process.start(_spoken_for, for_s) for process in processes]
    return sum(each.result() for each in spoken) / (perf_counter() - began)


def _spoken_for(speaker: Speaker, for_s: float) -> float:
    os.setpriority(os.PRIO_PROCESS, 0, RAYS_NICENESS)
    until, sound_s = perf_counter() + for_s, 0.0
    while perf_counter() < until:
        sound_s += speaker.speak(LINE)
    return sound_s


async def at_once() -> list[Figure]:
    """Eight who begin in the same moment: all let in, and those whom admission lets in."""
    figures = []
    async with cluster("kokoro", EVERYBODY_IS_LET_IN) as running:
        await rate(running, 10.0)
        rounds = [await _together_at_once(running) for _ in range(ROUNDS)]
        firsts = [[each.first_s for each in heard] for heard, _ in rounds]
        for what, of, theirs in (
            ("p50", median, KOKORO_FASTAPI_S[0]),
            ("worst", max, KOKORO_FASTAPI_S[1]),
        ):
            measured = median(of(each) for each in firsts)
            name = f"Kokoro, {TALKERS} talkers at once, all let in: first audio, {what}"
            figures.append(Figure(name, measured, "s", 0.15 * theirs, "less", theirs))
    async with cluster("kokoro") as running:
        await rate(running, 10.0)
        await asyncio.sleep(15.0)  # until those who were turned away are forgotten
        heard, refused = await _together_at_once(running)
        worst = max(each.first_s for each in heard)
        note = f"{len(heard)} let in, {refused} told to come again"
        name = f"Kokoro, {TALKERS} talkers at once, by admission: first audio, worst"
        figures.append(Figure(name, worst, "s", 0.15 * KOKORO_FASTAPI_S[1], "less", note=note))
    return figures


async def _together_at_once(running: Cluster) -> tuple[list[Listened], int]:
    lines = (listened(running, LINE, talker) for talker in range(TALKERS))
    outcomes = await asyncio.gather(*lines, return_exceptions=True)
    heard = [each for each in outcomes if isinstance(each, Listened)]
    return heard, sum(isinstance(each, Busy) for each in outcomes)
