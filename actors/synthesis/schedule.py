"""Who is served next: the phrase whose listener would run out of sound first.

Pure: it knows no clock; times are seconds on whatever clock the caller uses.
"""

import heapq
from collections.abc import Hashable
from dataclasses import dataclass, field


class QueueFull(Exception):
    """As many wait as may."""


@dataclass(order=True, slots=True)
class _Waiting:
    deadline: float
    arrival: int
    ticket: Hashable = field(compare=False)


class DeadlineQueue:
    """A bounded queue, earliest deadline first; among equals, first come, first served."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._heap: list[_Waiting] = []
        self._live: dict[Hashable, int] = {}  # to its latest arrival
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._live)

    def push(self, ticket: Hashable, deadline: float) -> None:
        """Let a ticket wait.

        Raises:
            QueueFull: there is no room; the ticket does not wait.
        """
        if len(self._live) >= self._capacity:
            raise QueueFull
        self._arrivals += 1
        self._live[ticket] = self._arrivals
        heapq.heappush(self._heap, _Waiting(deadline, self._arrivals, ticket))

    def pop(self) -> Hashable | None:
        """The most urgent ticket, which waits no longer; None if nobody waits."""
        while self._heap:
            waiting = heapq.heappop(self._heap)
            if self._live.get(waiting.ticket) == waiting.arrival:
                del self._live[waiting.ticket]
                return waiting.ticket
        return None

    def withdraw(self, ticket: Hashable) -> None:
        """Forget a ticket; does nothing if it does not wait."""
        self._live.pop(ticket, None)


START_EVERY_S = 0.1
"""At which a flow may begin phrases without falling behind others who begin some."""


class FairStarts:
    """Deadlines of first phrases, such that many of one flow do not go before one of another.

    A virtual clock for each flow (Zhang, 1990): who begins one phrase keeps the deadline that it
    asks for; of many at a time, each is due a little after the one before.
    """

    def __init__(self) -> None:
        self._clocks: dict[Hashable, float] = {}

    def due(self, flow: Hashable, due: float, now: float) -> float:
        """When a first phrase of a flow is due that would like to be at another time."""
        self._clocks = {each: at for each, at in self._clocks.items() if at > now}
        fair = max(due, self._clocks.get(flow, 0.0))
        self._clocks[flow] = fair + START_EVERY_S
        return fair
