"""What keeps a pool whole, and as large as the load wants, whoever comes and goes."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from actors.synthesis.pool import SynthesisPool
from actors.synthesis.sizing import Quiet, Sizing, wanted
from actors.synthesis.stage import WorkerDied, WorkerSilent
from actors.synthesis.workplaces import Lease

HANG_FACTOR = 4.0
"""So many times what a phrase should take in all, for one piece of it, is too long."""
HANG_S = 5.0
"""No piece is overdue before."""


class WorkerControl(Protocol):
    """A worker, seen from the pool. Who asks it may find it gone, or silent: `WorkerDied`."""

    async def ready(self) -> None:
        """Return once it can speak."""
        ...

    async def speaking(self) -> Mapping[int, float]:
        """The leases of the phrases that it has open; for how long each has made its next piece."""
        ...

    def restart(self) -> None:
        """End it, whatever it does, and have it begin anew."""
        ...

    def end(self) -> None:
        """End it for good."""
        ...


def overdue_s(lease: Lease) -> float:
    """After how long without coming on a worker hangs, for all that can be expected of it."""
    return max(HANG_S, HANG_FACTOR * lease.work_s)


async def tend(pool: SynthesisPool, workers: Mapping[int, WorkerControl], after_s: float) -> None:
    """Take back what nobody will give back, and lend again the workers that are back.

    Who died cannot give back: the place of a lease that was lent longer than `after_s` ago, and for
    which its worker does not speak, is free. Who hangs will not come back by itself: a worker that
    makes one piece of sound for far longer than expected begins anew, and so does one that did not
    even answer when there was an answer to expect. Its phrases are taken up by others.
    """
    pool.expire()
    begun_anew = set[int]()
    for lease in pool.held(after_s):
        if lease.worker in pool.dead() | begun_anew:
            continue
        try:
            speaking = await workers[lease.worker].speaking()
        except WorkerSilent:
            begun_anew.add(lease.worker)
            continue
        except WorkerDied:
            pool.died(lease.worker)
            continue
        if lease.lease_id not in speaking:
            pool.release(lease.lease_id)
        elif speaking[lease.lease_id] > overdue_s(lease):
            begun_anew.add(lease.worker)
    for worker in begun_anew:
        pool.hung(worker)
        workers[worker].restart()
    back = pool.dead() - begun_anew  # who begins anew might still answer as it was
    await asyncio.gather(*(_revive(pool, workers, worker) for worker in back))


async def _revive(pool: SynthesisPool, workers: Mapping[int, WorkerControl], worker: int) -> None:
    with suppress(WorkerDied):
        await workers[worker].ready()
        pool.revived(worker)


class Crew:
    """The workers of a pool, as many as the load wants.

    Args:
        pool: That lends their places, and has none yet.
        sizing: Between what bounds.
        hire: Starts a worker, of a number that no other has or had.
        clock: Seconds, from any origin.
    """

    def __init__(
        self,
        pool: SynthesisPool,
        sizing: Sizing,
        hire: Callable[[int], WorkerControl],
        clock: Callable[[], float],
    ) -> None:
        self.workers: dict[int, WorkerControl] = {}
        self._pool = pool
        self._sizing = sizing
        self._hire = hire
        self._clock = clock
        self._quiet = Quiet()
        self._count = 0
        while len(self.workers) < sizing.least:
            self._add()

    def resize(self) -> None:
        """Have one come or go, if the load wants it; who comes is lent as soon as it is ready."""
        number, load = len(self.workers), self._pool.status().load
        most, self._quiet = wanted(self._sizing, number, load, self._quiet, self._clock())
        if most > number:
            self._add()
        elif most < number and (idle := self._pool.retire()) is not None:
            self.workers.pop(idle).end()

    def _add(self) -> None:
        self.workers[self._count] = self._hire(self._count)
        self._pool.add(self._count, self._sizing.places)
        self._count += 1
