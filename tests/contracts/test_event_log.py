"""What every log promises."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import pytest

from events.envelope import Append, NewEvent, Recorded, relink
from events.log import EventLog, LogUnavailable, StaleEpoch, VersionConflict
from tests.contracts.logs import an_append, duckdb_log, event, memory_log


@pytest.fixture(params=["memory", "duckdb"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventLog]:
    log: EventLog
    log = memory_log() if request.param == "memory" else await duckdb_log(tmp_path / "log.duckdb")
    yield log
    await log.close()


async def fill(log: EventLog, conversation: str, events: int) -> tuple[Recorded, ...]:
    """A conversation of so many events, each of its own command."""
    epoch = (await log.open(conversation)).epoch
    recorded: list[Recorded] = []
    for version in range(events):
        one = an_append(conversation, epoch, version, f"c{version}", (event(f"{version}"),))
        recorded.extend(await log.append(one))
    return tuple(recorded)


async def take(stream: AsyncIterator[Recorded], n: int) -> list[Recorded]:
    found: list[Recorded] = []
    async for item in stream:
        found.append(item)
        if len(found) == n:
            break
    return found


async def test_a_new_log_is_empty(log: EventLog) -> None:
    assert await log.last_position() == 0
    assert list(await log.read_all()) == []
    assert list(await log.conversations()) == []
    assert (await log.verify()).content


async def test_an_unknown_conversation_opens_with_no_events(log: EventLog) -> None:
    assert (await log.open("a")).events == ()
    assert list(await log.read("a")) == []


async def test_what_goes_in_comes_out(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    facts = (event("grüße, 世界 \U0001f600 \x00 'quoted'"), event("two", "turn_begun"))
    recorded = await log.append(an_append("a", epoch, 0, "first", facts))
    assert [(r.position, r.version, r.type, r.data) for r in recorded] == [
        (1, 1, "turn_heard", facts[0].data),
        (2, 2, "turn_begun", facts[1].data),
    ]
    assert {(r.conversation_id, r.epoch, r.command_id, r.schema_version) for r in recorded} == {
        ("a", epoch, "first", 1)
    }
    assert all(r.recorded_at.tzinfo is UTC for r in recorded)
    assert tuple(await log.read("a")) == recorded
    assert tuple(await log.read_all()) == recorded
    assert (await log.open("a")).events == recorded


async def test_the_chain_holds_every_event(log: EventLog) -> None:
    first, second, third = await fill(log, "a", 3)
    assert first.chain == relink(bytes(32), first)
    assert second.chain == relink(first.chain, second)
    assert third.chain == relink(second.chain, third)


async def test_positions_have_no_gaps_where_versions_belong_to_conversations(log: EventLog) -> None:
    a, b = (await log.open("a")).epoch, (await log.open("b")).epoch
    await log.append(an_append("a", a, 0, "1", (event(), event())))
    await log.append(an_append("b", b, 0, "1"))
    await log.append(an_append("a", a, 2, "2"))
    stored = [(r.position, r.conversation_id, r.version) for r in await log.read_all()]
    assert stored == [(1, "a", 1), (2, "a", 2), (3, "b", 1), (4, "a", 3)]


async def test_another_version_than_expected_is_refused(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    await log.append(an_append("a", epoch))
    with pytest.raises(VersionConflict) as refused:
        await log.append(an_append("a", epoch, 0, "other"))
    assert (refused.value.expected, refused.value.actual) == (0, 1)
    assert await log.last_position() == 1


async def test_opening_takes_the_conversation_over(log: EventLog) -> None:
    old, new = (await log.open("a")).epoch, (await log.open("a")).epoch
    assert new > old
    with pytest.raises(StaleEpoch) as refused:
        await log.append(an_append("a", old))
    assert refused.value.taken
    assert await log.append(an_append("a", new))


async def test_after_a_release_nobody_may_write(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    await log.append(an_append("a", epoch))
    await log.release("a", epoch)
    with pytest.raises(StaleEpoch) as refused:
        await log.append(an_append("a", epoch, 1, "late"))
    assert not refused.value.taken


async def test_one_who_released_learns_that_another_was_there(log: EventLog) -> None:
    old = (await log.open("a")).epoch
    await log.append(an_append("a", old))
    await log.release("a", old)
    await log.release("a", (await log.open("a")).epoch)
    with pytest.raises(StaleEpoch) as refused:
        await log.append(an_append("a", old, 1, "late"))
    assert refused.value.taken


async def test_releasing_an_epoch_that_is_over_does_nothing(log: EventLog) -> None:
    old, new = (await log.open("a")).epoch, (await log.open("a")).epoch
    await log.release("a", old)
    await log.release("unknown", new)
    assert await log.append(an_append("a", new))


async def test_who_never_opened_may_not_write(log: EventLog) -> None:
    with pytest.raises(StaleEpoch):
        await log.append(an_append("a", 7))


async def test_a_repeated_command_is_answered_with_what_it_recorded(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    first = await log.append(an_append("a", epoch, 0, "again", (event("1"), event("2"))))
    await log.append(an_append("a", epoch, 2, "between"))
    assert await log.append(an_append("a", epoch, 0, "again")) == first
    newer = (await log.open("a")).epoch
    assert await log.append(an_append("a", newer, 77, "again")) == first
    assert await log.append(an_append("a", epoch, 77, "again")) == first
    assert await log.last_position() == 3


async def test_commands_are_known_after_a_release(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    first = await log.append(an_append("a", epoch, 0, "again"))
    await log.release("a", epoch)
    assert await log.append(an_append("a", (await log.open("a")).epoch, 9, "again")) == first


async def test_the_same_command_of_two_conversations_is_two_commands(log: EventLog) -> None:
    a, b = (await log.open("a")).epoch, (await log.open("b")).epoch
    await log.append(an_append("a", a, 0, "same"))
    (recorded,) = await log.append(an_append("b", b, 0, "same"))
    assert recorded.conversation_id == "b"


async def test_a_command_under_way_is_joined(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    one = an_append("a", epoch, 0, "same")
    first, second, third = await asyncio.gather(log.append(one), log.append(one), log.append(one))
    assert first == second == third
    assert await log.last_position() == 1


async def test_who_leaves_does_not_take_the_others_along(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    one = an_append("a", epoch, 0, "same")
    leaving, staying = asyncio.create_task(log.append(one)), asyncio.create_task(log.append(one))
    await asyncio.sleep(0)
    leaving.cancel()
    assert len(await staying) == 1
    assert await log.append(one) == await staying


async def test_a_writer_need_not_wait_for_its_last_append(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    appends = [log.append(an_append("a", epoch, v, f"c{v}")) for v in range(20)]
    recorded = await asyncio.gather(*appends)
    assert [batch[0].version for batch in recorded] == list(range(1, 21))
    assert [r.version for r in await log.read("a")] == list(range(1, 21))


async def test_opening_sees_what_the_writer_before_had_under_way(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    writing = [asyncio.create_task(log.append(an_append("a", epoch, v, f"c{v}"))) for v in range(5)]
    await asyncio.sleep(0)
    taken_over = await log.open("a")
    assert [e.command_id for e in taken_over.events] == ["c0", "c1", "c2", "c3", "c4"]
    assert [len(batch) for batch in await asyncio.gather(*writing)] == [1] * 5
    (recorded,) = await log.append(an_append("a", taken_over.epoch, 5, "c5"))
    assert recorded.version == 6


async def test_a_release_with_events_under_way_loses_none(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    writing = asyncio.create_task(log.append(an_append("a", epoch, 0, "c0")))
    await asyncio.sleep(0)
    await log.release("a", epoch)
    assert [e.command_id for e in (await log.open("a")).events] == ["c0"]
    assert len(await writing) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": ()},
        {"command_id": "a\x1fb"},
    ],
)
async def test_a_nonsensical_append_is_refused(log: EventLog, wrong: dict[str, object]) -> None:
    epoch = (await log.open("a")).epoch
    good = {
        "conversation_id": "a",
        "expected_version": 0,
        "epoch": epoch,
        "command_id": "c",
        "events": (event(),),
    }
    with pytest.raises(ValueError, match=r"append needs|may not hold"):
        await log.append(Append(**{**good, **wrong}))  # type: ignore[arg-type]
    assert await log.append(Append(**good))  # type: ignore[arg-type]


async def test_half_a_batch_is_never_written(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    not_text = event()._replace(data="\ud800")  # no text at all: it cannot be encoded
    with pytest.raises(ValueError, match="surrogates"):
        await log.append(an_append("a", epoch, 0, "bad", (event("good"), not_text)))
    (recorded,) = await log.append(an_append("a", epoch, 0, "good"))
    assert (recorded.position, recorded.version) == (1, 1)
    assert (await log.verify()).content


async def test_reading_from_a_version_and_to_a_limit(log: EventLog) -> None:
    recorded = await fill(log, "a", 6)
    assert tuple(await log.read("a", after=2)) == recorded[2:]
    assert tuple(await log.read("a", after=2, limit=2)) == recorded[2:4]
    assert tuple(await log.read("a", after=6)) == ()
    assert tuple(await log.read_all(after=4)) == recorded[4:]
    assert tuple(await log.read_all(after=1, limit=2)) == recorded[1:3]
    assert tuple(await log.read_all(after=99)) == ()


async def test_listing_pages_from_the_newest_start(log: EventLog) -> None:
    for name in ("a", "b", "c", "d"):
        await fill(log, name, 1)
    epoch = (await log.open("a")).epoch
    await log.append(an_append("a", epoch, 1, "end", (event(kind="ended"), event("afterwards"))))
    first = await log.conversations(limit=3)
    rest = await log.conversations(after=first[-1].conversation_id)
    assert [h.conversation_id for h in (*first, *rest)] == ["d", "c", "b", "a"]
    assert [h.conversation_id for h in await log.conversations(ended=True)] == ["a"]
    assert [h.conversation_id for h in await log.conversations(ended=False, limit=2)] == ["d", "c"]
    head = rest[0]
    assert (head.version, head.first_position, head.last_position, head.ended) == (3, 1, 6, True)
    assert head.started_at < head.updated_at
    with pytest.raises(ValueError, match="no conversation z"):
        await log.conversations(after="z")


def owning(owner: str | None, kind: str = "started") -> NewEvent:
    return NewEvent(kind, 1, json.dumps({"owner": owner}))


async def own(log: EventLog, conversation: str, *events: NewEvent) -> None:
    epoch = (await log.open(conversation)).epoch
    await log.append(an_append(conversation, epoch, 0, "begin", events))


async def owners(log: EventLog) -> dict[str, str | None]:
    return {head.conversation_id: head.owner for head in await log.conversations()}


async def test_a_conversation_is_of_who_opened_it_and_a_fork_of_who_forked(log: EventLog) -> None:
    await own(log, "a", owning("ann"), event())
    await own(log, "b", owning("bob"))
    await own(log, "c", owning(None))
    await own(log, "old", NewEvent("started", 1, "{}"))
    await own(log, "f", owning("ann"), event(), owning("bob", "forked"))
    await own(log, "g", owning("bob"), owning(None, "forked"))
    assert await owners(log) == {
        "a": "ann", "b": "bob", "c": None, "old": None, "f": "bob", "g": None,
    }  # fmt: skip
    assert await owned(log, "ann") == ["a"]
    assert await owned(log, "bob") == ["f", "b"]
    assert await owned(log, "nobody") == []


async def owned(log: EventLog, owner: str) -> list[str]:
    return [head.conversation_id for head in await log.conversations(owner=owner)]


async def test_listing_pages_through_what_one_owns(log: EventLog) -> None:
    for number in range(6):
        await own(log, f"c{number}", owning("ann" if number % 2 else "bob"))
    first = await log.conversations(owner="ann", limit=2)
    rest = await log.conversations(owner="ann", limit=2, after=first[-1].conversation_id)
    assert [h.conversation_id for h in (*first, *rest)] == ["c5", "c3", "c1"]
    assert not await log.conversations(owner="ann", ended=True)
    assert not await log.conversations(owner="nobody")
    for stranger in ("c2", "z"):
        with pytest.raises(ValueError, match=f"no conversation {stranger}"):
            await log.conversations(owner="ann", after=stranger)


async def test_owners_are_known_when_a_log_is_opened_again(tmp_path: Path) -> None:
    log = await duckdb_log(tmp_path / "log.duckdb")
    await own(log, "a", owning("ann"), event())
    await own(log, "f", owning("ann"), owning("bob", "forked"))
    await own(log, "n", event())
    known = await owners(log)
    await log.close()
    reopened = await duckdb_log(tmp_path / "log.duckdb")
    assert await owners(reopened) == known == {"a": "ann", "f": "bob", "n": None}
    assert await owned(reopened, "bob") == ["f"]
    await reopened.close()


async def test_following_catches_up_and_then_waits(log: EventLog) -> None:
    await fill(log, "a", 3)
    following = asyncio.create_task(take(log.follow(after=1), 5))
    await asyncio.sleep(0)
    await fill(log, "b", 3)
    assert [e.position for e in await following] == [2, 3, 4, 5, 6]


async def test_news_is_what_is_above_a_position_once_there_is_something(log: EventLog) -> None:
    await fill(log, "a", 5)
    assert [e.position for e in await log.news(after=2)] == [3, 4, 5]
    assert [e.position for e in await log.news(after=2, limit=2)] == [3, 4]
    coming = asyncio.create_task(log.news(after=5))
    await asyncio.sleep(0)
    assert not coming.done()
    await fill(log, "b", 1)
    assert [(e.conversation_id, e.position) for e in await coming] == [("b", 6)]


async def test_news_of_long_ago_comes_from_storage(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    await log.append(an_append("a", epoch, 0, "c0", tuple(event() for _ in range(2500))))
    assert [e.position for e in await log.news(after=10, limit=3)] == [11, 12, 13]


async def test_who_waits_for_news_is_let_go_with_the_log(log: EventLog) -> None:
    waiting = asyncio.create_task(log.news(after=0))
    await asyncio.sleep(0)
    await log.close()
    assert not await waiting
    with pytest.raises(LogUnavailable):
        await log.news(after=0)


async def test_a_head_tells_of_one_conversation_without_reading_it(log: EventLog) -> None:
    assert await log.head("a") is None
    await fill(log, "a", 2)
    await fill(log, "b", 1)
    head = await log.head("a")
    assert head is not None
    assert (head.version, head.last_position, head.ended) == (2, 2, False)
    assert [head] == [h for h in await log.conversations() if h.conversation_id == "a"]


async def test_many_follow_and_none_misses_or_repeats(log: EventLog) -> None:
    followers = [asyncio.create_task(take(log.follow(after=n % 3), 3000 - n % 3)) for n in range(5)]
    epoch = (await log.open("a")).epoch
    batch = tuple(event() for _ in range(250))
    for turn in range(12):
        await log.append(an_append("a", epoch, turn * 250, f"c{turn}", batch))
    for n, follower in enumerate(followers):
        assert [e.position for e in await follower] == list(range(1 + n % 3, 3001))


async def test_a_follower_who_fell_behind_reads_from_storage(log: EventLog) -> None:
    epoch = (await log.open("a")).epoch
    batch = tuple(event() for _ in range(1500))
    await log.append(an_append("a", epoch, 0, "c0", batch))
    stream = log.follow()
    seen = await take(stream, 10)
    await log.append(an_append("a", epoch, 1500, "c1", batch))
    await log.append(an_append("a", epoch, 3000, "c2", batch))
    seen += await take(log.follow(after=10), 4490)
    assert [e.position for e in seen] == list(range(1, 4501))


async def test_followers_can_leave_and_end_with_the_log(log: EventLog) -> None:
    leaving = asyncio.create_task(take(log.follow(), 1))
    staying = asyncio.create_task(take(log.follow(), 10))
    await asyncio.sleep(0)
    leaving.cancel()
    await fill(log, "a", 2)
    await log.close()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert [e.position for e in await staying] in ([], [1, 2])


async def test_many_producers_at_once(log: EventLog) -> None:
    async def talk(name: str) -> list[int]:
        epoch = (await log.open(name)).epoch
        done = [await log.append(an_append(name, epoch, v, f"{v}")) for v in range(5)]
        return [r.position for batch in done for r in batch]

    told = await asyncio.gather(*(talk(f"conversation-{n}") for n in range(100)))
    assert sorted(p for positions in told for p in positions) == list(range(1, 501))
    stored = await log.read_all(limit=1000)
    assert [r.position for r in stored] == list(range(1, 501))
    assert set(Counter(r.conversation_id for r in stored).values()) == {5}
    outcome = await log.verify()
    assert (outcome.content, outcome.events, outcome.conversations) == (True, 500, 100)


async def test_two_who_fight_for_a_conversation_never_interleave(log: EventLog) -> None:
    async def grab(who: str) -> int:
        written = 0
        for turn in range(10):
            opened = await log.open("a")
            one = an_append("a", opened.epoch, len(opened.events), f"{who}{turn}")
            try:
                written += len(await log.append(one))
            except StaleEpoch as stale:
                assert stale.taken  # noqa: PT017
        return written

    written = await asyncio.gather(grab("x"), grab("y"), grab("z"))
    stored = await log.read("a")
    assert len(stored) == sum(written) > 0
    assert all(earlier.epoch <= later.epoch for earlier, later in pairwise(stored))


async def test_a_closed_log_says_so(log: EventLog) -> None:
    await log.close()
    await log.close()
    for refused in (log.open("a"), log.append(an_append("a", 1)), log.read("a"), log.verify()):
        with pytest.raises(LogUnavailable, match="closed"):
            await refused
