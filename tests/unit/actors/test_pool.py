import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.refusals import Busy
from actors.synthesis.claims import Claim
from actors.synthesis.pool import SynthesisPool
from actors.synthesis.workplaces import Lease, Outcome
from tests.fakes.clock import Clock, VirtualLoop, settle


class Pool(SynthesisPool):
    """A pool of workers `0, 1, …` on a clock of its own."""

    def __init__(
        self,
        places: Sequence[int] = (0,),
        max_waiting: int = 8,
        *,
        crowd: int = 1,
        real_time_factor: float = 0.0,
    ) -> None:
        self.time = Clock()
        self.taken_back: list[Lease] = []
        super().__init__(
            places,
            max_waiting=max_waiting,
            lease_s=10,
            clock=self.time,
            on_expiry=self.taken_back.append,
            crowd=crowd,
            real_time_factor=real_time_factor,
        )

    def asks(self, deadline_s: float = 1.0, patience_s: float = 60.0) -> "asyncio.Task[Lease]":
        return asyncio.create_task(self.lease(deadline_s, patience_s))


async def test_a_free_place_is_lent_at_once() -> None:
    pool = Pool([0, 1])
    leases = [await pool.lease(1, 0) for _ in range(2)]
    assert {lease.worker for lease in leases} == {0, 1}
    assert (pool.status().busy, pool.status().served) == (2, 2)


async def test_the_most_urgent_is_served_first() -> None:
    pool = Pool()
    held = await pool.lease(1, 1)
    later, sooner = pool.asks(5.0), pool.asks(0.1)
    await settle(3)
    pool.release(held.lease_id)
    lease = await sooner
    assert not later.done()
    pool.release(lease.lease_id)
    assert (await later).worker == 0


async def test_who_waits_too_long_is_told_when_to_come_again() -> None:
    pool = Pool(real_time_factor=1.0)
    await pool.lease(1, 1, characters=100)  # 6.5 s of sound, for which it takes as long
    with pytest.raises(Busy) as busy:
        await pool.lease(1, 2.0)
    assert busy.value.retry_after_s == 7
    assert pool.status().waiting == 0
    assert pool.status().refused == 1


async def test_too_many_are_refused_at_once() -> None:
    pool = Pool(max_waiting=2)
    await pool.lease(1, 1)
    waiting = [pool.asks() for _ in range(2)]
    await settle(3)
    with pytest.raises(Busy, match="try again in"):
        await pool.lease(1, 60)
    assert pool.status().waiting == 2
    assert not any(task.done() for task in waiting)


async def test_a_lease_that_nobody_gives_back_is_taken_back() -> None:
    pool = Pool()
    forgotten = await pool.lease(1, 1)
    waiting = pool.asks()
    pool.time.advance(9.9)
    pool.expire()
    assert pool.taken_back == []
    pool.time.advance(0.1)
    pool.expire()
    assert pool.taken_back == [forgotten]
    fresh = await waiting
    pool.release(forgotten.lease_id)
    assert pool.status().busy == 1
    pool.release(fresh.lease_id)
    assert pool.status().busy == 0


async def test_it_tells_which_leases_have_been_held_for_long() -> None:
    pool = Pool([0, 1])
    old = await pool.lease(1, 1)
    pool.time.advance(2)
    await pool.lease(1, 1)
    assert pool.held(2) == (old,)
    pool.release(old.lease_id)
    assert pool.held(2) == ()


async def test_a_place_at_a_dead_worker_is_not_lent_until_it_lives() -> None:
    pool = Pool()
    lease = await pool.lease(1, 1)
    pool.release(lease.lease_id, Outcome(died=True))
    assert pool.dead() == {0}
    waiting = pool.asks()
    await settle()
    assert not waiting.done()
    pool.revived(0)
    assert (await waiting).worker == 0
    assert pool.dead() == frozenset()


