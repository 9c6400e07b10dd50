import pytest

from events.state import SpeakerSummary, State, evolve, fold
from events.turns import (
    Ended,
    Event,
    Forked,
    ParticipantJoined,
    ParticipantLeft,
    Started,
    VoiceAssigned,
)
from tests.unit.events.facts import at, begun, completed, failed, heard, interrupted


def after(*events: Event, window: int = 10) -> State:
    return fold("c", [Started(context_window=window), *events])


def test_a_conversation_begins_lives_and_ends() -> None:
    assert State("c").status == "new"
    assert after().status == "active"
    assert after(Ended()).status == "ended"
    assert after(Ended(), Forked(source_conversation_id="x", source_version=1)).status == "active"


def test_every_event_is_a_version() -> None:
    assert after(heard(), Ended()).version == 3


def test_who_left_stays_in_the_record_with_their_voice() -> None:
    state = after(
        ParticipantJoined(participant_id="ann", name="Ann"),
        VoiceAssigned(participant_id="ann", voice="af_heart"),
        ParticipantLeft(participant_id="ann"),
    )
    assert not state.participants["ann"].present
    state = evolve(state, ParticipantJoined(participant_id="ann", name="Ann"))
    assert state.participants["ann"].present
    assert state.participants["ann"].voice == "af_heart"


def test_the_last_to_speak_is_the_current_speaker() -> None:
    assert after().current_speaker is None
    assert after(heard(1), begun(2)).current_speaker == "ann"


def test_the_window_holds_the_last_turns_and_the_count_all() -> None:
    state = after(*(heard(number) for number in range(1, 6)), window=3)
    assert [turn.number for turn in state.turns] == [3, 4, 5]
    assert state.turn_count == 5


@pytest.mark.parametrize("window", [0, -3])
def test_a_window_of_nothing_holds_nothing(window: int) -> None:
    assert after(heard(1), heard(2), window=window).turns == ()


def test_a_turn_taken_up_again_keeps_its_place() -> None:
    state = after(begun(1), failed(1), heard(2), begun(1))
    assert [(turn.number, turn.status) for turn in state.turns] == [(1, "begun"), (2, "completed")]
    assert state.turn_count == 2
    assert state.speakers["ann"].turns == 1


def test_a_summary_counts_turns_words_seconds_and_interruptions() -> None:
    state = after(
        heard(1, started_at=at(0), ended_at=at(1.5)),
        begun(2),
        completed(2),
        interrupted(2, audio_played_ms=500),
    )
    assert state.speakers["bob"] == SpeakerSummary(1, 2, 1.5, 0)
    assert state.speakers["ann"] == SpeakerSummary(1, 3, 0.5, 1)


def test_an_end_of_a_turn_that_left_the_window_changes_no_summary() -> None:
    before = after(begun(1), heard(2), window=1)
    state = evolve(before, completed(1))
    assert (state.turns, state.speakers) == (before.turns, before.speakers)
    assert state.version == before.version + 1


def test_a_turn_that_changed_hands_is_no_surprise() -> None:
    state = after(begun(1), begun(1, speaker="eve"), completed(1))
    assert state.speakers["eve"].spoken_s == 2.0
