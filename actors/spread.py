"""How values are spread, counted in buckets: what a watcher can add up over time and machines."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

SOON_S = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5),
    *(1.0, 2.0, 5.0, 10.0, 30.0),
)
"""Bounds in seconds, of what should take milliseconds and may take longer."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of all values that were told so far."""

    bounds: tuple[float, ...] = ()
    """Of the buckets, ascending; a value that equals a bound is below it."""
    counts: tuple[int, ...] = (0,)
    """Of values in each bucket; the last is of those above all bounds."""
    total: float = 0.0
    """The sum of the values."""

    @property
    def count(self) -> int:
        return sum(self.counts)

    def up_to(self) -> Iterator[tuple[float, int]]:
        """Each bound, and how many values are not above it."""
        return zip(self.bounds, accumulate(self.counts), strict=False)


NOTHING_YET = Spread()


class Tally:
    """Counts values as they come."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._total = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._total += value

    def spread(self) -> Spread:
        return Spread(self._bounds, tuple(self._counts), self._total)
