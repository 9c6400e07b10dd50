from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.commands import Vocal
from actors.understanding.reader import Line, TextReader
from actors.understanding.voice import vocal_of, with_voice
from events.baseline import REMEMBERED, Baseline, Habit
from events.readings import Affect, Features
from events.state import State
from tests.fakes.clock import START as NOW

CALM = Features(
    duration_s=2, f0_median_hz=120, f0_range_st=5, loudness_lufs=-23, rate_syll_s=4.5, speech_s=1.8
)
LIVELY = CALM.model_copy(
    update={"f0_median_hz": 150, "f0_range_st": 8, "loudness_lufs": -19, "rate_syll_s": 6}
)
TIRED = CALM.model_copy(
    update={"f0_median_hz": 105, "f0_range_st": 3, "loudness_lufs": -27, "rate_syll_s": 3.2}
)
SAD = Affect(
    valence=-0.5,
    arousal=-0.1,
    category="sadness",
    sentiment="negative",
    confidence=0.7,
    sources=("text",),
)


def used_to(*turns: Features) -> Baseline:
    baseline = Baseline()
    for turn in turns:
        baseline = baseline.after(turn)
    return baseline


def arousal(heard: Features, usual: Baseline) -> float:
    vocal = vocal_of(heard, usual)
    assert vocal is not None
    return vocal.arousal


def test_the_first_turn_has_nothing_to_be_measured_against() -> None:
    assert vocal_of(CALM, Baseline()) is None


def test_higher_wider_louder_and_faster_than_usual_is_aroused() -> None:
    usual = used_to(CALM, CALM)
    assert arousal(CALM, usual) == pytest.approx(0, abs=1e-9)
    assert arousal(LIVELY, usual) > 0.5
    assert arousal(TIRED, usual) < -0.3


@pytest.mark.parametrize("sign", ["f0_median_hz", "f0_range_st", "loudness_lufs", "rate_syll_s"])
def test_every_sign_counts_by_itself(sign: str) -> None:
    usual = used_to(CALM, CALM)
    more = CALM.model_copy(update={sign: getattr(LIVELY, sign)})
    less = CALM.model_copy(update={sign: getattr(TIRED, sign)})
    assert arousal(less, usual) < 0 < arousal(more, usual)


def test_what_a_speaker_does_anyway_tells_less() -> None:
    steady = used_to(*[CALM] * 6)
    lively = used_to(*[CALM, LIVELY, TIRED] * 2)
    steadily, livelily = vocal_of(LIVELY, steady), vocal_of(LIVELY, lively)
    assert steadily is not None
    assert livelily is not None
    assert steadily.arousal_weight > 2 * livelily.arousal_weight


def test_the_same_voice_is_another_thing_from_another_speaker() -> None:
    assert arousal(CALM, used_to(TIRED, TIRED)) > 0.2
    assert arousal(CALM, used_to(LIVELY, LIVELY)) < -0.2


def test_what_was_not_measured_does_not_count() -> None:
    silent = Features(duration_s=1)
    assert vocal_of(silent, used_to(CALM)) is None
    assert vocal_of(CALM, used_to(silent)) is None


def test_the_voice_decides_between_anger_and_sadness() -> None:
    loud = with_voice(SAD, Vocal(arousal=0.9, arousal_weight=2))
    assert (loud.category, loud.sources) == ("anger", ("text", "sound"))
    assert loud.arousal == pytest.approx((-0.1 + 2 * 0.9) / 3, abs=1e-3)
    angry = SAD.model_copy(update={"category": "anger", "arousal": 0.2})
    assert with_voice(angry, Vocal(arousal=-0.9, arousal_weight=2)).category == "sadness"
    glad = SAD.model_copy(update={"category": "joy", "sentiment": "positive", "valence": 0.6})
    assert with_voice(glad, Vocal(arousal=-0.9, arousal_weight=2)).category == "joy"


def test_a_voice_alone_has_no_name_for_what_it_tells() -> None:
    alone = with_voice(None, Vocal(arousal=0.8, arousal_weight=1))
    assert (alone.category, alone.valence, alone.sources) == ("neutral", 0, ("sound",))
    assert alone.arousal == 0.4


def test_the_reader_takes_sound_with_the_words() -> None:
    state = State("c", baselines={"ann": used_to(CALM, CALM)})
    line = Line("ann", "They closed the road.", NOW)
    silent, loud = (
        TextReader().read(state, each) for each in (line, replace(line, features=LIVELY))
    )
    assert silent.affect is not None
    assert loud.affect is not None
    assert loud.affect.arousal > silent.affect.arousal + 0.3
    assert "sound" in loud.affect.sources
    assert (loud.act, loud.topic, loud.unread) == (silent.act, silent.topic, silent.unread)


def test_a_language_that_is_not_known_is_read_by_its_sound() -> None:
    state = State("c", baselines={"ann": used_to(CALM, CALM)})
    line = Line("ann", "Ich habe das nicht gesehen.", NOW, features=LIVELY)
    reading = TextReader().read(state, line)
    assert reading.affect is not None
    assert reading.affect.sources == ("sound",)
    assert [each.reading for each in reading.unread] == ["act", "topic"]


def test_something_stronger_takes_the_place_of_the_rules() -> None:
    state = State("c", baselines={"ann": used_to(CALM, CALM)})
    vocal = Vocal(arousal=-1, arousal_weight=100, valence=0.5, valence_weight=100)
    line = Line("ann", "They closed the road.", NOW, features=LIVELY, vocal=vocal)
    affect = TextReader().read(state, line).affect
    assert affect is not None
    assert (affect.valence, affect.arousal) == pytest.approx((0.5, -1), abs=0.02)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=REMEMBERED))
def test_a_habit_is_mean_and_variance(values: list[float]) -> None:
    habit = Habit()
    for value in values:
        habit = habit.after(value)
    mean = sum(values) / len(values)
    assert habit.turns == len(values)
    assert habit.mean == pytest.approx(mean, abs=1e-6)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    assert habit.variance == pytest.approx(variance, rel=1e-6, abs=1e-6)


def test_a_habit_forgets_what_is_long_ago() -> None:
    habit = Habit()
    for value in [0.0] * 100 + [10.0] * 100:
        habit = habit.after(value)
    assert habit.turns == REMEMBERED
    assert habit.mean > 9
