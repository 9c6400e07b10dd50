"""From a thread that makes things to an event loop that passes them on."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import Executor
from threading import Semaphore
from typing import Generic, TypeVar

from actors.tasks import heard_of

MOST_WAITING = 64
"""Things that may wait on the way; whoever makes more waits too."""

T = TypeVar("T")


async def conveyed(things: Iterator[T], maker: Executor) -> AsyncGenerator[tuple[T, ...], None]:
    """What is made on a thread of `maker`; things that gather meanwhile come together.

    Who closes this takes no more; the thread hears of it when it has made the next.

    Raises:
        Exception: whatever making them raised, after all that was made before.
    """
    conveyor = _Conveyor[T]()
    making = asyncio.get_running_loop().run_in_executor(maker, conveyor.fill, things)
    making.add_done_callback(lambda _: conveyor.news.set())
    try:
        while not making.done() or conveyor.loaded:
            await conveyor.news.wait()
            if taken := conveyor.take():
                yield taken
        making.result()
    finally:
        conveyor.close()
        making.add_done_callback(heard_of)


class _Conveyor(Generic[T]):
    def __init__(self) -> None:
        self.news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._room = Semaphore(MOST_WAITING)
        self._load = deque[T]()
        self._told = False
        self._closed = False

    @property
    def loaded(self) -> bool:
        return bool(self._load)

    def fill(self, things: Iterator[T]) -> None:
        """On the thread that makes them."""
        for thing in things:
            self._room.acquire()
            if self._closed:
                return
            self._load.append(thing)
            if not self._told:  # a loop that is awake already looks once more
                self._told = True
                self._loop.call_soon_threadsafe(self.news.set)

    def take(self) -> tuple[T, ...]:
        self.news.clear()
        self._told = False  # before it looks, or what comes meanwhile would not be seen
        taken = tuple(self._load.popleft() for _ in range(len(self._load)))
        if taken:
            self._room.release(len(taken))
        return taken

    def close(self) -> None:
        self._closed = True
        self._room.release()
