"""The newest events, kept for those who follow the log."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from typing import Protocol

from events.envelope import Recorded

_PAGE = 1000


class Tail:
    """The last durable events, and a bell that rings when there are more.

    All followers share it and keep nothing but their position, so that a slow follower costs no
    memory: what has fallen out of here is read again from storage.
    """

    def __init__(self, last: int = 0, *, capacity: int = 2048) -> None:
        self.last = last
        self._events: deque[Recorded] = deque(maxlen=capacity)
        self._moved = asyncio.Event()
        self._closed = False

    def extend(self, events: Sequence[Recorded]) -> None:
        """Show durable events, in the order of their positions."""
        if events:
            self._events.extend(events)
            self.last = events[-1].position
            self._ring()

    def restart(self, last: int) -> None:
        """Begin again at the end of a log that was opened anew."""
        self._events.clear()
        self.last = last
        self._ring()

    def close(self) -> None:
        """Let the followers go."""
        self._closed = True
        self._ring()

    def after(self, position: int) -> Sequence[Recorded] | None:
        """Events above `position`; None if some of them are only in storage."""
        missing = self.last - position
        if missing <= 0:
            return ()
        if missing > len(self._events):
            return None
        return tuple(islice(self._events, len(self._events) - missing, None))

    async def beyond(self, position: int) -> bool:
        """Wait for an event above `position`; False if the log was closed."""
        while self.last <= position and not self._closed:
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
        events = tail.after(position)
        if events is None:
            events = await read_all(after=position, limit=_PAGE)
        for event in events:
            yield event
            position = event.position
