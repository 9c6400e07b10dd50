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
