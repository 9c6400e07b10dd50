import asyncio
import random
from dataclasses import dataclass, field

import pytest

from actors.directory import Directory, ProcessDied
from actors.host import HostStatus
from actors.refusals import Busy
from tests.fakes import Clock
from tests.fakes.clock import settle


@dataclass
class Process:
    """Has at most one conversation; can be busy, slow or dead."""

    clock: Clock
    conversation_id: str | None = None
    busy: bool = False
    dead: bool = False
    used: float = 0.0
    takes: int = 0
    sleeps: int = 0
    """How often it was asked to."""
    failures: list[Exception] = field(default_factory=list)

    async def take(self, conversation_id: str) -> None:
        await self._travel()
        if self.failures:
            raise self.failures.pop(0)
        assert self.conversation_id is None, "two conversations in one process"
        self.conversation_id, self.used = conversation_id, self.clock()
        self.takes += 1

    async def sleep(self, conversation_id: str) -> bool:
        self.sleeps += 1
        await self._travel()
        if self.conversation_id == conversation_id:
            if self.busy:
                return False
            self.conversation_id = None
            await asyncio.sleep(0)  # the answer is on its way
        return True

    async def status(self) -> HostStatus:
        await self._travel()
        return HostStatus(self.conversation_id, self.busy, self.clock() - self.used)

    async def _travel(self) -> None:
        await asyncio.sleep(0)
        if self.dead:
            raise ProcessDied("killed")


class Town:
    """A directory, and the processes that it started."""

    def __init__(self, most: int = 3, warm: int = 0, patience_s: float = 0.0) -> None:
        self.clock = Clock()
        self.processes: list[Process] = []
        self.directory = Directory(
            self._launch,
            most=most,
            warm=warm,
            sleep_after_s=60,
            patience_s=patience_s,
            clock=self.clock,
        )

    async def _launch(self) -> Process:
        await asyncio.sleep(0)
        process = Process(self.clock)
        self.processes.append(process)
        return process

    async def locate(self, conversation_id: str) -> Process:
        process = await self.directory.locate(conversation_id)
        assert process.conversation_id == conversation_id
        return process

    def living(self) -> int:
        return sum(not process.dead for process in self.processes)


async def test_a_conversation_stays_where_it_is() -> None:
    town = Town()
    first = await town.locate("a")
    assert await town.locate("a") is first
    assert first.takes == 1


async def test_many_who_ask_at_once_find_it_in_one_place() -> None:
    town = Town()
    places = await asyncio.gather(*(town.locate("a") for _ in range(20)))
    assert len({id(place) for place in places}) == 1
    assert places[0].takes == 1
    assert len(town.processes) == 1


async def test_there_are_never_more_processes_than_may_be() -> None:
    town = Town(most=3)
    for number in range(200):
        await town.locate(f"{number}")
        assert len(town.processes) <= 3
    assert town.directory.status().awake == 3


async def test_two_hundred_at_once_find_room_on_three_processes() -> None:
    town = Town(most=3, patience_s=1)
    names = [f"{number}" for number in range(200)]
    places = await asyncio.gather(*(town.directory.locate(name) for name in names))
    assert len(places) == 200
    assert len(town.processes) == 3
    assert sum(process.takes for process in town.processes) == 200


async def test_the_least_recently_asked_for_makes_room() -> None:
    town = Town(most=2)
    for name in ("a", "b", "a", "c"):
        await town.locate(name)
    assert {process.conversation_id for process in town.processes} == {"a", "c"}


async def test_the_busy_stay_where_they_are() -> None:
    town = Town(most=2)
    (await town.locate("a")).busy = True
    await town.locate("b")
    await town.locate("c")
    assert {process.conversation_id for process in town.processes} == {"a", "c"}


async def test_where_all_are_busy_the_newcomer_is_told_so() -> None:
    town = Town(most=2)
    for name in "ab":
        (await town.locate(name)).busy = True
    with pytest.raises(Busy):
        await town.locate("c")
    (await town.locate("a")).busy = False
    assert await town.locate("c")


async def test_those_who_wait_for_room_wait_in_line() -> None:
    town = Town(most=1, patience_s=5)
    (first := await town.locate("a")).busy = True
    served: list[str] = []

    async def wait(name: str) -> None:
        await town.directory.locate(name)
        served.append(name)

    names = [f"{number}" for number in range(50)]
    waiting = [asyncio.create_task(wait(name)) for name in names]
    await asyncio.sleep(0.99)
    assert first.sleeps <= 50, "one of them asks for all"
    first.busy = False
    await asyncio.gather(*waiting)
    assert served == names


async def test_a_newcomer_is_patient_where_there_is_hope() -> None:
    town = Town(most=1, patience_s=5)
    first = await town.locate("a")
    first.busy = True
    waiting = asyncio.create_task(town.locate("b"))
    await asyncio.sleep(1)
    assert not waiting.done()
    first.busy = False
    assert (await waiting) is first


