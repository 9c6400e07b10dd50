import pytest

from events.direction import Direction
from events.participants import SpeakerSummary
from events.readings import Affect, Features, Topic, Unread
from events.state import State, evolve, fold
from events.turns import (
    Ended,
    Event,
    Forked,
    ParticipantJoined,
    ParticipantLeft,
    Started,
    TurnExtended,
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
    assert state.speakers["bob"] == SpeakerSummary(1, 2, 1.5, 0, timed_words=2)
    assert state.speakers["ann"] == SpeakerSummary(1, 3, 0.5, 1, timed_words=1)


def test_a_summary_tells_how_somebody_speaks_beyond_the_window() -> None:
    state = after(
        heard(1, text="Is it far?", act="yes_no_question", started_at=at(0), ended_at=at(2)),
        heard(2, text="Uh-huh.", act="backchannel"),
        heard(3, text="It is five miles from here.", started_at=at(5), ended_at=at(7)),
        heard(4, text="So where is it?", act="wh_question"),
        window=1,
    )
    bob = state.speakers["bob"]
    assert (bob.words_a_second, bob.words_a_turn) == (9 / 4, 14 / 4)
    assert (bob.question_share, bob.backchannel_share) == (1 / 2, 1 / 4)


def test_of_nothing_there_is_no_manner() -> None:
    nobody = SpeakerSummary()
    assert (nobody.words_a_second, nobody.words_a_turn) == (None, None)
    assert (nobody.question_share, nobody.backchannel_share) == (None, None)


def test_of_a_line_that_was_cut_only_what_sounded_counts_for_the_rate() -> None:
    state = after(begun(1), completed(1, duration_s=1.5))
    assert state.speakers["ann"].words_a_second == 2.0
    state = evolve(state, interrupted(1, audio_played_ms=400))
    assert state.speakers["ann"].words_a_second == pytest.approx(2.5)
    again = evolve(state, begun(1))
    assert again.speakers["ann"].words_a_second is None
    assert again.speakers["ann"].timed_words == 0


def test_an_intensity_is_kept_by_who_comes_back_unless_it_is_another() -> None:
    joined = ParticipantJoined(participant_id="ann", intensity=0.2)
    state = after(joined, ParticipantLeft(participant_id="ann"))
    assert (
        evolve(state, ParticipantJoined(participant_id="ann")).participants["ann"].intensity == 0.2
    )
    other = ParticipantJoined(participant_id="ann", intensity=0.0)
    assert evolve(state, other).participants["ann"].intensity == 0.0
    assert after(Started(intensity=0.3), heard(1)).intensity == 0.3


def test_an_end_of_a_turn_that_left_the_window_changes_no_summary() -> None:
    before = after(begun(1), heard(2), window=1)
    state = evolve(before, completed(1))
    assert (state.turns, state.speakers) == (before.turns, before.speakers)
    assert state.version == before.version + 1


def test_a_turn_that_changed_hands_is_no_surprise() -> None:
    state = after(begun(1), begun(1, speaker="eve"), completed(1))
    assert state.speakers["eve"].spoken_s == 2.0


SOUND = Features(duration_s=2, f0_median_hz=100, loudness_lufs=-20, rate_syll_s=4)


def test_how_somebody_sounds_is_gathered_from_what_they_said_and_we_spoke() -> None:
    louder = SOUND.model_copy(update={"loudness_lufs": -16, "f0_median_hz": None})
    state = after(heard(1, features=SOUND), heard(2, features=louder), begun(3))
    assert after(heard(1), begun(2), completed(2)).baselines == {}
    bob = state.baselines["bob"]
    assert (bob.loudness.mean, bob.loudness.deviation, bob.pitch.turns) == (-18, 2, 1)
    spoken = evolve(state, completed(3, features=SOUND))
    assert spoken.baselines["ann"].rate.mean == 4
    assert spoken.baselines["bob"] == bob
    cut = evolve(state, interrupted(3, features=SOUND))
    assert cut.baselines == spoken.baselines


def test_a_turn_tells_what_was_measured_in_it() -> None:
    unread = (Unread(reading="features", because="it was late"),)
    sound = {"features": SOUND, "audio": "aa", "duration_s": 2}
    state = after(heard(1, **sound), begun(2), completed(2, unread=unread))
    told, spoken = state.turns
    assert (told.features, told.audio, told.duration_s) == (SOUND, "aa", 2)
    assert (spoken.features, spoken.unread) == (None, unread)
    assert state.speakers["bob"].spoken_s == 2


def test_sound_that_began_at_a_moment_ended_when_it_was_over() -> None:
    turn = after(heard(1, started_at=at(-5), duration_s=2)).turns[0]
    assert turn.ended_at == at(-3)
    assert after(heard(1, duration_s=2)).turns[0].ended_at == at(0)


def test_a_turn_that_goes_on_counts_once_with_all_its_words() -> None:
    short = [heard(text="Hi there."), begun(2, text="Well, ")]
    joy = Affect(
        valence=0.8,
        arousal=0.5,
        category="joy",
        sentiment="positive",
        confidence=0.9,
        sources=("text",),
    )
    more = TurnExtended(
        turn_id="t2",
        text="is it late?",
        direction=Direction(voice="af_heart", phrases=()),
        extended_at=at(2),
        affect=joy,
        act="yes_no_question",
        topic=Topic(id=1, label="time"),
    )
    before, now = after(*short), after(*short, more)
    ann = now.speakers["ann"]
    assert (ann.turns, ann.words, ann.questions) == (1, 4, 1)
    assert (before.turn_count, now.turn_count, len(now.turns)) == (2, 2, 2)
    assert now.version == before.version + 1
    assert now.turns[-1].text == "Well, is it late?"
    assert now.topic == "time"
    assert now.emotions["ann"].valence > 0
    assert fold("c", [more]) == State("c", version=1)
