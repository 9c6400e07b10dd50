"""The Kokoro engine beside the bare kokoro-onnx, on the same full-size model of random weights."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

from actors.engines.kokoro.files import read_voices
from actors.engines.kokoro_graph import Calibrations, OpenedKokoro, prepare
from actors.engines.models import PREPARED
from gateway.settings import Settings
from tests.benchmarks import directed, whole_graph
from tests.benchmarks.figures import Figure, Skipped, percentile
from tests.benchmarks.speakers import (
    VOICE,
    Apart,
    Bare,
    Files,
    Ours,
    apart,
    first_s,
    load_s,
    private_mb,
    proportional_mb,
    resident_mb,
    spoken_s,
)

PLACE = Path(".bench")
FILES = Files(PLACE / "kokoro-random.onnx", PLACE / "voices-random.bin")
WORKERS: int = Settings.model_fields["workers"].default
THREADS: int = Settings.model_fields["threads_per_worker"].default
"""What is measured is what the gateway starts."""

SENTENCE = "Would you like your coffee with some extra foam or without any?"
LONG = (
    "The train that was meant to leave for the coast at half past nine this morning has been held "
    "at the bridge by a signal that nobody in the whole of the station seems to know how to set "
    "right again before the evening."
)
"""No clause ends in it, where a cut would bring the first sound early."""
FIRST_AUDIO = (
    ("one 5 s sentence", SENTENCE, 0.25, 7),
    ("one 15 s sentence", LONG, 0.16, 5),
    ("60 sentences", " ".join([SENTENCE] * 60), 0.04, 3),
)
"""What is said, its words, the bar, and how often."""
TURN = " ".join([SENTENCE] * 6)
COUNT = "One, two, three, four, five, six, seven, eight, nine, ten."
UTTERANCE = f"{COUNT} {COUNT} {COUNT} {COUNT} One, two, three, four, five."
"""30 s, and short enough that kokoro-onnx says it in one piece."""
LOADS = 5
ROUNDS = 3
BUSY = (("lines of one sentence", SENTENCE, 4), ("turns of six sentences", TURN, 1))
"""What is said, its words, and how often by each process in a round."""
STOPS = 30


def run() -> list[Figure]:
    if not FILES.model.is_file():
        raise Skipped(f"There is no {FILES.model}; `make {FILES.model}` builds it with PyTorch.")
    make_ready()
    return [
        *first_audio(),
        *sound_per_second(),
        *memory(),
        load(),
        whole_graph.difference(FILES, [SENTENCE, LONG, TURN]),
        *obedience(),
        stop(),
    ]


def tell(what: str) -> None:
    """Say what is being measured: the whole takes minutes."""
    sys.stderr.write(f"kokoro: {what} …\n")


def make_ready() -> None:
    """As `colloquy models prepare` does, once and for the one voice that speaks."""
    tell("preparing")
    prepared = prepare(FILES.model, FILES.model.parent / PREPARED).directory
    if prepared is None:
        raise Skipped("The full-size Kokoro could not be taken apart here.")
    styles = read_voices(FILES.voices)[VOICE]
    Calibrations(prepared).made(OpenedKokoro(prepared), styles)


def first_audio() -> list[Figure]:
    with apart(Bare, FILES) as bare, apart(Ours, FILES, THREADS) as ours:
        for each in (bare, ours):
            each.do(spoken_s, SENTENCE)
        return [_first_audio(bare, ours, *what) for what in FIRST_AUDIO]


def _first_audio(bare: Apart, ours: Apart, what: str, text: str, bar: float, times: int) -> Figure:
    tell(f"first audio, {what}")
    taken = [(ours.do(first_s, text), bare.do(first_s, text)) for _ in range(times)]
    return _beside(f"first audio, {what}", *_medians(taken), bar, "less", "s")


def sound_per_second() -> list[Figure]:
    """As many of ours as the pool has, against one session that takes every core for a call."""
    with ExitStack() as stack:
        bare = [stack.enter_context(apart(Bare, FILES))]
        ours = [stack.enter_context(apart(Ours, FILES, THREADS)) for _ in range(WORKERS)]
        for each in (*bare, *ours):
            each.do(spoken_s, SENTENCE)
        return [_sound_per_second(bare, ours, *what) for what in BUSY]


def _sound_per_second(
    bare: Sequence[Apart], ours: Sequence[Apart], what: str, text: str, each: int
) -> Figure:
    tell(f"sound per second, {what}")
    rates = [(_rate(ours, text, each), _rate(bare, text, each)) for _ in range(ROUNDS)]
    row = f"sound per second, all cores busy, {what}"
    return _beside(row, *_medians(rates), 1.1, "more", "s/s")


def _rate(processes: Sequence[Apart], text: str, each: int) -> float:
    began = perf_counter()
    spoken = [process.start(spoken_s, text, each) for process in processes]
    return sum(each.result() for each in spoken) / (perf_counter() - began)


def memory() -> list[Figure]:
    tell("memory")
    ours, bare = map(_memory, (Ours, Bare))
    further = "private memory of a further worker process"
    after = _beside("memory after a 30 s utterance", ours.after, bare.after, 0.4, "less", "MB")
    resident = f"{after.note}; resident {ours.resident:.0f} MB against {bare.resident:.0f} MB"
    return [
        _beside(further, ours.private, bare.private, 0.45, "less", "MB"),
        replace(after, note=resident),
    ]


@dataclass(frozen=True)
class Memory:
    """Of the second of two processes, in megabytes."""

    private: float
    """After a sentence."""
    after: float
    """After an utterance, its share of what others have too."""
    resident: float


def _memory(kind: type[Ours] | type[Bare]) -> Memory:
    with apart(kind, FILES, THREADS) as first, apart(kind, FILES, THREADS) as further:
        for each in (first, further):
            each.do(spoken_s, SENTENCE)
        private = further.do(private_mb)
        for each in (first, further):
            each.do(spoken_s, UTTERANCE)
        return Memory(private, further.do(proportional_mb), further.do(resident_mb))


def load() -> Figure:
    tell("load")
    taken = [(_load_s(Ours), _load_s(Bare)) for _ in range(LOADS)]
    return _beside("load, prepared", *_medians(taken), 0.35, "less", "s")


def _load_s(kind: type[Ours] | type[Bare]) -> float:
    with apart(kind, FILES, THREADS) as process:
        return process.do(load_s)


def obedience() -> list[Figure]:
    tell(f"what is asked against what is heard, {len(directed.PHRASES)} phrases")
    with apart(Ours, FILES, THREADS) as ours:
        found = ours.do(directed.obedience)
    who = f"{len(directed.PHRASES)} phrases, median error"
    return [
        Figure(f"F0 asked against heard, level, {who}", found.level_percent, "%", 1, "less"),
        Figure(f"F0 asked against heard, range, {who}", found.range_percent, "%", 1, "less"),
        Figure("final slopes with the sign asked", 100 * found.slope_signs, "%", 95, "more"),
        Figure(f"word times against edges, {who}", found.word_edges_ms, "ms", 25, "less"),
    ]


def stop() -> Figure:
    tell("stop")
    with apart(Ours, FILES, THREADS) as ours:
        taken = ours.do(directed.stops_ms, LONG, STOPS)
    note = f"{len(taken)} moments of a 15 s sentence, p50 {median(taken):.0f} ms"
    return Figure("stop, p95", percentile(taken, 95), "ms", 50, "less", note=note)


def _medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    ours, bare = zip(*pairs, strict=True)
    return median(ours), median(bare)


def _beside(what: str, ours: float, bare: float, bar: float, better: str, unit: str) -> Figure:
    note = f"{ours:.3g} {unit} against {bare:.3g} {unit}"
    return Figure(f"{what}, per kokoro-onnx", ours / bare, "x", bar, better, 1.0, note)
