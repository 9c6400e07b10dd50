"""What a benchmark reports, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from statistics import quantiles


class Skipped(Exception):
    """A suite cannot run here; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    measured: float
    unit: str
    bar: float
    better: str
    """`less` or `more`."""
    bare: float | None = None
    """The bare thing, measured in the same run, in the same unit unless `note` says otherwise."""
    note: str = ""

    @property
    def met(self) -> bool:
        return self.measured <= self.bar if self.better == "less" else self.measured >= self.bar


def percentile(values: Sequence[float], p: int) -> float:
    """The p-th percentile, by linear interpolation."""
    return quantiles(values, n=100, method="inclusive")[p - 1]


def measure(suite: str) -> list[Figure]:
    """Run one suite, in whatever process this is."""
    figures: list[Figure] = import_module(f"tests.benchmarks.bench_{suite}").run()
    return figures
