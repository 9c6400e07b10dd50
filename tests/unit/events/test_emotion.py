import pytest

from events.emotion import Feeling, as_affect, mood_of
from events.readings import Affect, Emotion
from events.state import evolve, fold
from tests.unit.events.facts import at, begun, failed, heard

CALM = Feeling(0.0)


def meant(category: Emotion, valence: float, confidence: float = 0.8) -> Affect:
    return Affect(
        valence=valence,
        arousal=0.5,
        category=category,
        sentiment="positive" if valence > 0 else "negative" if valence < 0 else "neutral",
        confidence=confidence,
        sources=("text",),
    )


JOY, ANGER, SURPRISE = meant("joy", 0.8), meant("anger", -0.8), meant("surprise", 0.8)


def test_an_emotion_falls_by_half_in_its_half_life_and_the_mood_stays() -> None:
    angry = CALM.said(ANGER, 0.0)
    later = angry.later(5.0)
    assert later.valence == pytest.approx(angry.valence / 2, rel=0.1)
    assert later.mood_valence == pytest.approx(angry.mood_valence, rel=0.05)


def test_after_the_emotion_there_is_the_mood_and_at_last_nothing() -> None:
    angry = CALM.said(ANGER, 0.0)
    minute, day = angry.later(60.0), angry.later(86_400.0)
    assert minute.valence == pytest.approx(minute.mood_valence, abs=0.001)
    assert minute.valence < -0.02
    assert day.valence == pytest.approx(0.0, abs=1e-9)


def test_time_in_pieces_is_time_as_a_whole() -> None:
    angry = CALM.said(ANGER, 0.0)
    assert angry.later(3.0).later(11.0) == pytest.approx(angry.later(11.0))  # type: ignore[comparison-overlap]


def test_time_does_not_run_backwards() -> None:
    angry = CALM.said(ANGER, 10.0)
    assert angry.later(5.0) == angry


def test_surprise_is_gone_at_once() -> None:
    surprised, glad = CALM.said(SURPRISE, 0.0), CALM.said(JOY, 0.0)
    assert surprised.later(4.0).valence < glad.later(4.0).valence / 2
    assert as_affect(surprised.later(4.0)).category == "neutral"


def test_joy_is_shared_anger_is_mostly_ones_own_and_surprise_only_ones_own() -> None:
    glad, angered = CALM.heard(JOY, 0.0), CALM.heard(ANGER, 0.0)
    assert glad.valence > 2 * -angered.valence > 0
    assert CALM.heard(SURPRISE, 0.0) == CALM


def test_a_neutral_word_does_not_end_what_was_clearly_felt() -> None:
    angry = CALM.said(ANGER, 0.0)
    assert angry.said(meant("neutral", 0.0, 0.5), 0.5).category == "anger"
    assert angry.said(JOY, 0.5).category == "joy"


def test_the_fold_moves_the_speaker_and_whoever_spoke_last() -> None:
    state = fold("c", [heard(1, "bob"), heard(2, "ann"), heard(3, "eve", affect=JOY)])
    assert set(state.feelings) == {"ann", "eve"}
    emotions = state.emotions
    assert emotions["eve"].valence > emotions["ann"].valence > 0
    assert emotions["eve"].category == "joy"


def test_a_turn_without_a_reading_moves_nobody() -> None:
    state = fold("c", [heard(1, affect=JOY)])
    assert evolve(state, heard(2, "ann")).feelings == state.feelings


def test_a_turn_taken_up_again_is_felt_once() -> None:
    first = begun(1).model_copy(update={"affect": JOY})
    once = fold("c", [first, failed(1)])
    assert evolve(once, first).feelings == once.feelings


def test_emotions_are_as_of_the_last_turn() -> None:
    state = fold("c", [heard(1, affect=ANGER, heard_at=at(0))])
    cooled = evolve(state, heard(2, "ann", affect=meant("neutral", 0.0), heard_at=at(30)))
    assert cooled.emotions["bob"].valence > state.emotions["bob"].valence


def test_the_mood_of_a_dialogue_is_that_of_all_who_were_read() -> None:
    assert mood_of([]) is None
    assert fold("c", []).mood is None
    state = fold("c", [heard(n, "bob", affect=ANGER, heard_at=at(4 * n)) for n in range(1, 12)])
    assert state.mood is not None
    assert (state.mood.sentiment, state.mood.category) == ("negative", "anger")