async def test_the_living_work_on_while_the_dead_are_dead() -> None:
    pool = Pool([0, 1])
    first = await pool.lease(1, 1)
    pool.release(first.lease_id, Outcome(died=True))
    for _ in range(3):
        lease = await pool.lease(1, 0)
        assert lease.worker != first.worker
        pool.release(lease.lease_id)


async def test_who_is_gone_before_hearing_that_it_was_served_holds_no_place() -> None:
    pool = Pool()
    held = await pool.lease(1, 1)
    waiting = pool.asks()
    await settle(3)
    pool.release(held.lease_id)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert pool.status().busy == 0
    assert (await pool.lease(1, 0)).worker == 0


async def test_who_is_gone_while_waiting_does_not_wait_any_more() -> None:
    pool = Pool()
    held = await pool.lease(1, 1)
    waiting = pool.asks()
    await settle(3)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert pool.status().waiting == 0
    pool.release(held.lease_id)
    assert pool.status().busy == 0


def turn(turn_id: str, *, rest: int = 0, begun: bool = False, key: str = "k") -> Claim:
    return Claim(turn_id, f"of {turn_id}", key, rest, begun=begun)


async def test_a_turn_too_many_is_told_when_to_come_again_and_then_finds_room() -> None:
    pool = Pool(real_time_factor=0.5)
    for name in ("a", "b"):
        pool.admit(turn(name), 0.2, 100)
    with pytest.raises(Busy) as busy:
        pool.admit(turn("c"), 0.2, 100)
    assert busy.value.retry_after_s == 7  # 0.2 s, and 6.5 s of sound
    pool.time.advance(busy.value.retry_after_s)
    pool.admit(turn("c"), 0.2, 100)
    assert (pool.status().admitted, pool.status().refused) == (3, 1)


async def test_a_turn_that_was_let_in_is_never_turned_away() -> None:
    pool = Pool(real_time_factor=0.5, crowd=4)
    for name in ("a", "b"):
        await pool.lease(0.2, 1, turn(name, rest=100), 50)
    with pytest.raises(Busy):
        await pool.lease(0.2, 1, turn("c"), 50)
    assert await pool.lease(0.2, 1, turn("a"), 100)
    assert await pool.lease(0.2, 1, turn("told elsewhere", begun=True), 100)


async def test_a_turn_that_ends_early_makes_room() -> None:
    pool = Pool(real_time_factor=0.9)
    lease = await pool.lease(0.2, 1, turn("a", rest=1000), 50)
    with pytest.raises(Busy):
        pool.admit(turn("b"), 0.2, 50)
    pool.release(lease.lease_id, Outcome(sound_s=1.0))
    pool.admit(turn("b"), 0.2, 50)


async def test_a_turn_whose_worker_died_is_still_in() -> None:
    pool = Pool([0, 1], real_time_factor=0.9)
    lease = await pool.lease(0.2, 1, turn("a", rest=1000), 50)
    pool.release(lease.lease_id, Outcome(sound_s=1.0, died=True))
    assert (await pool.lease(0.2, 1, turn("a"), 50)).worker != lease.worker
    assert pool.status().admitted == 1


async def test_a_turn_that_does_not_begin_after_all_makes_room() -> None:
    pool = Pool(real_time_factor=0.9)
    pool.admit(turn("a"), 0.2, 100)
    pool.leave(turn("a"))
    await pool.lease(0.2, 1, turn("b"), 100)
    pool.leave(turn("b"))  # too late: it has begun
    with pytest.raises(Busy):
        pool.admit(turn("c"), 0.2, 100)


async def test_a_turn_that_falls_silent_makes_room() -> None:
    pool = Pool(real_time_factor=0.9)
    pool.admit(turn("a"), 0.2, 100)
    pool.time.advance(2.1)
    with pytest.raises(Busy):
        pool.admit(turn("b"), 0.2, 100)
    pool.time.advance(0.2)
    pool.admit(turn("b"), 0.2, 100)


async def test_the_least_crowded_worker_is_lent_first() -> None:
    pool = Pool([0, 1], crowd=2)
    workers = [(await pool.lease(1, 1)).worker for _ in range(4)]
    assert sorted(workers[:2]) == sorted(workers[2:]) == [0, 1]
    assert pool.status().busy == 2
    assert not pool.asks().done()


