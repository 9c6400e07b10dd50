"""How many workers there should be. Pure: what is seen goes in, what is wanted comes out."""

from dataclasses import dataclass

GROW_ABOVE = 0.85
"""Of the places that there are: with more claimed, another worker comes."""
SHRINK_BELOW = 0.6
"""Of the places that would be left: only with less claimed, a worker goes. Between the two nothing
is changed, or a load that stands still would have workers come and go."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """Between a least and a most.

    Args:
        least, most: Workers.
        places: Of each worker.
        quiet_s: How long there must have been too many before one goes.
    """

    least: int
    most: int
    places: int
    quiet_s: float


@dataclass(frozen=True, slots=True)
class Quiet:
    """What is remembered from one look to the next."""

    since: float | None = None
    """When there began to be too many workers."""


def wanted(
    sizing: Sizing, workers: int, load: float, quiet: Quiet, now: float
) -> tuple[int, Quiet]:
    """How many workers there should be, and what to remember until the next look.

    Args:
        sizing: Within what bounds.
        workers: That there are, or that are coming.
        load: Places that are claimed.
        quiet: What was remembered at the last look.
        now: Seconds, from any origin.
    """
    if workers < sizing.least:
        return sizing.least, Quiet()
    if workers < sizing.most and load > GROW_ABOVE * workers * sizing.places:
        return workers + 1, Quiet()
    if workers == sizing.least or load > SHRINK_BELOW * (workers - 1) * sizing.places:
        return workers, Quiet()
    since = now if quiet.since is None else quiet.since
    if now - since < sizing.quiet_s:
        return workers, Quiet(since)
    return workers - 1, Quiet(now)
