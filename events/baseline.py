"""How a participant usually sounds: what a turn of theirs is measured against."""

from math import log2, sqrt
from typing import NamedTuple

from events.readings import Features

REMEMBERED = 30
"""Turns; of more, each counts as if it were one of so many, and the older fade."""


class Habit(NamedTuple):
    """Running mean and variance of one figure, by Welford's method."""

    turns: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def after(self, value: float | None) -> "Habit":
        """With one turn more; None leaves it as it is."""
        if value is None:
            return self
        turns = min(self.turns + 1, REMEMBERED)
        apart = value - self.mean
        mean = self.mean + apart / turns
        variance = self.variance + (apart * (value - mean) - self.variance) / turns
        return Habit(turns, mean, variance)

    @property
    def deviation(self) -> float:
        return sqrt(self.variance)


class Baseline(NamedTuple):
    """Of one participant, over the turns whose sound was measured."""

    pitch: Habit = Habit()
    """Median F0, in semitones above 1 Hz."""
    pitch_range: Habit = Habit()
    """In semitones."""
    loudness: Habit = Habit()
    """In LUFS."""
    rate: Habit = Habit()
    """In syllables a second."""

    def after(self, heard: Features) -> "Baseline":
        """With one turn more."""
        return Baseline(
            self.pitch.after(semitones(heard)),
            self.pitch_range.after(heard.f0_range_st),
            self.loudness.after(heard.loudness_lufs),
            self.rate.after(heard.rate_syll_s),
        )


def semitones(heard: Features) -> float | None:
    """Median F0, in semitones above 1 Hz."""
    return 12 * log2(heard.f0_median_hz) if heard.f0_median_hz else None
