"""Whether the context is heard: what was planned beside what is measured in the sound itself.

Dialogues are those of the directory that BENCH_DIALOGUES names. Espeak-ng and the small Kokoro
of the fixtures always speak; with COLLOQUY_AUDIBLE_KOKORO, a directory with one `*.onnx` and one
`voices*.bin`, that model does in place of the small one, on fewer turns.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from statistics import mean, stdev

import numpy as np

from actors.directing.intensity import INTENSITY
from actors.engines.base import Engine
from actors.engines.espeak import EspeakEngine
from actors.engines.kokoro import KokoroEngine
from actors.engines.voices import default_order
from events.direction import Phrase
from tests.benchmarks.audible import (
    Directed,
    Said,
    Talk,
    feeling_of,
    hear,
    plain,
    raised_and_widened,
    read_as,
    small_talk,
    toneless,
)
from tests.benchmarks.figures import Figure, Skipped
from tests.benchmarks.kept import count_lost

FIXTURES = Path(__file__).parents[1] / "fixtures"
TURNS, TURNS_OF_LARGE = 200, 40
LINE = "The next train to the coast will leave from the other side of the station."
FELT = ("joy", "sadness", "anger", "neutral")
DIALOGUES = 30
"""Of each feeling, after which the line is said."""
LONG = 50
"""Turns of one speaker."""

PARTS = ("pitch level", "range", "rate", "loudness")
Numbers = tuple[float, float, float, float]

RESOLUTION = (0.02, 0.002, 0.02)
"""Semitones, share of the rate, decibels: smaller differences are the measurement's."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn, and its longest phrase as directed and as the voice says it by itself."""

    turn: Directed
    heard: Numbers
    """Measured against the voice by itself, in the order of `PARTS`."""
    final: float | None

    @property
    def planned(self) -> Numbers:
        asked = _longest(self.turn)
        return asked.pitch, asked.pitch_range, asked.speed, asked.loudness


@dataclass(frozen=True, slots=True)
class Speaking:
    name: str
    engine: Engine
    turns: int

    @property
    def voices(self) -> dict[str, str]:
        order = default_order(voice.id for voice in self.engine.voices())
        return {"A": order[0], "B": order[1]}


def run() -> list[Figure]:
    directory = os.environ.get("BENCH_DIALOGUES")
    if not directory:
        raise Skipped("BENCH_DIALOGUES names no directory with dialogues.")
    dialogues = list(small_talk(Path(directory)))
    figures: list[Figure] = []
    for speaking in (Speaking("espeak", EspeakEngine(), TURNS), _kokoro()):
        judged = list(islice(_judged(speaking, dialogues), speaking.turns))
        figures += _obedience(speaking, judged)
        figures += _contexts(speaking, dialogues)
        figures += [_steadiness(speaking, dialogues), _kept(speaking, dialogues)]
    return figures


def _kokoro() -> Speaking:
    given = os.environ.get("COLLOQUY_AUDIBLE_KOKORO")
    if given is None:
        engine = KokoroEngine(FIXTURES / "kokoro-small.onnx", FIXTURES / "voices-small.bin")
        return Speaking("small kokoro", engine, TURNS)
    model, voices = (next(Path(given).glob(form)) for form in ("*.onnx", "voices*.bin"))
    return Speaking(model.stem, KokoroEngine(model, voices, threads=2), TURNS_OF_LARGE)


def _judged(speaking: Speaking, dialogues: Sequence[Sequence[Said]]) -> Iterator[Judged]:
    """Turns as they come, of dialogues in which something is felt as of others, by turns."""
    felt = [each for each in dialogues if any(turn.emotion != "neutral" for turn in each)]
    for dialogue in felt:
        talk = Talk(speaking.voices, speaking.engine.capabilities)
        for said in dialogue:
            turn = talk.say(said.speaker, said.text)
            judged = _judge(speaking.engine, turn)
            if judged:
                yield judged


def _judge(engine: Engine, turn: Directed) -> Judged | None:
    phrase, voice = _longest(turn), turn.direction.voice
    on, off = hear(engine, phrase, voice), hear(engine, plain(phrase), voice)
    in_step = hear(engine, toneless(phrase), voice)
    if on is None or off is None or in_step is None:
        return None
    melody = raised_and_widened(on, in_step)
    if melody is None:
        return None
    heard = (*melody, off.seconds / on.seconds, on.loudness - off.loudness)
    return Judged(turn, heard, on.final)


def _longest(turn: Directed) -> Phrase:
    return max(turn.direction.phrases, key=lambda phrase: len(phrase.text))


def _obedience(speaking: Speaking, judged: Sequence[Judged]) -> Iterator[Figure]:
    note = f"{len(judged)} turns"
    asked = zip(*(each.planned for each in judged), strict=True)
    heard = zip(*(each.heard for each in judged), strict=True)
    for name, planned, measured in zip(PARTS, asked, heard, strict=True):
        what = f"{speaking.name}: planned against measured, {name}"
        yield Figure(what, rank_correlation(planned, measured), "rho", 0.8, "more", note=note)
    if speaking.engine.capabilities.final:
        signs = list(_signs(judged))
        share = sum(signs) / len(signs)
        what = f"{speaking.name}: final contour as planned"
        yield Figure(what, share, "share", 0.9, "more", note=f"{len(signs)} rises and falls")


def _signs(judged: Sequence[Judged]) -> Iterator[bool]:
    for each in judged:
        asked, heard = _longest(each.turn).final, each.final
        if asked and heard is not None:
            yield asked * heard > 0


