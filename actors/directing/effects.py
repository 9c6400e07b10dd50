"""What a rule does to a line, as numbers that add up."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add, mul
from typing import Any, Literal

Dimension = Literal["pitch", "range", "rate", "loudness", "pauses"]

RATIOS: tuple[Dimension, ...] = ("range", "rate", "pauses")
DIFFERENCES: tuple[Dimension, ...] = ("pitch", "loudness")
DIMENSIONS = DIFFERENCES + RATIOS


@dataclass(frozen=True, slots=True)
class Tone:
    """How all of a line is spoken, beside how its voice speaks by itself."""

    pitch: float = 0.0
    """Semitones above the voice's own level."""
    range: float = 1.0
    """Times the voice's own movement of F0."""
    rate: float = 1.0
    """Times the voice's own rate."""
    loudness: float = 0.0
    """Decibels above the voice's own level."""
    pauses: float = 1.0
    """Times the usual silence between phrases."""

    def __add__(self, other: "Tone") -> "Tone":
        return self._with(other, add, mul)

    def __sub__(self, other: "Tone") -> "Tone":
        return self + other * -1

    def __mul__(self, share: float) -> "Tone":
        """So much of it: half of twice as wide is 1.41 times as wide."""
        differences = {name: getattr(self, name) * share for name in DIFFERENCES}
        return Tone(**differences, **{name: getattr(self, name) ** share for name in RATIOS})

    def within(self, low: "Tone", high: "Tone") -> "Tone":
        """The nearest of which no part is below `low` or above `high`."""
        return self._with(low, max, max)._with(high, min, min)

    def _with(
        self,
        other: "Tone",
        differences: Callable[[float, float], float],
        ratios: Callable[[float, float], float],
    ) -> "Tone":
        # By name, and not one by one, so that a new dimension cannot be forgotten here.
        joined = {n: differences(getattr(self, n), getattr(other, n)) for n in DIFFERENCES}
        joined |= {n: ratios(getattr(self, n), getattr(other, n)) for n in RATIOS}
        return Tone(**joined)


NEUTRAL = Tone()


@dataclass(frozen=True, slots=True)
class Stress:
    """What happens to one word."""

    emphasis: float = 0.0
    """From -1, said in passing, to 1, as strong as it gets."""
    pitch: float = 0.0
    """Semitones above the contour."""

    def __add__(self, other: "Stress") -> "Stress":
        return Stress(self.emphasis + other.emphasis, self.pitch + other.pitch)

    def __mul__(self, share: float) -> "Stress":
        return Stress(self.emphasis * share, self.pitch * share)


@dataclass(frozen=True, slots=True)
class Effect:
    """All that a rule can do to a line; none by default."""

    tone: Tone = NEUTRAL
    finals: Mapping[int, float] = field(default_factory=dict)
    """By phrase, from 0: semitones over the last voiced 250 ms."""
    words: Mapping[int, Stress] = field(default_factory=dict)
    """By place in the line, from 0."""

    def __add__(self, other: "Effect") -> "Effect":
        return Effect(
            self.tone + other.tone,
            _joined(self.finals, other.finals),
            _joined(self.words, other.words),
        )

    def __sub__(self, other: "Effect") -> "Effect":
        """What is left, without the phrases and words where nothing is."""
        left = self + other * -1
        finals = {at: value for at, value in left.finals.items() if value}
        words = {at: stress for at, stress in left.words.items() if stress != Stress()}
        return replace(left, finals=finals, words=words)

    def __mul__(self, share: float) -> "Effect":
        return Effect(
            self.tone * share,
            {at: value * share for at, value in self.finals.items()},
            {at: stress * share for at, stress in self.words.items()},
        )


NOTHING = Effect()


def total(effects: Iterable[Effect]) -> Effect:
    return reduce(add, effects, NOTHING)


def _joined(one: Mapping[int, Any], other: Mapping[int, Any]) -> dict[int, Any]:
    both = {at: one[at] + other[at] for at in one.keys() & other.keys()}
    return dict(sorted({**one, **other, **both}.items()))