async def test_a_dead_process_is_forgotten_and_another_takes_its_place() -> None:
    town = Town(most=1)
    first = await town.locate("a")
    first.dead = True
    await town.directory.lost("a")
    second = await town.locate("a")
    assert second is not first
    assert town.directory.status().processes == 1


async def test_a_process_that_died_idle_is_passed_over() -> None:
    town = Town(most=1, warm=1)
    await town.directory.tend()
    town.processes[0].dead = True
    assert (await town.locate("a")) is town.processes[1]


async def test_a_death_that_many_notice_is_one_death() -> None:
    town = Town(most=2)
    first = await town.locate("a")
    first.dead = True
    await asyncio.gather(*(town.directory.lost("a") for _ in range(5)), town.directory.tend())
    for name in "abcd":
        await town.locate(name)
    assert town.living() == 2
    assert town.directory.status().processes == 2


async def test_a_surrender_that_many_notice_frees_one_process() -> None:
    town = Town(most=2)
    (await town.locate("a")).conversation_id = None
    await asyncio.gather(*(town.directory.lost("a") for _ in range(5)))
    assert town.directory.status().idle == 1
    one, other = [await town.locate(name) for name in "bc"]
    assert one is not other


async def test_to_be_missed_while_going_to_sleep_frees_one_process() -> None:
    town = Town(most=2)
    await town.locate("a")
    town.clock.advance(61)
    await asyncio.gather(town.directory.tend(), *(town.directory.lost("a") for _ in range(8)))
    assert town.directory.status().idle == 1


async def test_who_was_only_slow_is_not_lost() -> None:
    town = Town()
    first = await town.locate("a")
    await town.directory.lost("a")
    await town.directory.lost("never heard of")
    assert await town.locate("a") is first


async def test_the_idle_are_put_to_sleep_and_the_others_are_not() -> None:
    town = Town()
    idle = await town.locate("idle")
    town.clock.advance(59)
    await town.locate("young")
    town.clock.advance(1)
    await town.directory.tend()
    assert idle.conversation_id is None
    assert (town.directory.status().awake, town.directory.status().idle) == (1, 1)
    assert await town.locate("next") is idle


async def test_some_processes_are_kept_at_hand_but_never_too_many() -> None:
    town = Town(most=3, warm=2)
    await town.directory.tend()
    assert town.directory.status().idle == 2
    await town.locate("a")
    await town.locate("b")
    await town.directory.tend()
    assert (town.directory.status().idle, len(town.processes)) == (1, 3)


async def test_what_cannot_be_woken_leaves_its_process_free() -> None:
    town = Town(most=1, warm=1)
    await town.directory.tend()
    town.processes[0].failures.append(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        await town.locate("a")
    assert town.directory.status().idle == 1
    assert await town.locate("a")


async def test_who_asks_and_goes_away_leaves_the_conversation_awake() -> None:
    town = Town()
    asking = asyncio.create_task(town.locate("a"))
    await asyncio.sleep(0)
    asking.cancel()
    await settle()
    assert town.directory.status().awake == 1
    assert (await town.locate("a")).takes == 1


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_happens_the_bookkeeping_is_right(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    town = Town(most=3, warm=1, patience_s=1)
    for _ in range(60):
        name = dice.choice("abcdefgh")
        work: list[asyncio.Task[object]] = [asyncio.create_task(town.directory.locate(name))]
        if dice.random() < 0.5:
            work += [asyncio.create_task(town.directory.lost(dice.choice("abcdefgh")))] * 2
        if dice.random() < 0.3:
            victim = dice.choice(town.processes) if town.processes else None
            if victim is not None:
                victim.dead = True
        if dice.random() < 0.3:
            town.clock.advance(30)
            work.append(asyncio.create_task(town.directory.tend()))
        await asyncio.gather(*work)
    for name in "abcdefgh":
        await town.directory.lost(name)
    status = town.directory.status()
    assert status.awake + status.idle == status.processes <= 3
    assert town.living() <= 3
    fresh = [await town.directory.locate(name) for name in "xyz"]
    assert len({id(process) for process in fresh}) == 3


async def test_a_taken_process_is_replaced_before_anybody_asks() -> None:
    town = Town(most=3, warm=1)
    await town.directory.tend()
    await town.locate("a")
    await town.directory.replenish()
    assert town.directory.status().idle == 1
    assert len(town.processes) == 2


async def test_when_no_more_may_be_started_the_quietest_conversation_makes_room() -> None:
    town = Town(most=2, warm=1)
    await town.locate("quiet")
    town.clock.advance(1)
    await town.locate("recent")
    await town.directory.replenish()
    assert town.directory.status().idle == 1
    assert town.processes[0].conversation_id is None
    assert town.processes[1].conversation_id == "recent"


async def test_nobody_is_put_to_sleep_in_the_middle_of_something() -> None:
    town = Town(most=2, warm=1)
    (await town.locate("busy")).busy = True
    town.clock.advance(1)
    await town.locate("recent")
    await town.directory.replenish()
    assert town.directory.status().idle == 0
    assert {p.conversation_id for p in town.processes} == {"busy", "recent"}