def _contexts(speaking: Speaking, dialogues: Sequence[Sequence[Said]]) -> Iterator[Figure]:
    """The same line after dialogues in which something else was felt."""
    chosen = {felt: _felt_so(dialogues, felt) for felt in FELT}
    plain_ones = _least_and_most_apart(speaking, chosen, 0.0)[1]
    name = f"{speaking.name}: the same line after other feelings"
    yield _least_apart(f"{name}, least apart", speaking, chosen)
    agreed = {
        felt: [each for each in dialogues if read_as(each) == felt]
        for felt, dialogues in chosen.items()
    }
    yield _least_apart(f"{name}, where the reader agrees", speaking, agreed)
    what = f"{name}, at intensity 0, furthest apart"
    yield Figure(what, plain_ones[0], "standard errors", 3, "less", note=plain_ones[1])


def _least_apart(what: str, speaking: Speaking, chosen: dict[str, list[Sequence[Said]]]) -> Figure:
    apart, pair = _least_and_most_apart(speaking, chosen, INTENSITY)[0]
    note = f"{pair}; {', '.join(f'{len(each)} {felt}' for felt, each in chosen.items())}"
    return Figure(what, apart, "standard errors", 3, "more", note=note)


def _least_and_most_apart(
    speaking: Speaking, chosen: dict[str, list[Sequence[Said]]], intensity: float
) -> tuple[tuple[float, str], tuple[float, str]]:
    heard = {
        felt: [_same_line(speaking, each, intensity) for each in dialogues]
        for felt, dialogues in chosen.items()
    }
    pairs = [
        (_apart(heard[one], heard[other]), f"{one} and {other}")
        for one, other in combinations(FELT, 2)
    ]
    return min(pairs), max(pairs)


def _felt_so(dialogues: Sequence[Sequence[Said]], felt: str) -> list[Sequence[Said]]:
    """The beginnings of dialogues, as long as they can be, that end in what people marked so."""
    ends = ((each, _end(each, felt)) for each in dialogues)
    return list(islice((each[:end] for each, end in ends if end), DIALOGUES))


def _end(dialogue: Sequence[Said], felt: str) -> int:
    fitting = (n for n in range(len(dialogue), 3, -1) if feeling_of(dialogue[:n]) == felt)
    return next(fitting, 0)


def _same_line(
    speaking: Speaking, dialogue: Sequence[Said], intensity: float
) -> tuple[float, float, float]:
    """F0 in semitones, rate as a logarithm, loudness in decibels, of an answer to a dialogue."""
    talk = Talk(speaking.voices, speaking.engine.capabilities, intensity)
    for said in dialogue:
        # One voice gives all answers, so that only the manner differs.
        if said.speaker == dialogue[-1].speaker:
            talk.hear("B", said.text)
        else:
            talk.say("A", said.text)
    turn = talk.say("A", LINE, turn_id="the line")
    heard = hear(speaking.engine, _longest(turn), turn.direction.voice)
    assert heard is not None
    return heard.level, -float(np.log(heard.seconds)), heard.loudness


def _apart(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> float:
    """Standard errors between the means, of the measure in which they are furthest apart."""
    return max(
        abs(mean(ours) - mean(theirs)) / max(_error(ours, theirs), resolution)
        for ours, theirs, resolution in zip(
            zip(*one, strict=True), zip(*other, strict=True), RESOLUTION, strict=True
        )
    )


def _error(one: Sequence[float], other: Sequence[float]) -> float:
    return float(np.hypot(stdev(one) / len(one) ** 0.5, stdev(other) / len(other) ** 0.5))


def _steadiness(speaking: Speaking, dialogues: Sequence[Sequence[Said]]) -> Figure:
    """How far the median F0 of a speaker's turns is from that of all, beyond what is planned."""
    talk = Talk(speaking.voices, speaking.engine.capabilities)
    levels: list[tuple[float, float]] = []
    for said in (said for dialogue in dialogues for said in dialogue):
        turn = talk.say(said.speaker, said.text)
        if said.speaker == "A" and (level := _level(speaking, turn)) is not None:
            levels.append((level, _longest(turn).pitch))
        if len(levels) == LONG:
            break
    own = float(np.median([level - planned for level, planned in levels]))
    worst = max(abs(level - planned - own) for level, planned in levels)
    what = f"{speaking.name}: a voice over {LONG} turns, beyond the plan"
    return Figure(what, worst, "semitones", 2.0, "less")


def _kept(speaking: Speaking, dialogues: Sequence[Sequence[Said]]) -> Figure:
    """Words of directed lines that the engine is not made to say."""
    words = lost = 0
    for dialogue in islice(dialogues, DIALOGUES):
        talk = Talk(speaking.voices, speaking.engine.capabilities)
        for said in dialogue:
            direction = talk.say(said.speaker, said.text).direction
            words += len(said.text.split())
            lost += count_lost(speaking.engine, said.text, direction)
    what, note = f"{speaking.name}: words that are lost", f"of {words}"
    return Figure(what, lost, "words", 0, "less", note=note)


def _level(speaking: Speaking, turn: Directed) -> float | None:
    """Of a line whose pitch can be tracked also where the voice is left alone."""
    phrase, voice = _longest(turn), turn.direction.voice
    if hear(speaking.engine, plain(phrase), voice) is None:
        return None
    heard = hear(speaking.engine, phrase, voice)
    return heard.level if heard else None


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's, with the mean of their ranks for equal values."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Sequence[float]) -> "np.typing.NDArray[np.float64]":
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[place]
