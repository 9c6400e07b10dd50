"""Our engine and the bare kokoro-onnx on the same files, each in a process of its own."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from kokoro_onnx import Kokoro

from actors.engines.base import SAMPLE_RATE, Sound
from actors.engines.kokoro import KokoroEngine
from actors.engines.pieces import seconds
from actors.phrases import split
from events.direction import Phrase

VOICE = "af_random"
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Files:
    model: Path
    voices: Path


class Speaker(Protocol):
    def first_s(self, text: str) -> float:
        """Seconds until the first sound of a text."""
        ...

    def speak(self, text: str) -> float:
        """Speak all of a text; gives the seconds of sound."""
        ...


class Ours:
    """The engine as a synthesis process has it: a text comes to it phrase by phrase."""

    def __init__(self, files: Files, threads: int) -> None:
        self.engine = KokoroEngine(files.model, files.voices, threads)

    def first_s(self, text: str) -> float:
        began = perf_counter()
        pieces = self._pieces(text)
        next(piece for piece in pieces if piece.pcm)
        took = perf_counter() - began
        pieces.close()
        return took

    def speak(self, text: str) -> float:
        return sum(seconds(piece.pcm) for piece in self._pieces(text))

    def _pieces(self, text: str) -> Iterator[Sound]:
        sounded = 0.0
        for phrase in split(text):
            for piece in self.engine.synthesise(Phrase(text=phrase), VOICE, after_s=sounded):
                sounded += seconds(piece.pcm)
                yield piece


class Bare:
    """kokoro-onnx as its own examples have it: its session, its way to cut a text."""

    def __init__(self, files: Files, _: int) -> None:
        self._kokoro = Kokoro(str(files.model), str(files.voices))

    def first_s(self, text: str) -> float:
        return asyncio.run(self._first_s(text))

    def speak(self, text: str) -> float:
        samples, _ = self._kokoro.create(text, VOICE)
        return len(samples) / SAMPLE_RATE

    async def _first_s(self, text: str) -> float:
        began = perf_counter()
        async with aclosing(self._kokoro.create_stream(text, VOICE)) as stream:
            await anext(stream)
            return perf_counter() - began


Work = Callable[Concatenate[Speaker, P], T]


class Apart:
    """A speaker in a process of its own; work is sent to it and timed there."""

    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process

    def start(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._process.submit(_with_speaker, work, *args, **kwargs)

    def do(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.start(work, *args, **kwargs).result()


@contextmanager
def apart(kind: type[Ours] | type[Bare], files: Files, threads: int = 1) -> Iterator[Apart]:
    """A fresh process with a speaker loaded; `threads` is for ours, the bare one takes all."""
    initargs = (kind, files, threads)
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=_load, initargs=initargs) as process:
        yield Apart(process)


def _load(kind: type[Ours] | type[Bare], files: Files, threads: int) -> None:
    global _speaker, _load_s  # one for the life of the process
    began = perf_counter()
    _speaker = kind(files, threads)
    _load_s = perf_counter() - began


def _with_speaker(work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return work(_speaker, *args, **kwargs)


def load_s(_: Speaker) -> float:
    """How long this process took to load its model."""
    return _load_s


def first_s(speaker: Speaker, text: str) -> float:
    return speaker.first_s(text)


def spoken_s(speaker: Speaker, text: str, times: int = 1) -> float:
    """Seconds of sound made by speaking a text so many times."""
    return sum(speaker.speak(text) for _ in range(times))


def private_mb(_: Speaker) -> float:
    """Memory that no other process shares with this one."""
    return (_memory_kb("Private_Clean") + _memory_kb("Private_Dirty")) / 1024


def resident_mb(_: Speaker) -> float:
    """Memory that this process sees, each page as often as it sees it."""
    return _memory_kb("Rss") / 1024


def proportional_mb(_: Speaker) -> float:
    """Memory that this process costs: of a page that several have, it bears its share."""
    return _memory_kb("Pss") / 1024


def _memory_kb(kind: str) -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:"))
