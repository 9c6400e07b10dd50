"""The pool: lends out places at workers, most urgent first, and says so when it is full."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from actors.refusals import Busy
from actors.synthesis.schedule import DeadlineQueue, QueueFull


@dataclass(frozen=True, slots=True)
class Lease:
    """A place at a worker, for one phrase."""

    lease_id: int
    worker: int


@dataclass(frozen=True, slots=True)
class PoolStatus:
    workers: int
    busy: int
    waiting: int
    served: int
    refused: int


class SynthesisPool:
    """Places at workers; a worker may have several.

    Args:
        places: The worker of each place.
        max_waiting: Phrases that may wait; more are refused.
        lease_s: After so long a lease is taken back: whoever held it is gone.
        clock: Seconds, from any origin.
        on_expiry: Called with each lease that is taken back, to stop what it still does.
    """

    def __init__(
        self,
        places: Iterable[int],
        *,
        max_waiting: int,
        lease_s: float,
        clock: Callable[[], float],
        on_expiry: Callable[[Lease], None],
    ) -> None:
        self._free = deque(places)
        self._places = len(self._free)
        self._queue = DeadlineQueue(max_waiting)
        self._leases: dict[int, tuple[Lease, float]] = {}
        self._dead: set[int] = set()
        self._lease_s = lease_s
        self._clock = clock
        self._on_expiry = on_expiry
        self._recent_s: deque[float] = deque([0.05], maxlen=32)
        self._count = self._refused = 0

    async def lease(self, deadline_in_s: float, patience_s: float) -> Lease:
        """A place, as soon as the turn of this phrase has come.

        Args:
            deadline_in_s: Seconds until the listener would run out of sound.
            patience_s: Seconds after which the caller would rather be refused.

        Raises:
            Busy: too many wait, or patience ran out.
        """
        waiter: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
        try:
            self._queue.push(waiter, self._clock() + deadline_in_s)
        except QueueFull:
            raise self._busy() from None
        self._serve()
        try:
            async with asyncio.timeout(patience_s):
                return await waiter
        except TimeoutError:
            if waiter.done() and not waiter.cancelled():  # served at the last moment
                return waiter.result()
            raise self._busy() from None
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():  # served, but nobody is there any more
                self.release(waiter.result().lease_id)
            raise
        finally:
            self._queue.withdraw(waiter)

    def release(self, lease_id: int, *, died: bool = False) -> None:
        """Give a place back. Does nothing if the lease had been taken back."""
        lease, since = self._leases.pop(lease_id, (None, 0.0))
        if lease is None:
            return
        self._recent_s.append(self._clock() - since)
        if died:
            self._dead.add(lease.worker)
        self._return(lease.worker)

    def revived(self, worker: int) -> None:
        """The worker answers again: its places may be lent."""
        self._dead.discard(worker)
        self._serve()

    def dead(self) -> frozenset[int]:
        """Workers that were reported dead and have not been revived."""
        return frozenset(self._dead)

    def held(self, for_s: float) -> tuple[Lease, ...]:
        """Leases that were lent so long ago: whoever had them may have died."""
        now = self._clock()
        return tuple(lease for lease, since in self._leases.values() if now - since >= for_s)

    def expire(self) -> None:
        """Take back the leases that nobody gave back in time."""
        now = self._clock()
        for lease, since in list(self._leases.values()):
            if now - since > self._lease_s:
                self._on_expiry(lease)
                self.release(lease.lease_id)

    def status(self) -> PoolStatus:
        busy = len(self._leases)
        return PoolStatus(self._places, busy, len(self._queue), self._count, self._refused)

    def _lend(self, worker: int) -> Lease:
        self._count += 1
        lease = Lease(self._count, worker)
        self._leases[lease.lease_id] = (lease, self._clock())
        return lease

    def _return(self, worker: int) -> None:
        self._free.append(worker)
        self._serve()

    def _serve(self) -> None:
        for _ in range(len(self._free)):
            worker = self._free.popleft()
            waiter = None if worker in self._dead else self._next_waiter()
            if waiter is None:
                self._free.append(worker)
            else:
                waiter.set_result(self._lend(worker))

    def _next_waiter(self) -> asyncio.Future[Lease] | None:
        while isinstance(waiter := self._queue.pop(), asyncio.Future):
            if not waiter.done():
                return waiter
        return None

    def _busy(self) -> Busy:
        self._refused += 1
        typical = sum(self._recent_s) / len(self._recent_s)
        wait = typical * (len(self._queue) + 1) / max(1, self._places)
        return Busy(max(1, math.ceil(wait)))
