"""A pool whose workers, and whose borrowers, die."""

import asyncio
from collections.abc import Mapping

import pytest

from actors.refusals import Busy
from actors.synthesis.claims import Claim
from actors.synthesis.pool import SynthesisPool
from actors.synthesis.sizing import Sizing
from actors.synthesis.stage import WorkerDied, WorkerSilent
from actors.synthesis.upkeep import HANG_S, Crew, tend
from actors.synthesis.workplaces import Lease, Outcome
from tests.fakes.clock import Clock, settle

AFTER_S = 2.0


class Worker:
    def __init__(self) -> None:
        self.dead = self.silent = False
        self.leases: Mapping[int, float] = {}
        self.restarted = self.ended = 0

    async def ready(self) -> None:
        self._alive()

    async def speaking(self) -> Mapping[int, float]:
        self._alive()
        return self.leases

    def restart(self) -> None:
        self.restarted += 1

    def end(self) -> None:
        self.ended += 1

    def _alive(self) -> None:
        if self.silent:
            raise WorkerSilent
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
        self.workers[lease.worker].leases = {lease.lease_id: 0.0}
        return lease

    async def tend(self) -> None:
        await tend(self.pool, dict(enumerate(self.workers)), AFTER_S)

    @property
    def busy(self) -> int:
        return self.pool.status().busy


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_the_place_of_a_borrower_who_died_is_free_again(scene: Scene) -> None:
    lease = await scene.lent()
    scene.workers[lease.worker].leases = {}
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
    scene.workers[lease.worker].leases = {}
    scene.clock.advance(AFTER_S / 2)
    await scene.tend()
    assert scene.busy == 1


async def test_a_worker_that_speaks_for_somebody_else_is_free_of_the_old_lease(
    scene: Scene,
) -> None:
    lease = await scene.lent()
    scene.workers[lease.worker].leases = {lease.lease_id + 7: 0.0}
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.busy == 0


async def test_a_worker_that_came_back_is_lent_again(scene: Scene) -> None:
    lease = await scene.lent()
    scene.workers[lease.worker].dead = True
    scene.pool.release(lease.lease_id, Outcome(died=True))
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
    scene.workers[second.worker].leases = {}
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.busy == 1


async def test_what_nobody_gave_back_is_stopped_in_the_end(scene: Scene) -> None:
    lease = await scene.lent()
    scene.clock.advance(121.0)
    await scene.tend()
    assert scene.stopped == [lease]
    assert scene.busy == 0


async def test_a_worker_that_does_not_come_on_begins_anew(scene: Scene) -> None:
    lease = await scene.lent()
    worker = scene.workers[lease.worker]
    worker.leases = {lease.lease_id: HANG_S}
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert worker.restarted == 0
    worker.leases = {lease.lease_id: HANG_S + 0.1}
    worker.dead = False
    await scene.tend()
    assert (worker.restarted, scene.pool.status().hung) == (1, 1)


async def test_a_worker_that_does_not_even_answer_begins_anew_once(scene: Scene) -> None:
    lease = await scene.lent()
    worker = scene.workers[lease.worker]
    worker.silent = True
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.pool.dead() == {lease.worker}
    await scene.tend()
    assert worker.restarted == 1
    scene.pool.release(lease.lease_id, Outcome(died=True))
    worker.silent = False
    await scene.tend()
    assert scene.pool.dead() == frozenset()


async def test_a_worker_that_is_gone_comes_back_by_itself(scene: Scene) -> None:
    lease = await scene.lent()
    worker = scene.workers[lease.worker]
    worker.dead = True
    scene.clock.advance(AFTER_S)
    await scene.tend()
    assert scene.pool.dead() == {lease.worker}
    assert worker.restarted == 0


class Growing:
    """A pool of one to three workers, of one place each."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.hired: list[Worker] = []
        self.pool = SynthesisPool(
            (),
            max_waiting=100,
            lease_s=120.0,
            clock=self.clock,
            on_expiry=lambda _: None,
            real_time_factor=0.5,
        )
        self.crew = Crew(self.pool, Sizing(1, 3, 1, 60.0), self._hire, self.clock)

    async def look(self) -> int:
        """Seconds later; how many workers are lent."""
        self.clock.advance(1.0)
        await settle(3)
        self.crew.resize()
        await tend(self.pool, self.crew.workers, AFTER_S)
        return self.pool.status().workers

    def _hire(self, number: int) -> Worker:
        assert number == len(self.hired)
        self.hired.append(Worker())
        return self.hired[-1]


async def test_a_pool_grows_with_the_load_and_shrinks_when_it_has_been_quiet() -> None:
    growing = Growing()
    assert await growing.look() == 1
    turns = [Claim(f"t{n}", begun=True, growing=True) for n in range(5)]
    leases = [asyncio.create_task(growing.pool.lease(0.2, 600, turn, 100)) for turn in turns]
    sizes = [await growing.look() for _ in range(4)]
    assert sizes == [2, 3, 3, 3]
    for lease in leases:
        growing.pool.release((await lease).lease_id)
    assert [await growing.look() for _ in range(50)] == [3] * 50
    assert [await growing.look() for _ in range(150)][-1] == 1
    assert [worker.ended for worker in growing.hired] == [0, 1, 1]


async def test_who_was_turned_away_lets_the_pool_grow() -> None:
    growing = Growing()
    await growing.look()
    growing.pool.admit(Claim("t1"), 0.2, 1000)
    growing.pool.admit(Claim("t2"), 0.2, 1000)
    with pytest.raises(Busy):
        growing.pool.admit(Claim("t3"), 0.2, 1000)
    assert await growing.look() == 2
    growing.pool.admit(Claim("t3"), 0.2, 1000)