async def test_first_phrases_of_who_floods_wait_for_those_of_others() -> None:
    pool = Pool(real_time_factor=0.05)
    held = await pool.lease(0, 1)
    flood = [
        asyncio.create_task(pool.lease(0.2, 60, turn(f"g{n}", key="greedy"), 100)) for n in range(4)
    ]
    await settle(3)
    pool.time.advance(0.05)
    other = asyncio.create_task(pool.lease(0.2, 60, turn("m", key="modest"), 100))
    await settle(3)
    order = []
    for _ in range(5):
        pool.release(held.lease_id)
        await settle(3)
        (task,) = [t for t in (*flood, other) if t.done() and t not in order]
        order.append(task)
        held = task.result()
    assert order.index(other) == 1


async def test_it_learns_what_speaking_costs_and_counts_what_was_late() -> None:
    pool = Pool(real_time_factor=0.1)
    for late_s in (0.0, 0.5) * 20:
        lease = await pool.lease(1, 1, characters=100)
        pool.time.advance(3.0)
        came = Outcome(sound_s=5.0, worked_s=2.0, late_s=late_s, finished=True)
        pool.release(lease.lease_id, came)
    status = pool.status()
    assert status.real_time_factor == pytest.approx(0.4, rel=0.05)
    assert status.seconds_per_character == pytest.approx(0.05, rel=0.05)
    assert (status.lateness.count, status.lateness.total) == (20, 10.0)
    assert (status.served, status.sound_s, status.worked_s) == (40, 200.0, 80.0)
    assert (status.waits.count, status.waits.total) == (40, 0.0)


async def test_who_watches_sees_who_is_dead_and_how_long_phrases_waited() -> None:
    pool = Pool()
    first = await pool.lease(1, 1)
    waiting = asyncio.create_task(pool.lease(1, 60))
    await settle(3)
    pool.time.advance(0.25)
    pool.release(first.lease_id)
    second = await waiting
    assert pool.status().waits.total == 0.25
    assert dict(pool.status().waits.up_to())[0.2] == 1
    pool.hung(second.worker)
    assert (pool.status().dead, pool.status().hung) == (1, 1)
    pool.revived(second.worker)
    assert (pool.status().dead, pool.status().hung) == (0, 1)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "give", "die", "revive", "leave", "wait", "expire"]),
        st.integers(0, 30),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=4), STEPS)
def test_no_place_is_ever_lost_or_lent_twice(
    places: list[int], steps: list[tuple[str, int, bool]]
) -> None:
    async def play() -> None:
        pool = Pool(places, max_waiting=4)
        asked: list[asyncio.Task[Lease]] = []
        for what, which, let_happen in steps:
            held = [t.result() for t in asked if t.done() and not t.cancelled() and is_served(t)]
            if what == "ask":
                asked.append(pool.asks(which, patience_s=1 + which))
            elif what in ("give", "die") and held:
                pool.release(held[which % len(held)].lease_id, Outcome(died=what == "die"))
            elif what == "revive":
                pool.revived(which % 3)
            elif what == "leave" and asked:
                asked[which % len(asked)].cancel()
            elif what == "wait":
                await asyncio.sleep(which / 4)
            elif what == "expire":
                pool.time.advance(11)
                pool.expire()
            if let_happen:
                await settle(4)
            assert pool.status().busy <= len(places)
        await asyncio.sleep(100)  # all patience has run out
        for worker in set(places):
            pool.revived(worker)
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        for lease in outcomes:
            if isinstance(lease, Lease):
                pool.release(lease.lease_id)
        assert (pool.status().busy, pool.status().waiting) == (0, 0)
        everywhere = [await pool.lease(1, 0) for _ in places]
        assert sorted(lease.worker for lease in everywhere) == sorted(places)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(play())


def is_served(task: "asyncio.Task[Lease]") -> bool:
    return task.exception() is None
