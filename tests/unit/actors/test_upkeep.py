"""A pool whose workers, and whose borrowers, die."""

import asyncio

import pytest

from actors.synthesis.pool import Lease, SynthesisPool
from actors.synthesis.stage import WorkerDied
from actors.synthesis.upkeep import tend
from tests.fakes.clock import Clock

AFTER_S = 2.0


class Worker:
    def __init__(self) -> None:
        self.dead = False
        self.leases = frozenset[int]()

    async def ready(self) -> None:
        self._alive()

    async def speaking(self) -> frozenset[int]:
        self._alive()
        return self.leases

    def _alive(self) -> None:
        if self.dead:
            raise WorkerDied


class Scene:
    """Two workers with a place each."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.workers = [Worker(), Worker()]
        self.stopped: list[Lease] = []
        self.pool = SynthesisPool(
            range(2),
            max_waiting=4,
            lease_s=120.0,
            clock=self.clock,
            on_expiry=self.stopped.append,
        )

    async def lent(self) -> Lease:
        lease = await self.pool.lease(0.2, 1.0)
        self.workers[lease.worker].leases = frozenset({lease.lease_id})
        return lease

    async def tend(self) -> None:
        await tend(self.pool, self.workers, AFTER_S)

    @property
    def busy(self) -> int:
        return self.pool.status().busy


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_the_place_of_a_borrower_who_died_is_free_again(scene: Scene) -> None:
    lease = await scene.lent()
    scene.workers[lease.worker].leases = frozenset()
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.busy == 0


async def test_a_place_that_is_spoken_for_stays_lent(scene: Scene) -> None:
    await scene.lent()
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.busy == 1


async def test_a_borrower_has_time_to_begin(scene: Scene) -> None:
    lease = await scene.lent()
    scene.workers[lease.worker].leases = frozenset()
    scene.clock.advance(AFTER_S / 2)
    await scene.tend()
    assert scene.busy == 1


async def test_a_worker_that_speaks_for_somebody_else_is_free_of_the_old_lease(
    scene: Scene,
) -> None:
    lease = await scene.lent()
    scene.workers[lease.worker].leases = frozenset({lease.lease_id + 7})
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.busy == 0


async def test_a_worker_that_came_back_is_lent_again(scene: Scene) -> None:
    lease = await scene.lent()
    scene.workers[lease.worker].dead = True
    scene.pool.release(lease.lease_id, died=True)
    await scene.tend()
    assert scene.pool.dead() == {lease.worker}
    scene.workers[lease.worker].dead = False
    await scene.tend()
    assert scene.pool.dead() == frozenset()
    places = await asyncio.gather(scene.lent(), scene.lent())
    assert {place.worker for place in places} == {0, 1}


async def test_one_dead_worker_does_not_keep_another_from_being_tended(scene: Scene) -> None:
    first, second = await scene.lent(), await scene.lent()
    scene.workers[first.worker].dead = True
    scene.workers[second.worker].leases = frozenset()
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.busy == 1


async def test_what_nobody_gave_back_is_stopped_in_the_end(scene: Scene) -> None:
    lease = await scene.lent()
    scene.clock.advance(121.0)
    await scene.tend()
    assert scene.stopped == [lease]
    assert scene.busy == 0
