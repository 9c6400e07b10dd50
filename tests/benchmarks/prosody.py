"""How well a voice does what a direction asks, measured in its sound."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import median

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import SAMPLE_RATE
from actors.engines.words import Span
from events.direction import Phrase, WordProsody
from tests.fixtures.listening import Melody, track_f0

FINAL_S = 0.25
PAUSE_S = 0.15

ENOUGH = 10
"""Values of a melody, 160 ms; what has fewer in common says nothing of either."""


@dataclass(frozen=True, slots=True)
class Speech:
    samples: NDArray[np.float32]
    words: Sequence[Span | None]


Track = NDArray[np.float64]
Say = Callable[[Phrase], Speech]
Hear = Callable[[NDArray[np.float32]], Melody]


@dataclass(frozen=True, slots=True)
class Obedience:
    """Medians over all phrases with enough voice to tell, except the share."""

    level_percent: float
    """Between the F0 that was asked and that which was heard."""
    range_percent: float
    """Between the ranges of F0, on the scale of semitones."""
    final_percent: float
    """Between the final movements, as a ratio of frequencies."""
    slope_signs: float
    """Share of phrases that rose where a rise was asked, and fell where a fall was."""
    word_edges_ms: float
    """Between word times and the edges of the sound around pauses."""
    judged: int
    """Measurements of level, range and final movement, of three for each phrase."""


def measure_prosody(
    say: Say, texts: Sequence[str], seed: int = 0, hear: Hear = track_f0
) -> Obedience:
    """Ask something else of each text, and compare with what is heard."""
    random = Random(seed)  # noqa: S311
    levels: list[float] = []
    ranges: list[float] = []
    finals: list[tuple[float, float]] = []
    edges: list[float] = []
    for text in texts:
        own = _melody(say, hear, Phrase(text=text))
        levels += _level(own, say, hear, text, random.uniform(-4, 4))
        ranges += _range(own, say, hear, text, random.uniform(0.6, 1.6))
        finals += _final(say, hear, text, random.choice((-1, 1)) * random.uniform(2, 8))
        edges += _word_edges(say, text)
    return Obedience(
        median(levels),
        median(ranges),
        median(_percent(heard - asked) for asked, heard in finals),
        sum(heard * asked > 0 for asked, heard in finals) / len(finals),
        median(edges),
        len(levels) + len(ranges) + len(finals),
    )


def _level(own: Track, say: Say, hear: Hear, text: str, pitch: float) -> Iterator[float]:
    """With no other durations asked, both tellings are in step."""
    higher = _melody(say, hear, Phrase(text=text, pitch=pitch))
    both = np.isfinite(own + higher)
    if both.sum() >= ENOUGH:
        yield _percent(float(np.mean((higher - own)[both])) - pitch)


def _range(own: Track, say: Say, hear: Hear, text: str, asked: float) -> Iterator[float]:
    wider = _melody(say, hear, Phrase(text=text, pitch_range=asked))
    both = np.isfinite(own + wider)
    if both.sum() >= ENOUGH:
        yield 100 * abs(float(np.std(wider[both]) / np.std(own[both])) / asked - 1)


def _final(say: Say, hear: Hear, text: str, asked: float) -> Iterator[tuple[float, float]]:
    """Semitones over the last voiced 250 ms: asked, and heard as the slope of a line."""
    seconds, semitones = _in_words(say, hear, Phrase(text=text, final=asked))
    voiced = np.isfinite(semitones)
    late = voiced & (seconds >= seconds[voiced].max(initial=0) - FINAL_S)
    if late.sum() >= ENOUGH:
        yield asked, FINAL_S * float(np.polyfit(seconds[late], semitones[late], 1)[0])


def _word_edges(say: Say, text: str) -> Iterator[float]:
    """Milliseconds between where words end and begin around pauses, and where the sound does."""
    count = len(text.split())
    pauses = (WordProsody(index=index, pause_after_s=PAUSE_S) for index in range(count - 1))
    speech = say(Phrase(text=text, words=tuple(pauses)))
    spans = [span for span in speech.words if span]
    silences = _silences(speech.samples)
    for before, after in pairwise(spans):
        around = [each for each in silences if each[0] < after[0] and each[1] > before[1]]
        for begin, end in around[:1]:
            yield 1000 * float(abs(begin - before[1]))
            yield 1000 * float(abs(end - after[0]))


def _silences(samples: NDArray[np.float32]) -> list[Span]:
    """Stretches of at least 100 ms, 50 dB below the loudest."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 10 ** (-50 / 20))
    gaps = np.flatnonzero(np.diff(loud) > SAMPLE_RATE // 10)
    return [(loud[at] / SAMPLE_RATE, loud[at + 1] / SAMPLE_RATE) for at in gaps]


def _melody(say: Say, hear: Hear, phrase: Phrase) -> Track:
    return _in_words(say, hear, phrase)[1]


def _in_words(say: Say, hear: Hear, phrase: Phrase) -> tuple[Track, Track]:
    """Seconds and semitones from the first word to the last."""
    speech = say(phrase)
    seconds, hertz = hear(speech.samples)
    spans = [span for span in speech.words if span]
    within = (seconds >= spans[0][0]) & (seconds <= spans[-1][1])
    return seconds[within], 12 * np.log2(hertz[within])


def _percent(semitones: float) -> float:
    """How far two frequencies are apart that are so many semitones apart."""
    return float(100 * abs(2 ** (semitones / 12) - 1))
