"""Sound in windows: where each begins and ends, and what around it has to be computed too.

Positions are in half frames of 300 samples, 12.5 ms: what F0 and the generator's features count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from actors.engines.base import SAMPLE_RATE
from actors.engines.kokoro_graph.rungs import HALF_FRAME

GENERATOR_CONTEXT = 10
"""Half frames to either side that a sample of the generator depends on."""

PRE_CONTEXT = 10
"""Whole frames to either side that the features of a frame depend on."""

SOURCE_CONTEXT = 2
"""Half frames after its end that the excitation depends on; before it, on all that was."""

AWAITED_S = 0.85
"""From the first sound on, for which a listener waits: two windows, and a rest that joined them."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long windows are: the first is short for an early sound, the later ones waste less.

    While a window is heard the next one is made, with its context: it may only be so much longer
    as the machine is faster than speech.
    """

    first_s: float = 0.26
    growth: float = 1.3
    longest_s: float = 3.2
    """Bounds the memory, and how much is in vain when a listener interrupts."""
    begin: int = 0
    """The first half frame that is wanted: of the silence before it, no window is made."""
    end: int | None = None
    """The first that is not wanted any more; None if all are."""

    @classmethod
    def after(cls, sound_s: float, begin: int = 0, end: int | None = None) -> Self:
        """For a phrase that so much sound of its turn comes before.

        Speech is made nearly twice as fast as it is heard, so almost half of that sound is still to
        be heard when the phrase is begun, and its first window may take as long. It depends on
        nothing else, lest a turn that is made again differ in its last bits.
        """
        usual = cls()
        first_s = min(max(usual.first_s, sound_s / 2), usual.longest_s)
        return cls(first_s=first_s, begin=begin, end=end)

    @property
    def samples(self) -> slice:
        """Those that are wanted."""
        end = None if self.end is None else self.end * HALF_FRAME
        return slice(self.begin * HALF_FRAME, end)

    def windows(self, frames: int) -> Iterator["Window"]:
        """Windows that follow each other and together make what is wanted of so many frames."""
        start, length = self.begin, self.first_s
        end = 2 * frames if self.end is None else min(self.end, 2 * frames)
        while start < end:
            stop = min(end, start + max(1, round(length * SAMPLE_RATE / HALF_FRAME)))
            # A rest shorter than its own context is cheaper together with what is before it.
            stop = end if end - stop < 2 * GENERATOR_CONTEXT else stop
            yield Window(start, stop, frames, self.begin)
            start, length = stop, min(length * self.growth, self.longest_s)


@dataclass(frozen=True, slots=True)
class Window:
    start: int
    stop: int
    frames: int
    """Of the whole sentence, where no context is needed beyond."""
    begin: int = 0
    """Where the first window starts."""

    @property
    def awaited(self) -> bool:
        """Little or nothing is there to be heard before it, and it is short enough to come soon."""
        return (self.stop - self.begin) * HALF_FRAME <= AWAITED_S * SAMPLE_RATE

    @property
    def features(self) -> slice:
        """What the generator takes, in half frames of the sentence."""
        first = max(0, self.start - GENERATOR_CONTEXT)
        return slice(first, min(2 * self.frames, self.stop + GENERATOR_CONTEXT))

    @property
    def spoken(self) -> slice:
        """What the features are made from, in whole frames of the sentence."""
        needed = self.features
        first = max(0, needed.start // 2 - PRE_CONTEXT)
        return slice(first, min(self.frames, -(-needed.stop // 2) + PRE_CONTEXT))

    @property
    def within_spoken(self) -> slice:
        """The features among those made from `spoken`."""
        return _moved(self.features, 2 * self.spoken.start)

    @property
    def within_samples(self) -> slice:
        """The window among the samples made from `features`."""
        mine = _moved(slice(self.start, self.stop), self.features.start)
        return slice(mine.start * HALF_FRAME, mine.stop * HALF_FRAME)


def _moved(positions: slice, origin: int) -> slice:
    return slice(positions.start - origin, positions.stop - origin)
