"""The newest events, kept for those who follow the log."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import islice
from operator import attrgetter
from typing import Protocol

from events.envelope import Recorded

_PAGE = 1000


class Tail:
    """The last durable events, and a bell that rings when there are more.

    All followers share it and keep nothing but their position, so that a slow follower costs no
    memory: what has fallen out of here is read again from storage.

    Args:
        last: The number of the last event there is.
        capacity: Events that are kept.
        number: What counts the events without a gap: in the whole log, their positions.
    """

    def __init__(
        self,
        last: int = 0,
        *,
        capacity: int = 2048,
        number: Callable[[Recorded], int] = attrgetter("position"),
    ) -> None:
        self.last = last
        self._number = number
        self._events: deque[Recorded] = deque(maxlen=capacity)
        self._moved = asyncio.Event()
        self._closed = False

    def extend(self, events: Sequence[Recorded]) -> None:
        """Show durable events, in the order of their numbers."""
        if events:
            if self._number(events[0]) != self.last + 1:
                self._events.clear()
            self._events.extend(events)
            self.last = self._number(events[-1])
            self._ring()

    def restart(self, last: int) -> None:
        """Begin again at the end of a log that was opened anew."""
        self._events.clear()
        self.last = last
        self._ring()

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Let the followers go."""
        self._closed = True
        self._ring()

    def after(self, number: int, limit: int) -> Sequence[Recorded] | None:
        """The first events above `number`; None if some of them are only in storage."""
        missing = self.last - number
        if missing <= 0:
            return ()
        if missing > len(self._events):
            return None
        first = len(self._events) - missing
        return tuple(islice(self._events, first, first + limit))

    async def beyond(self, number: int) -> bool:
        """Wait for an event above `number`; False if the log was closed."""
        while self.last <= number and not self._closed:
            await self._moved.wait()
        return not self._closed

    def _ring(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()


class ReadAll(Protocol):
    """What following needs of a log: its durable events, oldest first."""

    async def __call__(self, *, after: int, limit: int) -> Sequence[Recorded]: ...


async def follow(tail: Tail, read_all: ReadAll, after: int) -> AsyncIterator[Recorded]:
    """Every event above a position, for as long as the log is open; nothing missed or twice."""
    position = after
    while await tail.beyond(position):
        for event in await _above(position, tail, read_all, _PAGE):
            yield event
            position = event.position


async def news(tail: Tail, read_all: ReadAll, after: int, limit: int) -> Sequence[Recorded]:
    """The first events above a position, once there is one; none if the log was closed."""
    return await _above(after, tail, read_all, limit) if await tail.beyond(after) else ()


async def _above(position: int, tail: Tail, read_all: ReadAll, limit: int) -> Sequence[Recorded]:
    events = tail.after(position, limit)
    return await read_all(after=position, limit=limit) if events is None else events
