"""Laws of a conversation as the sum of its events."""

from itertools import accumulate

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.codec import CODEC, STORED
from events.state import State, evolve, fold
from events.transcript import Transcript
from events.turns import Event, Started, TurnBegun, TurnHeard
from tests.properties.facts import FACTS, HISTORIES, KINDS

law = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def transcript(history: list[Event]) -> Transcript:
    turns = Transcript()
    for event in history:
        turns.apply(event)
    return turns


@law
@given(HISTORIES)
def test_evolve_takes_whatever_was_recorded(history: list[Event]) -> None:
    state = fold("c", history)
    assert state.version == len(history)
    assert state.conversation_id == "c"


@law
@given(HISTORIES)
def test_the_same_events_give_the_same_state(history: list[Event]) -> None:
    assert fold("c", history) == fold("c", history)
    again = [CODEC.decode(*stored(event)) for event in history]
    assert fold("c", again) == fold("c", history)


@law
@given(HISTORIES, st.integers(0, 25))
def test_a_state_goes_on_from_where_it_was(history: list[Event], cut: int) -> None:
    *_, state = accumulate(history[cut:], evolve, initial=fold("c", history[:cut]))
    assert state == fold("c", history)


@law
@given(HISTORIES)
def test_no_state_is_changed_by_what_follows(history: list[Event]) -> None:
    states = list(accumulate(history, evolve, initial=State("c")))
    told = [repr(state) for state in accumulate(history, evolve, initial=State("c"))]
    assert [repr(state) for state in states] == told
    assert len({id(state) for state in states}) == len(states)


@law
@given(FACTS)
def test_what_is_encoded_is_decoded(event: Event) -> None:
    assert CODEC.decode(*stored(event)) == event


@law
@given(HISTORIES, st.integers(1, 4))
def test_the_window_has_its_bound(history: list[Event], window: int) -> None:
    steady = [replace_window(event, window) for event in history]
    for state in accumulate(steady, evolve, initial=State("c", context_window=window)):
        assert len(state.turns) <= window


def proper(history: list[Event]) -> list[Event]:
    """The history with the numbers and speakers that a decider gives."""
    known: dict[str, TurnHeard | TurnBegun] = {}
    found: list[Event] = []
    for event in history:
        if isinstance(event, TurnHeard | TurnBegun):
            first = known.setdefault(event.turn_id, event)
            number = list(known).index(event.turn_id) + 1
            update = {"turn": number, "speaker_id": first.speaker_id}
            found.append(event.model_copy(update=update))
        else:
            found.append(event)
    return found


@law
@given(HISTORIES, st.integers(1, 4))
def test_the_window_is_the_end_of_the_transcript(history: list[Event], window: int) -> None:
    events = [replace_window(event, window) for event in proper(history)]
    state = fold("c", [Started(context_window=window), *events])
    turns = list(transcript(events))
    assert list(state.turns) == turns[-window:]
    assert state.turn_count == len(turns)
    assert {name: s.turns for name, s in state.speakers.items()} == {
        name: sum(turn.speaker_id == name for turn in turns)
        for name in {turn.speaker_id for turn in turns}
    }


@law
@given(HISTORIES)
def test_a_turn_has_heard_nothing_that_was_not_recorded(history: list[Event]) -> None:
    for turn in transcript(history):
        if turn.status in ("begun", "failed"):
            assert turn.heard_text == ""
        if turn.status == "completed":
            assert turn.heard_text == turn.text
        assert turn.duration_s >= 0
        assert (turn.ended_at is None) == (turn.status == "begun")


def test_every_kind_of_event_is_stored_and_made_here() -> None:
    assert set(KINDS) == {kind for kind, _ in STORED.values()}


def stored(event: Event) -> tuple[str, int, str]:
    new = CODEC.encode(event)
    return new.type, new.schema_version, new.data


def replace_window(event: Event, window: int) -> Event:
    if isinstance(event, Started):
        return event.model_copy(update={"context_window": window})
    return event
