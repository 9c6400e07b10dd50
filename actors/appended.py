"""What a watcher sees of the log: how much was appended, how fast, and what it was."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.spread import NOTHING_YET, SOON_S, Spread, Tally
from events.envelope import Append

FORKED = "forked"


@dataclass(frozen=True, slots=True)
class ScribeStatus:
    """Sums since the scribe began."""

    appends: Spread = NOTHING_YET
    """Seconds from the arrival of an append until it was durable."""
    failed: int = 0
    """Appends that were refused or could not be written."""
    events: Mapping[str, int] = field(default_factory=dict)
    """What was recorded, by its stored name; not the past that a fork brings along."""


class Appended:
    """Keeps count of appends."""

    def __init__(self) -> None:
        self._took = Tally(SOON_S)
        self._failed = 0
        self._events: defaultdict[str, int] = defaultdict(int)

    def note(self, append: Append, took_s: float) -> None:
        """An append is durable."""
        self._took.add(took_s)
        types = [event.type for event in append.events]
        for type_ in (FORKED,) if FORKED in types else types:
            self._events[type_] += 1

    def fail(self) -> None:
        """An append was refused, or could not be written."""
        self._failed += 1

    def status(self) -> ScribeStatus:
        return ScribeStatus(self._took.spread(), self._failed, dict(self._events))
