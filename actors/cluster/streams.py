"""Answers of many items, on a connection that others share: none comes faster than it is taken."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

Items = AsyncGenerator[object, None]

MOST_AHEAD = 8
"""Items that may be on the way to whoever asked, and not taken yet."""
GOES_ON = None
"""In an answer, where others say whether the call succeeded."""
TAKEN = None
"""In a message to whoever answers, where others name a method."""
NOTHING_MORE = 0
"""Items taken, in the words of a taker who leaves."""


class Giver:
    """The side that answers.

    Args:
        items: What is given; closed in any case.
        give: Sends an item.
    """

    def __init__(self, items: Items, give: Callable[[object], None]) -> None:
        self._items = items
        self._give = give
        self._room = MOST_AHEAD
        self._taken = asyncio.Event()

    def taken(self, count: int) -> None:
        self._room += count
        self._taken.set()

    async def give(self) -> None:
        """Give everything. Raises what making it raised."""
        async with aclosing(self._items) as items:
            async for item in items:
                while not self._room:
                    self._taken.clear()
                    await self._taken.wait()
                self._room -= 1
                self._give(item)


class Taker:
    """The side that asked.

    Args:
        tell: Says how many more items were taken, or `NOTHING_MORE`.
    """

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._items: deque[object] = deque()
        self._untold = 0
        self._over = False
        self._failure: Exception | None = None
        self._news = asyncio.Event()

    def came(self, item: object) -> None:
        self._items.append(item)
        self._news.set()

    def end(self, failure: Exception | None = None) -> None:
        """Nothing more will come, or that instead of it."""
        self._over, self._failure = True, self._failure or failure
        self._news.set()

    async def next(self) -> object:
        """The next item.

        Raises:
            StopAsyncIteration: that was all.
            Exception: it ended badly, after all that came before.
        """
        while not self._items:
            if self._failure is not None:
                raise self._failure
            if self._over:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        self._count()
        return self._items.popleft()

    def leave(self) -> None:
        """Take no more."""
        if not self._over:
            self.end()
            self._tell(NOTHING_MORE)

    def _count(self) -> None:
        self._untold += 1
        if self._untold >= MOST_AHEAD // 2 and not self._over:
            self._tell(self._untold)
            self._untold = 0
