"""Laws of a context, whatever happened before."""

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.context import Context, context_of
from events.state import fold
from tests.properties.facts import HISTORIES, MOMENTS

law = settings(max_examples=60)
SPEAKERS = st.none() | st.sampled_from(["ann", "bob", "eve"])


@law
@given(HISTORIES, SPEAKERS, st.none() | MOMENTS)
def test_there_is_a_context_of_any_past(history, speaker_id, at) -> None:
    told = context_of(fold("c", history), speaker_id=speaker_id, at=at)
    assert Context.model_validate_json(told.model_dump_json()) == told
    assert told.version == len(history)
    assert told.partner_id is None or told.partner_id != speaker_id


@law
@given(HISTORIES)
def test_shares_are_shares(history) -> None:
    state = fold("c", history)
    for speaker in context_of(state).speakers.values():
        assert 0 <= speaker.intensity <= 1
        assert speaker.word_share is None or 0 <= speaker.word_share <= 1
        for share in (speaker.style.question_share, speaker.style.backchannel_share):
            assert share is None or 0 <= share <= 1


@law
@given(HISTORIES, st.sampled_from(["t1", "t2", "t3", "t4"]))
def test_a_turn_is_no_part_of_what_came_before_it(history, turn_id) -> None:
    state = fold("c", history)
    before = state.without_turn(turn_id)
    assert turn_id not in [turn.turn_id for turn in before.turns]
    assert before.without_turn(turn_id) == before
