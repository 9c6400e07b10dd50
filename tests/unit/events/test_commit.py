"""How appends are grouped, bounded and refused together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from threading import Event

import pytest

from events.commit import Commits
from events.envelope import Recorded
from events.ledger import Ledger, Repeated
from events.log import LogUnavailable
from tests.contracts.logs import an_append, clock, event, ids


class Disk:
    """A store whose writes wait until they are let through."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.settled = Event()
        self.broken = False
        self._gate = Event()
        self._entered = Event()

    def write(self, events: Sequence[Recorded]) -> None:
        self._entered.set()
        assert self._gate.wait(10)
        if self.broken:
            raise LogUnavailable("no space")
        self.batches.append(len(events))

    def settle(self) -> None:
        self.settled.set()

    def let_through(self) -> None:
        self._gate.set()

    async def writing(self) -> None:
        assert await asyncio.to_thread(self._entered.wait, 10)


class Feed:
    """Admitted appends, one after the other."""

    def __init__(self) -> None:
        self._ledger, self._now = Ledger(opening=1, new_id=ids()), clock()
        self._epoch = self._ledger.open("a")
        self._version = 0

    def next(self, size: int = 1) -> tuple[Recorded, ...]:
        command, facts = f"c{self._version}", (event(),) * size
        append = an_append("a", self._epoch, self._version, command, facts)
        admitted = self._ledger.admit(append, self._now())
        assert not isinstance(admitted, Repeated)
        self._version += size
        return admitted


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def commits(disk: Disk) -> AsyncIterator[Commits]:
    heard: list[Recorded] = []
    commits = Commits(
        write=disk.write,
        settle=disk.settle,
        committed=heard.extend,
        quiet_s=60,
        max_batch=5,
        max_queued=8,
    )
    yield commits
    disk.let_through()
    await commits.close()
    if commits.failure is None:
        assert [e.position for e in heard] == list(range(1, sum(disk.batches) + 1))


async def test_what_arrives_meanwhile_goes_together(commits: Commits, disk: Disk) -> None:
    feed = Feed()
    first = commits.put(feed.next())
    await disk.writing()
    rest = [commits.put(feed.next()) for _ in range(4)]
    assert not first.done()
    disk.let_through()
    await asyncio.gather(first, *rest)
    assert disk.batches == [1, 4]


async def test_batches_are_bounded_and_appends_stay_whole(commits: Commits, disk: Disk) -> None:
    feed = Feed()
    waiting = [commits.put(feed.next(size)) for size in (3, 3, 20, 1)]
    disk.let_through()
    assert [len(events) for events in await asyncio.gather(*waiting)] == [3, 3, 20, 1]
    assert disk.batches == [6, 20, 1]


async def test_the_queue_is_bounded(commits: Commits, disk: Disk) -> None:
    feed = Feed()
    first = commits.put(feed.next())
    await disk.writing()
    queued = []
    for _ in range(8):
        commits.check_room()
        queued.append(commits.put(feed.next()))
    with pytest.raises(LogUnavailable, match="too many"):
        commits.check_room()
    disk.let_through()
    await asyncio.gather(first, *queued)
    commits.check_room()


async def test_a_failure_is_shared_by_all_who_wait(commits: Commits, disk: Disk) -> None:
    feed = Feed()
    disk.broken = True
    first = commits.put(feed.next())
    await disk.writing()
    second, draining = commits.put(feed.next()), asyncio.create_task(commits.drain())
    joined = commits.find("a", "c0")
    assert joined is not None
    disk.let_through()
    waiting = (first, second, joined, draining)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["no space"] * 4
    with pytest.raises(LogUnavailable, match="no space"):
        commits.check_room()
    with pytest.raises(LogUnavailable, match="no space"):
        await commits.drain()
    assert commits.find("a", "c0") is None


async def test_closing_writes_what_is_queued(commits: Commits, disk: Disk) -> None:
    feed = Feed()
    first = commits.put(feed.next())
    await disk.writing()
    second = commits.put(feed.next())
    closing = asyncio.create_task(commits.close())
    disk.let_through()
    await closing
    assert first.done()
    assert (await second)[0].position == 2
    assert disk.settled.is_set()
    with pytest.raises(LogUnavailable, match="closed"):
        commits.check_room()


async def test_a_quiet_moment_is_used(disk: Disk) -> None:
    commits = Commits(
        write=disk.write, settle=disk.settle, committed=lambda events: None, quiet_s=0
    )
    disk.let_through()
    await commits.put(Feed().next())
    disk.settled.clear()
    assert await asyncio.to_thread(disk.settled.wait, 10)
    await commits.close()
