from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from events.codec import CODEC
from events.envelope import Recorded
from events.transcript import Transcript
from events.turns import Event, Started
from tests.unit.events.facts import NOON, begun, completed, failed, heard, interrupted

PASTS = st.lists(
    st.sampled_from([Started(), heard(1), begun(2), begun(3)])
    | st.sampled_from([failed(2), completed(2), interrupted(2), completed(3), interrupted(9)])
)


def applied(events: Sequence[Event]) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return transcript


def filed(events: Sequence[Event]) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.file(event, line(event))
    return transcript


def line(event: Event) -> Recorded:
    new = CODEC.encode(event)
    return Recorded(1, "c", 1, "e", new.type, new.schema_version, 1, "k", NOON, b"", new.data)


def test_turns_are_kept_in_order_and_the_rest_is_passed_over() -> None:
    transcript = applied((Started(), heard(1), begun(2), failed(2), completed(9), begun(2)))
    assert [found.turn_id for found in transcript] == ["t1", "t2"]
    assert len(transcript) == 2
    assert transcript.get("t9") is None


@given(PASTS, PASTS)
def test_what_was_filed_as_lines_reads_as_what_was_applied(
    read: list[Event], lived: list[Event]
) -> None:
    awake, told = filed(read), applied(read)
    for event in lived:
        awake.apply(event)
        told.apply(event)
    assert awake.open() == told.open()
    assert list(awake) == list(told)
    assert len(awake) == len(told)


@given(PASTS)
def test_a_turn_is_open_from_its_beginning_to_an_end(past: list[Event]) -> None:
    transcript = filed(past)
    begun_last = [turn for turn in transcript if turn.status == "begun"]
    assert sorted(turn.turn_id for turn in transcript.open()) == sorted(
        turn.turn_id for turn in begun_last
    )
