"""The context of a line in its four encodings: functions of the state, and of nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from actors.context import Context, context_of
from events.readings import Features, Timing, Topic
from events.state import State, fold
from events.turns import Event, ParticipantJoined, ParticipantLeft, Started, VoiceAssigned
from tests.unit.actors.scenes import NOW, direct, feeling, heard, spoken, started, talk

LAST = NOW + timedelta(seconds=15)
"""The moment of the third turn."""


def said(turn: int, who: str, text: str, **read: Any) -> Event:
    return heard(turn, who, text, read.pop("felt", None), 2.0).model_copy(update=read)


def dialogue() -> State:
    tea, train = Topic(id=1, label="tea"), Topic(id=2, label="train")
    return fold(
        "c",
        [
            Started(intensity=0.4),
            ParticipantJoined(participant_id="ann", intensity=0.9),
            VoiceAssigned(participant_id="ann", voice="af_heart"),
            ParticipantJoined(participant_id="bob", role="human"),
            said(1, "ann", "Some tea?", act="yes_no_question", topic=tea),
            said(
                *(2, "bob", "My train is late, it is awful."),
                felt=feeling("sadness"),
                act="statement",
                topic=train,
                timing=Timing(gap_ms=100),
            ),
            said(
                *(3, "bob", "When is the next one?"),
                felt=feeling("neutral"),
                act="wh_question",
                topic=train,
                timing=Timing(gap_ms=300),
            ),
        ],
    )


def context(**asked: Any) -> Context:
    return context_of(dialogue(), **asked)


def test_before_anything_was_said_there_is_little_to_tell() -> None:
    told = context_of(fold("c", started("ann")), speaker_id="ann")
    assert (told.temporal.turn, told.temporal.part, told.partner_id) == (1, "opening", None)
    assert (told.emotional.mood, told.semantic.topic, told.semantic.open_question) == (None,) * 3
    assert told.speakers["ann"].style.words_a_second is None


def test_when() -> None:
    told = context(speaker_id="ann", at=LAST + timedelta(seconds=0.5)).temporal
    assert (told.turn, told.part, told.floor) == (4, "middle", "bob")
    assert (told.silence_ms, told.usual_gap_ms, told.response_gap_ms) == (500, 200, 240)
    assert not told.interrupted


def test_a_goodbye_is_a_closing() -> None:
    assert context(act="closing").temporal.part == "closing"


def test_who() -> None:
    told = context().speakers
    assert set(told) == {"ann", "bob"}
    assert (told["ann"].voice, told["ann"].intensity, told["bob"].intensity) == (
        "af_heart",
        0.9,
        0.4,
    )
    assert told["bob"].word_share == pytest.approx(12 / 14, abs=0.001)
    assert told["bob"].style.question_share == 0.5
    assert told["bob"].style.words_a_second == 3.0


def test_who_left_is_no_part_of_it() -> None:
    state = fold("c", [*started("ann", "bob"), ParticipantLeft(participant_id="bob")])
    assert set(context_of(state).speakers) == {"ann"}


def test_how_they_sound_is_told_where_it_was_measured() -> None:
    sound = Features(duration_s=2.0, f0_median_hz=220.0, loudness_lufs=-20.0, rate_syll_s=4.0)
    line = heard(1, "bob", "So it is.").model_copy(update={"features": sound})
    style = context_of(fold("c", [*started("ann", "bob"), line])).speakers["bob"].style
    assert style.pitch_hz == pytest.approx(220)
    assert (style.loudness_lufs, style.syllables_a_second) == (-20.0, 4.0)
    assert style.pitch_range_st is None


def test_what() -> None:
    told = context().semantic
    assert (told.topic, told.topic_turns, told.earlier_topics) == ("train", 2, ("tea",))
    assert [each.act for each in told.acts] == ["yes_no_question", "statement", "wh_question"]
    assert told.open_question == 3


def test_a_question_is_open_until_somebody_else_speaks() -> None:
    answered = fold("c", [*started("ann", "bob"), said(1, "bob", "Why?", act="wh_question")])
    assert context_of(answered).semantic.open_question == 1
    events = [*started("ann", "bob"), said(1, "bob", "Why?", act="wh_question")]
    events.append(said(2, "ann", "So.", act="statement"))
    assert context_of(fold("c", events)).semantic.open_question is None


def test_what_is_felt() -> None:
    told = context(speaker_id="ann").emotional
    assert told.partner is not None
    assert told.partner.category == "sadness"
    assert [each.category for each in told.turns] == ["sadness", "neutral"]
    assert told.mood is not None
    assert set(told.feelings) == {"bob", "ann"}


def test_what_is_felt_passes() -> None:
    at_once, later = (
        context(speaker_id="ann", at=LAST + timedelta(seconds=after)).emotional
        for after in (0, 600)
    )
    assert at_once.feelings["bob"].valence < later.feelings["bob"].valence < 0
    assert later.partner is not None
    assert later.partner.category == "neutral" or later.partner.confidence < 0.1


def test_who_speaks_is_answered_by_whoever_else_spoke() -> None:
    assert context(speaker_id="ann").partner_id == "bob"
    assert context(speaker_id="bob").partner_id == "ann"
    assert context().partner_id is None
    assert context().temporal.response_gap_ms is None


def test_it_is_the_same_whenever_it_is_asked_for() -> None:
    one, again = context(speaker_id="ann", at=LAST), context(speaker_id="ann", at=LAST)
    assert one.model_dump_json() == again.model_dump_json()


def test_a_line_that_we_spoke_counts_like_any_other() -> None:
    line = "It leaves at nine, from platform two."
    events = [*started("ann", "bob"), *spoken(1, "ann", line, direct(talk(), line))]
    ann = context_of(fold("c", events)).speakers["ann"]
    assert (ann.turns, ann.style.words_a_second) == (1, 4.0)
