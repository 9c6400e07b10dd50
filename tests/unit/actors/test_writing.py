"""The one writer: what callers are told was written, exactly once, whatever the line does."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.journal import JournalUnreachable
from actors.refusals import Busy, UnknownSpeaker
from actors.writing import MOST_TOGETHER, MOST_WAITING, PAUSES_S, Surrendered, Writer
from events.envelope import Append
from events.log import LogUnavailable
from events.memory import MemoryLog
from events.replay import replay
from events.state import State
from events.transcript import Transcript
from events.turns import Event, ParticipantJoined, Started
from tests.fakes import Clock, LocalJournal, ids
from tests.fakes.clock import VirtualLoop, settle
from tests.fakes.journal import Mishap


def joins(name: str) -> Callable[[State, Transcript], list[Event]]:
    def decide(state: State, _: Transcript) -> list[Event]:
        joined = name in state.participants
        return [] if joined else [ParticipantJoined(participant_id=name)]

    return decide


def refuses(_: State, __: Transcript) -> list[Event]:
    raise UnknownSpeaker("eve", "nobody")


async def awake(journal: LocalJournal) -> Writer:
    writer = Writer("c", journal)
    await writer.wake()
    return writer


async def people(journal: LocalJournal) -> list[str]:
    """Who is there according to the log."""
    return list(replay("c", await journal.read("c")).state.participants)


async def test_what_was_written_is_in_the_log_and_in_the_state() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    assert await writer.write("1", joins("ann"))
    assert list(writer.state.participants) == await people(journal) == ["ann"]
    assert not writer.busy


async def test_commands_that_come_together_are_written_together() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    journal.hold()
    first = asyncio.create_task(writer.write("0", joins("0")))
    await settle()
    rest = [asyncio.create_task(writer.write(f"{n}", joins(f"{n}"))) for n in range(1, 5)]
    await settle()
    assert not any(task.done() for task in (first, *rest))
    assert writer.busy
    journal.free()
    assert all(await asyncio.gather(first, *rest))
    assert [len(call) for call in journal.calls] == [1, 4]
    assert await people(journal) == list("01234")


async def test_each_is_decided_on_what_those_before_it_left() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    made = await asyncio.gather(*(writer.write(f"{n}", joins("ann")) for n in range(3)))
    assert made == [True, False, False]
    assert journal.types("c") == ["participant_joined"]


async def test_a_refusal_concerns_nobody_else() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    outcomes = await asyncio.gather(
        writer.write("1", joins("ann")),
        writer.write("2", refuses),
        writer.write("3", joins("bob")),
        return_exceptions=True,
    )
    assert outcomes[0] is outcomes[2] is True
    assert isinstance(outcomes[1], UnknownSpeaker)
    assert await people(journal) == ["ann", "bob"]


@pytest.mark.parametrize("mishap", ["lost before writing", "lost after writing"])
@pytest.mark.parametrize("times", [1, 3])
async def test_an_unknown_outcome_is_written_exactly_once(mishap: Mishap, times: int) -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    journal.mishaps.extend([mishap] * times)
    made = await asyncio.gather(*(writer.write(name, joins(name)) for name in ("ann", "bob")))
    assert made == [True, True]
    assert list(writer.state.participants) == await people(journal) == ["ann", "bob"]
    assert len(journal.types("c")) == 2


async def test_who_never_reaches_the_scribe_is_told_so() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    journal.mishaps.extend(["lost before writing"] * (len(PAUSES_S) + 1))
    with pytest.raises(JournalUnreachable):
        await writer.write("1", joins("ann"))
    assert await writer.write("1", joins("ann"))
    assert await people(journal) == ["ann"]


async def test_a_full_disk_is_refused_and_the_state_read_anew() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    await writer.write("1", joins("ann"))
    journal.mishaps.append("disk full")
    with pytest.raises(LogUnavailable):
        await writer.write("2", joins("bob"))
    await writer.settled()
    assert list(writer.state.participants) == ["ann"]
    assert await writer.write("2", joins("bob"))
    assert await people(journal) == ["ann", "bob"]


async def test_who_was_taken_over_gives_up_and_writes_nothing_more() -> None:
    journal = LocalJournal()
    old, new = await awake(journal), await awake(journal)
    with pytest.raises(Surrendered):
        await old.write("1", joins("ann"))
    with pytest.raises(Surrendered):
        await old.write("2", joins("bob"))
    assert journal.types("c") == []
    assert await new.write("3", joins("eve"))


async def test_who_was_taken_over_does_not_take_it_back_for_those_who_wait() -> None:
    journal = LocalJournal()
    old = await awake(journal)
    journal.hold()
    first = asyncio.create_task(old.write("first", joins("first")))
    await settle()
    waiting = [asyncio.create_task(old.write(f"{n}", joins(f"{n}"))) for n in range(3)]
    new = await awake(journal)
    journal.free()
    outcomes = await asyncio.gather(first, *waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Surrendered] * 4
    assert await new.write("new", joins("new"))
    assert await people(journal) == ["new"]


async def restarted(journal: LocalJournal) -> LocalJournal:
    log = journal.log
    again = MemoryLog(
        clock=Clock().now, new_id=ids("later"), events=log.events, opening=log.opening + 1
    )
    return LocalJournal(again)


async def test_a_log_that_was_opened_anew_is_written_to_by_the_same_writer() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    await writer.write("1", joins("ann"))
    later = await restarted(journal)
    writer._journal = later
    assert await writer.write("2", joins("bob"))
    assert await people(later) == ["ann", "bob"]


class Forgetful(LocalJournal):
    """A log that is opened anew before every append."""

    async def append(self, appends):  # type: ignore[no-untyped-def]
        self.log._ledger._leases.clear()
        return await super().append(appends)


async def test_nobody_waits_for_ever_where_the_log_forgets_its_writers() -> None:
    writer = await awake(Forgetful())
    with pytest.raises(Exception, match="is over"):
        await writer.write("1", joins("ann"))


async def test_a_conversation_given_back_is_given_up() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    await writer.release()
    with pytest.raises(Surrendered):
        await writer.write("1", joins("ann"))


async def test_a_repeated_command_made_its_difference_already() -> None:
    journal = LocalJournal()
    await (await awake(journal)).write("1", joins("ann"))
    later = await awake(journal)
    assert await later.write("1", joins("bob"))
    assert await people(journal) == ["ann"]


async def test_a_caller_who_goes_away_takes_nobody_along() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    journal.hold()
    gone, still = (asyncio.create_task(writer.write(n, joins(n))) for n in ("gone", "still"))
    await settle()
    gone.cancel()
    journal.free()
    assert await still
    assert await people(journal) == ["gone", "still"]


async def test_too_many_are_told_to_come_again() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    journal.hold()
    first = asyncio.create_task(writer.write("first", joins("first")))
    await settle()
    waiting = [
        asyncio.create_task(writer.write(f"{n}", lambda _s, _t: [])) for n in range(MOST_WAITING)
    ]
    await settle(2)
    with pytest.raises(Busy):
        await writer.write("one more", joins("x"))
    journal.free()
    assert await first
    assert not any(await asyncio.gather(*waiting))


async def test_a_batch_has_its_bounds() -> None:
    journal = LocalJournal()
    writer = await awake(journal)
    names = [f"{n}" for n in range(MOST_TOGETHER + 1)]
    assert all(await asyncio.gather(*(writer.write(name, joins(name)) for name in names)))
    assert [len(call) for call in journal.calls] == [MOST_TOGETHER, 1]


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["lost before writing", "lost after writing", "disk full", None]),
        max_size=8,
    ),
    st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), max_size=6),
)
def test_what_a_caller_was_told_is_true(mishaps: list[Mishap], rounds: list[list[int]]) -> None:
    """And a state in memory is that of the log as soon as all is settled."""

    async def play() -> None:
        journal = LocalJournal()
        writer = await awake(journal)
        await writer.write("start", lambda _s, _t: [Started()])
        journal.mishaps.extend(mishaps)
        promised: set[str] = set()
        for number, names in enumerate(rounds):
            outcomes = await asyncio.gather(
                *(writer.write(f"{number}/{i}", joins(f"{n}")) for i, n in enumerate(names)),
                return_exceptions=True,
            )
            for name, outcome in zip(names, outcomes, strict=True):
                if not isinstance(outcome, Exception):
                    promised.add(f"{name}")
        journal.mishaps.clear()
        await writer.settled()
        recorded: list[Append] = [append for call in journal.calls for append in call]
        assert promised <= set(await people(journal)) <= {e for r in rounds for e in map(str, r)}
        assert len(journal.types("c")) == 1 + len(await people(journal))
        assert replay("c", await journal.read("c")).state == writer.state
        assert recorded

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(play())
