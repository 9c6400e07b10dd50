"""Readers of the newest events: whatever happens on the way, each event once and in order."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.feed import WAIT_S, ConversationReader, Feed, Reader
from actors.journal import JournalUnreachable, Scribe
from events.codec import CODEC
from events.envelope import NewEvent, Recorded
from events.memory import MemoryLog
from events.turns import Ended, Started
from tests.contracts.logs import an_append, event, memory_log
from tests.fakes.clock import VirtualLoop, settle
from tests.unit.events.facts import begun, completed


class Record(Scribe):
    """A log in memory behind a line that can be cut, and counts who waits at it."""

    def __init__(self, log: MemoryLog | None = None) -> None:
        self.log = log or memory_log()
        super().__init__(self.log)
        self._epochs: dict[str, int] = {}
        self.waits = self.waiting = self.most_waiting = self.reads = 0
        self.cut = False

    async def write(self, conversation_id: str, *events: NewEvent) -> None:
        """Append events, or one that says nothing."""
        if conversation_id not in self._epochs:
            self._epochs[conversation_id] = (await self.log.open(conversation_id)).epoch
        head = await self.log.head(conversation_id)
        version = head.version if head else 0
        epoch, command = self._epochs[conversation_id], f"command-{version}"
        await self.log.append(
            an_append(conversation_id, epoch, version, command, events or (event(),))
        )

    async def news(self, after: int, *, wait_s: float, limit: int = 1000) -> Sequence[Recorded]:
        self.check()
        self.waits += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        try:
            found = await super().news(after, wait_s=wait_s, limit=limit)
        finally:
            self.waiting -= 1
        self.check()  # what was found may be lost on the way
        return found

    async def last_position(self) -> int:
        await asyncio.sleep(0)
        return await super().last_position()

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        self.check()
        self.reads += 1
        return await super().read(conversation_id, after=after, limit=limit)

    def check(self) -> None:
        if self.cut:
            raise JournalUnreachable("cut")


@asynccontextmanager
async def reading(
    feed: Feed, record: Record, conversation_id: str, after: int = 0
) -> AsyncIterator[ConversationReader]:
    head = await record.head(conversation_id)
    assert head is not None
    async with feed.conversation(head, after) as reader:
        assert isinstance(reader, ConversationReader)
        yield reader


async def versions(reader: Reader, count: int) -> list[int]:
    return [e.version for e in await taken(reader, count)]


async def taken(reader: Reader, count: int) -> list[Recorded]:
    found: list[Recorded] = []
    while len(found) < count:
        found += await reader.next()
    return found


async def test_a_reader_gets_what_there_was_and_then_what_comes() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a", event(), event())
    async with reading(feed, record, "a", after=1) as reader:
        assert await versions(reader, 1) == [2]
        coming = asyncio.create_task(reader.next())
        await settle()
        await record.write("b")
        await record.write("a")
        assert [(e.conversation_id, e.version) for e in await coming] == [("a", 3)]


async def test_the_whole_log_is_read_by_position() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a", event(), event())
    async with feed.everything(1) as reader:
        assert [e.position for e in await reader.next()] == [2]
        coming = asyncio.create_task(taken(reader, 2))
        await record.write("b")
        await record.write("a")
        assert [e.position for e in await coming] == [3, 4]


async def test_many_readers_are_one_wait_at_the_scribe_and_silence_is_no_work() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a")
    await record.write("quiet")
    async with AsyncExitStack() as stack:
        for number in range(300):
            of = "a" if number % 2 else "quiet"
            reader = await stack.enter_async_context(reading(feed, record, of, after=1))
            stack.callback(asyncio.create_task(reader.next()).cancel)
        await settle()
        reads, waits = record.reads, record.waits
        assert (record.waiting, record.most_waiting) == (1, 1)
        await asyncio.sleep(WAIT_S * 3 + 1)
        assert record.reads == reads
        assert record.waits == waits + 3
        await record.write("a", *[event()] * 10)
        await settle()
        assert record.reads == reads, "what is new comes out of memory"
        assert record.waits == waits + 4
    assert record.most_waiting == 1


async def test_readers_who_come_together_are_one_wait_too() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a")
    async with AsyncExitStack() as stack:
        comers = [stack.enter_async_context(reading(feed, record, "a")) for _ in range(10)]
        for reader in await asyncio.gather(*comers):
            assert await versions(reader, 1) == [1]
        await settle()
        assert record.most_waiting == 1


async def test_a_long_past_is_read_to_its_end_although_nothing_comes() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a", *[event()] * 120)
    async with reading(feed, record, "a") as reader:
        assert await versions(reader, 120) == list(range(1, 121))


async def test_readers_who_come_and_go_leave_one_wait_and_then_none() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a")
    for _ in range(100):
        async with reading(feed, record, "a", after=1) as reader:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await reader.next()
    assert record.most_waiting == 1
    await asyncio.sleep(WAIT_S)
    assert record.waiting == 0
    await record.write("a")  # unseen by anybody
    async with reading(feed, record, "a", after=1) as reader:
        assert await versions(reader, 1) == [2]
        await record.write("a")
        assert await versions(reader, 1) == [3]


async def test_a_reader_who_fell_behind_reads_from_the_log() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a")
    async with reading(feed, record, "a") as slow, reading(feed, record, "a") as quick:
        assert await versions(slow, 1) == await versions(quick, 1) == [1]
        for turn in range(100):
            await record.write("a", *[event()] * 10)
            assert await versions(quick, 10) == list(range(turn * 10 + 2, turn * 10 + 12))
        reads = record.reads
        assert await versions(slow, 1000) == list(range(2, 1002))
        assert reads < record.reads <= reads + 1000 / 50 + 1
        await record.write("a")
        assert await versions(slow, 1) == [1002]
        reads = record.reads
        await record.write("a")
        assert await versions(slow, 1) == [1003]
        assert record.reads == reads, "caught up, it is told again"


async def test_a_tail_is_kept_only_while_it_is_read() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a")
    async with reading(feed, record, "a"):
        assert len(feed._conversations) == 1
    gc.collect()
    assert not feed._conversations


async def test_what_was_asked_again_after_a_while_is_not_lost() -> None:
    """A caller waits with a limit, to send heartbeats in between."""
    record = Record()
    feed = Feed(record)
    await record.write("a")
    seen: list[int] = []
    async with reading(feed, record, "a", after=1) as reader:
        for version in range(2, 30):
            waits = asyncio.create_task(reader.next())
            for _ in range(version % 7):
                await asyncio.sleep(0)
            waits.cancel()
            await record.write("a")
            await asyncio.wait([waits])
            if not waits.cancelled():
                seen += [e.version for e in waits.result()]
        seen += await versions(reader, 28 - len(seen))
    assert seen == list(range(2, 30))


async def test_a_lost_scribe_is_asked_again_until_it_is_back() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a")
    async with reading(feed, record, "a", after=1) as reader, feed.everything(1) as all_of_it:
        waits = [asyncio.create_task(taken(r, 2)) for r in (reader, all_of_it)]
        await settle()
        record.cut = True
        await record.write("a")  # durable, but the news of it is lost
        await asyncio.sleep(3)
        await record.write("a")
        await asyncio.sleep(3)
        assert not any(w.done() for w in waits)
        record.cut = False
        for wait in waits:
            assert [e.version for e in await wait] == [2, 3]


async def test_a_reader_ends_with_its_conversation() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a", CODEC.encode(Started()))
    async with reading(feed, record, "a") as reader:
        assert await versions(reader, 1) == [1]
        await record.write("a", CODEC.encode(Ended()))
        assert await versions(reader, 1) == [2]
        assert await reader.next() == ()
    async with reading(feed, record, "a", after=2) as reader:
        assert await reader.next() == ()
    async with reading(feed, record, "a", after=0) as reader:
        assert await versions(reader, 2) == [1, 2]
        assert await reader.next() == ()


async def test_a_turn_that_outlives_its_conversation_is_told_to_its_end() -> None:
    record = Record()
    feed = Feed(record)
    spoken = (CODEC.encode(Started()), CODEC.encode(begun()))
    await record.write("a", *spoken, CODEC.encode(Ended()))
    async with reading(feed, record, "a") as reader:
        assert await versions(reader, 3) == [1, 2, 3]
        last = asyncio.create_task(reader.next())
        await settle()
        assert not last.done()
        await record.write("a", CODEC.encode(completed()))
        assert [e.version for e in await last] == [4]
        assert await reader.next() == ()


async def test_closing_lets_all_go_at_once_and_takes_nobody_new() -> None:
    record = Record()
    feed = Feed(record)
    await record.write("a")
    await record.write("b")
    async with reading(feed, record, "a") as reader, feed.everything(0) as all_of_it:
        assert await versions(reader, 1) == [1]
        waits = [asyncio.create_task(reader.next())]
        await settle()
        feed.close()
        waits.append(asyncio.create_task(all_of_it.next()))  # although there would be more
        assert await asyncio.gather(*waits) == [(), ()]
    async with reading(feed, record, "b") as late:
        assert await late.next() == ()
    await settle()
    assert record.waiting == 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write many", "cut", "mend", "pass", "come", "settle"]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=40,
)


@given(STEPS)
def test_nothing_is_missed_and_nothing_told_twice(steps: list[tuple[str, str]]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(_whatever_happens(steps))


async def _whatever_happens(steps: list[tuple[str, str]]) -> None:
    record = Record()
    feed = Feed(record)
    told: list[tuple[str | None, int, list[Recorded]]] = []
    async with AsyncExitStack() as stack:

        async def come(conversation_id: str | None) -> None:
            if conversation_id is None:
                after = await record.last_position()
                reader = await stack.enter_async_context(feed.everything(after))
            else:
                head = await record.head(conversation_id)
                assert head is not None
                after = head.version // 2
                reader = await stack.enter_async_context(feed.conversation(head, after))
            seen: list[Recorded] = []
            told.append((conversation_id, after, seen))
            stack.callback(asyncio.create_task(_collect(reader, seen)).cancel)

        for name in ("a", "b"):
            await record.write(name)
        await come(None)
        for what, name in steps:
            match what:
                case "write":
                    await record.write(name)
                case "write many":
                    await record.write(name, *[event()] * 70)
                case "cut" | "mend":
                    record.cut = what == "cut"
                case "pass":
                    await asyncio.sleep(WAIT_S / 3)
                case "come":
                    await come(name)
                case _:
                    await settle(20)
        record.cut = False
        await asyncio.sleep(2 * WAIT_S)
    for conversation_id, after, seen in told:
        events = record.log.events
        if conversation_id is None:
            assert seen == list(events[after:])
        else:
            theirs = [e for e in events if e.conversation_id == conversation_id]
            assert seen == theirs[after:]


async def _collect(reader: Reader, seen: list[Recorded]) -> None:
    while events := await reader.next():
        seen += events
