from datetime import timedelta, timezone

import pytest

from events.codec import CODEC, UnknownEvent
from events.envelope import NewEvent, Recorded
from events.replay import before_turn, replay, until
from events.turns import Started
from tests.unit.events.facts import at, begun, completed, failed, heard


def a_log(*events: NewEvent) -> list[Recorded]:
    """One event a second."""
    return [
        Recorded(n, "c", n, f"e{n}", e.type, e.schema_version, 1, f"k{n}", at(n), b"", e.data)
        for n, e in enumerate(events, start=1)
    ]


LOG = a_log(*CODEC.encode_all([Started(context_window=1), heard(1), begun(2), completed(2)]))


def test_a_replay_gives_the_state_and_every_turn() -> None:
    replayed = replay("c", LOG)
    assert replayed.state.version == 4
    assert [turn.number for turn in replayed.state.turns] == [2]
    assert [turn.number for turn in replayed.transcript] == [1, 2]


def test_nothing_is_nothing_yet() -> None:
    assert replay("c", []).state.status == "new"


@pytest.mark.parametrize(("version", "found"), [(0, 0), (2, 2), (4, 4), (9, 4)])
def test_a_version_is_the_last_to_be_replayed(version: int, found: int) -> None:
    assert len(list(until(LOG, version=version))) == found


@pytest.mark.parametrize(("seconds", "found"), [(0.5, 0), (2, 2), (2.5, 2), (99, 4)])
def test_a_moment_includes_what_was_recorded_in_it(seconds: float, found: int) -> None:
    assert len(list(until(LOG, at=at(seconds)))) == found


def test_the_earlier_of_version_and_moment_holds() -> None:
    assert len(list(until(LOG, version=3, at=at(2)))) == 2
    assert len(list(until(LOG, version=1, at=at(2)))) == 1


def test_a_turn_followed_the_state_of_its_last_beginning_without_itself() -> None:
    lines = a_log(*CODEC.encode_all([Started(), heard(1), begun(2), failed(2), heard(3), begun(2)]))
    followed = before_turn("c", lines, "t2")
    assert followed is not None
    assert (followed.version, followed.turn_count) == (5, 2)
    assert [turn.number for turn in followed.turns] == [1, 3]
    first = before_turn("c", lines, "t1")
    assert first is not None
    assert (first.version, first.turns) == (1, ())
    assert before_turn("c", lines, "t9") is None


def test_a_log_from_the_future_says_so() -> None:
    with pytest.raises(UnknownEvent):
        replay("c", a_log(NewEvent("sung", 1, "{}")))


def test_a_moment_in_another_time_zone_is_the_same_moment() -> None:
    elsewhere = at(2).astimezone(timezone(timedelta(hours=9)))
    assert len(list(until(LOG, at=elsewhere))) == 2
