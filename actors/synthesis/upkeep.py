"""What keeps a pool whole while workers, and those they speak for, come and go."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from actors.synthesis.pool import SynthesisPool
from actors.synthesis.stage import WorkerDied


class WorkerControl(Protocol):
    """A worker, seen from the pool. Every method may raise `WorkerDied`."""

    async def ready(self) -> None:
        """Return once it can speak."""
        ...

    async def speaking(self) -> frozenset[int]:
        """The leases of the phrases that it is speaking."""
        ...


async def tend(pool: SynthesisPool, workers: Sequence[WorkerControl], after_s: float) -> None:
    """Take back what nobody will give back, and lend again the workers that are back.

    Who died cannot give back: the place of a lease that was lent longer than `after_s` ago, and for
    which its worker does not speak, is free.
    """
    pool.expire()
    for worker in pool.dead():
        with suppress(WorkerDied):
            await workers[worker].ready()
            pool.revived(worker)
    for lease in pool.held(after_s):
        with suppress(WorkerDied):
            if lease.lease_id not in await workers[lease.worker].speaking():
                pool.release(lease.lease_id)
