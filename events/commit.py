"""Group commit: everything that arrives while one transaction is written goes into the next."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from events.envelope import Recorded
from events.log import LogUnavailable

Waiter = asyncio.Future[tuple[Recorded, ...]]


@dataclass(slots=True)
class _Pending:
    """An admitted append on its way to the disk, and those who wait for it."""

    events: tuple[Recorded, ...]
    waiters: list[Waiter] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        return self.events[0].conversation_id, self.events[0].command_id

    def join(self) -> Waiter:
        # A future for each: a caller who leaves must not take the others along.
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        return waiter

    def resolve(self) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(self.events)

    def refuse(self, why: str) -> None:
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(LogUnavailable(why))


class Commits:
    """One writer thread, and the queue before it.

    `write` stores events durably and `settle` tidies up in a quiet moment; both run in the thread.
    `committed` hears of durable events, on the loop, before their writers do. If either of the
    first two fails, nothing can be written here any more: `failure` says why, everybody who waits
    is told `LogUnavailable`, and the owner has to begin anew.
    """

    def __init__(
        self,
        *,
        write: Callable[[Sequence[Recorded]], None],
        settle: Callable[[], None],
        committed: Callable[[Sequence[Recorded]], None],
        quiet_s: float,
        max_batch: int = 4096,
        max_queued: int = 10_000,
    ) -> None:
        self.failure: str | None = None
        self._write, self._settle, self._committed = write, settle, committed
        self._quiet_s = quiet_s
        self._max_batch = max_batch
        self._max_queued = max_queued
        self._queue: deque[_Pending] = deque()
        self._pending: dict[tuple[str, str], _Pending] = {}
        self._newest: _Pending | None = None
        self._arrived = asyncio.Event()
        self._closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="log-writer")
        self._task = asyncio.get_running_loop().create_task(self._run())

    def check_room(self) -> None:
        """Ask this before admitting: what is admitted must be put.

        Raises:
            LogUnavailable: too many appends wait already, or writing has ended.
        """
        if self.failure is not None:
            raise LogUnavailable(self.failure)
        if self._closing:
            raise LogUnavailable("the log is closed")
        if len(self._queue) >= self._max_queued:
            raise LogUnavailable("too many appends wait to be written: ask again in a moment")

    def put(self, events: tuple[Recorded, ...]) -> Waiter:
        """Queue an admitted append."""
        pending = _Pending(events)
        self._queue.append(pending)
        self._pending[pending.key] = self._newest = pending
        self._arrived.set()
        return pending.join()

    def find(self, conversation_id: str, command_id: str) -> Waiter | None:
        """Join an append that is under way."""
        pending = self._pending.get((conversation_id, command_id))
        return None if pending is None else pending.join()

    async def drain(self) -> None:
        """Wait until everything queued so far is durable.

        Raises:
            LogUnavailable: it never will be.
        """
        if self.failure is not None:
            raise LogUnavailable(self.failure)
        if self._newest is not None:
            await self._newest.join()

    async def close(self) -> None:
        """Take no more, write what is queued, end the thread."""
        self._closing = True
        self._arrived.set()
        await asyncio.wait({self._task})
        await asyncio.to_thread(self._thread.shutdown)

    async def _run(self) -> None:
        try:
            while batch := await self._next():
                events = [event for pending in batch for event in pending.events]
                await self._in_thread(lambda events=events: self._write(events))  # type: ignore[misc]
                self._finish(batch, events)
            await self._in_thread(self._settle)
        except asyncio.CancelledError:
            self._fail("the log was closed while it was writing")
            raise
        except LogUnavailable as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  (whatever it was, those who wait must hear)
            self._fail(f"the log cannot be written: {error}")

    async def _next(self) -> list[_Pending]:
        """The next batch; empty when closing."""
        if not self._queue and not self._closing:
            await self._wait()
        self._arrived.clear()
        batch: list[_Pending] = []
        size = 0
        while self._queue and size < self._max_batch:
            batch.append(self._queue.popleft())
            size += len(batch[-1].events)
        return batch

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._quiet_s):
                await self._arrived.wait()
        except TimeoutError:
            await self._in_thread(self._settle)
            await self._arrived.wait()

    async def _in_thread(self, work: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _finish(self, batch: Sequence[_Pending], events: Sequence[Recorded]) -> None:
        self._committed(events)
        for pending in batch:
            del self._pending[pending.key]
            if pending is self._newest:
                self._newest = None
            pending.resolve()

    def _fail(self, why: str) -> None:
        self.failure = why
        for pending in self._pending.values():
            pending.refuse(why)
        self._pending.clear()
        self._queue.clear()
        self._newest = None
