"""How much is listened to at a time, and how much may wait for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from actors.refusals import Busy

T = TypeVar("T")


class Attention:
    """One thread, before which only so much work may wait; more is refused at once.

    Args:
        most_waiting: In whatever unit the work is weighed, seconds of sound say. Who comes when
            nothing waits is never refused.
    """

    def __init__(self, most_waiting: float) -> None:
        self._most_waiting = most_waiting
        self._waiting = 0.0
        self._thread = ThreadPoolExecutor(1)

    async def give(self, weight: float, work: Callable[[], T]) -> T:
        """What the work returned; what it raised is raised.

        Raises:
            Busy: too much waits already.
        """
        if self._waiting and self._waiting + weight > self._most_waiting:
            raise Busy(1)
        self._waiting += weight
        doing = asyncio.get_running_loop().run_in_executor(self._thread, work)
        # Work that nobody waits for any more still has its turn, unless it has not begun.
        doing.add_done_callback(lambda _: self._done(weight))
        return await doing

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _done(self, weight: float) -> None:
        self._waiting -= weight
