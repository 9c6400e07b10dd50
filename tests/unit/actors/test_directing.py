"""Rules in company: added up, bounded, rid of what the engine lacks, and told."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from actors.commands import Speak
from actors.directing import LIMITS, Cue, Effect, Limits, Tone, plan_of
from actors.directing.effects import Stress, total
from actors.directing.emotions import EXPRESSIONS
from actors.directing.intensity import INTENSITY
from actors.directing.observing import scene_of
from actors.directing.telling import UNCHANGED, told
from actors.engines.base import Capabilities
from events.direction import Direction, Phrase, WordProsody
from events.readings import Features
from events.state import evolve, fold
from events.turns import ParticipantJoined, Started, TurnHeard, TurnInterrupted
from tests.unit.actors.scenes import (
    ABLE,
    EMOTIONS,
    NOW,
    after,
    dialogue,
    direct,
    feeling,
    heard,
    rules,
    scene,
    spoken,
    started,
    talk,
)

LINE = "The train leaves at nine."


def tone_of(direction: Direction) -> Tone:
    first = direction.phrases[0]
    return Tone(first.pitch, first.pitch_range, first.speed, first.loudness)


def test_the_same_line_differs_with_what_was_felt_before() -> None:
    felt = ("joy", "neutral", "sadness", "anger")
    joy, neutral, sadness, anger = tones = [tone_of(direct(after(each), LINE)) for each in felt]
    assert joy.pitch > neutral.pitch >= sadness.pitch > anger.pitch
    assert joy.loudness > neutral.loudness > anger.loudness > sadness.loudness
    assert joy.rate > neutral.rate > anger.rate > sadness.rate
    assert len(set(tones)) == len(felt)


def test_at_intensity_0_it_does_not() -> None:
    for felt in EMOTIONS:
        direction = direct(after(felt), LINE, intensity=0.0)
        assert rules(direction) == ["a voice is for good", "intensity"]
        assert direction.reasons[-1].effect == UNCHANGED
        assert direction.phrases == (Phrase(text=LINE),)


def test_the_intensity_is_the_participants_or_the_conversations_or_the_default() -> None:
    def started_with(conversation: float | None, ann: float | None) -> Direction:
        people = [
            Started(intensity=conversation),
            ParticipantJoined(participant_id="ann", intensity=ann),
            ParticipantJoined(participant_id="bob"),
            heard(1, "bob", "So it is.", feeling("sadness")),
        ]
        return direct(fold("c", people), LINE)

    sad = talk(("bob", "So it is.", "sadness"))
    by_default = direct(sad, LINE, intensity=INTENSITY).phrases
    assert started_with(None, None).phrases == by_default
    for conversation, own, wins in ((0.2, None, 0.2), (0.2, 0.9, 0.9), (None, 0.0, 0.0)):
        meant = direct(sad, LINE, intensity=wins).phrases
        assert started_with(conversation, own).phrases == meant != by_default


def test_feelings_fade_with_time() -> None:
    state = after("sadness")
    now, later = (
        direct(state, LINE, now=NOW + timedelta(seconds=seconds)) for seconds in (20, 900)
    )
    assert "answering sadness" in rules(now)
    assert "answering sadness" not in rules(later)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_an_intensity_out_of_range_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        direct(talk(), LINE, intensity=wrong)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_an_emotion_that_is_asked_for_wins_over_the_rules(emotion: str) -> None:
    excited = "What a day!!"
    for before in ("sadness", "joy"):
        direction = direct(after(before), excited, emotion=emotion, intensity=1.0)
        told = tone_of(direction)
        assert replace(told, pauses=EXPRESSIONS[emotion].pauses) == EXPRESSIONS[emotion]
        assert rules(direction) == ["a voice is for good", "emotion asked for", "statement"]


def test_an_emotion_that_there_is_not_is_told_and_does_nothing() -> None:
    asked, not_asked = direct(talk(), LINE, emotion="hangry"), direct(talk(), LINE)
    assert asked.phrases == not_asked.phrases
    (reason,) = (each for each in asked.reasons if each.rule == "emotion asked for")
    assert reason.because == "emotion=hangry"
    assert reason.effect.startswith("none, as it is none of neutral, joy")


def test_at_intensity_0_an_emotion_asked_for_is_told_to_do_nothing() -> None:
    direction = direct(talk(), LINE, emotion="joy", intensity=0.0)
    assert direction.reasons[-1].effect == "none, as the intensity is 0"


def test_a_speed_that_is_asked_for_wins_over_the_rules() -> None:
    direction = direct(after("sadness"), LINE, speed=1.5)
    assert direction.phrases[0].speed == 1.5
    assert tone_of(direction).loudness < 0
    (reason,) = (each for each in direction.reasons if each.rule == "answering sadness")
    assert "dropped, as the caller asked for a speed: " in reason.effect


def test_words_that_are_asked_for_win_over_the_rules() -> None:
    state = talk(("bob", "There is tea.", "neutral"))
    text = "The tea is in the garden."
    by_rule = {word.index: word for word in direct(state, text).phrases[0].words}
    assert set(by_rule) == {1, 5}
    asked = WordProsody(index=1, rate=0.8)
    direction = direct(state, text, words=(asked,))
    assert {word.index: word for word in direction.phrases[0].words} == by_rule | {1: asked}


def test_what_the_engine_lacks_is_dropped_with_a_reason() -> None:
    state = talk(("bob", "There is tea.", "sadness"))
    deaf = Capabilities(speed=False, pauses=False)
    direction = direct(state, "The tea, is it in the garden?", capabilities=deaf)
    for phrase in direction.phrases:
        assert phrase.model_dump(exclude_defaults=True).keys() <= {"text", "pause_after_s"}
    effects = {reason.rule: reason.effect for reason in direction.reasons[1:]}
    assert all(
        effect == UNCHANGED or effect.startswith("dropped, as the engine")
        for effect in effects.values()
    )
    for control in ("speed", "pauses", "pitch", "loudness"):
        assert f"the engine has no control of {control}" in effects["answering sadness"]
    assert "no control of the end of a contour" in effects["yes/no question"]
    assert "no control of single words" in effects["just said"]


def test_what_is_left_of_a_rule_is_told_beside_what_is_dropped() -> None:
    direction = direct(after("sadness"), LINE, capabilities=replace(ABLE, loudness=False))
    (reason,) = (each for each in direction.reasons if each.rule == "answering sadness")
    assert "slower" in reason.effect.split("; ")[0]
    assert reason.effect.split("; ")[1].startswith(
        "dropped, as the engine has no control of loudness"
    )
    assert direction.phrases[0].loudness == 0


def test_the_sum_stays_within_its_limits() -> None:
    everything = scene(
        "Hello, welcome, we won!!",
        part="opening",
        act="greeting",
        feeling=feeling("joy", 1.0),
        partner_feeling=feeling("joy", 1.0),
        mood=feeling("joy", 1.0),
    )
    plan = plan_of(everything, intensity=1.0, capabilities=ABLE)
    assert plan.effect.tone.pitch == pytest.approx(4)
    assert plan.cues[-1].rule == "within limits"
    assert "lower" in plan.cues[-1].reason.effect


def test_expression_moves_a_step_at_a_time() -> None:
    lines = [(LINE, "joy")] * 3 + [(LINE, "anger")] * 6 + [(LINE, "joy")] * 6
    limits = Limits(step=Tone(pitch=1, range=1.1, rate=1.05, loudness=1, pauses=4))
    tones = [tone_of(each) for each in dialogue(lines, intensity=1.0, limits=limits)]
    for before, now in pairwise(tones):
        assert abs(now.pitch - before.pitch) <= 1.001
        assert abs(now.loudness - before.loudness) <= 1.001
        assert 1 / 1.0501 <= now.rate / before.rate <= 1.0501
    assert max(tone.pitch for tone in tones) - min(tone.pitch for tone in tones) > 2


@pytest.mark.parametrize(("share", "moved"), [(0, 0.0), (0.5, 1.5), (1, 3.0), (3, 9.0)])
def test_how_far_a_step_goes_is_a_setting(share: float, moved: float) -> None:
    assert LIMITS.with_step(share).step.pitch == moved
    lines = [(LINE, "joy")] * 2 + [(LINE, "anger")] * 2
    directions = dialogue(lines, intensity=1.0, limits=LIMITS.with_step(share))
    pitches = [tone_of(each).pitch for each in directions]
    for before, now in pairwise(pitches):
        assert abs(now - before) <= moved + 0.001


def test_what_was_asked_for_one_line_does_not_hold_the_next_one_up() -> None:
    first = direct(talk(), LINE, emotion="anger", intensity=1.0)
    state = fold("c", [*started("ann", "bob"), *spoken(1, "ann", LINE, first)])
    assert "no jump" not in rules(direct(state, LINE))


def test_who_was_cut_short_takes_the_line_up_again() -> None:
    text = "The train to Leeds leaves at nine."
    begun = spoken(1, "ann", text, direct(talk(), text))[0]
    cut = TurnInterrupted(
        turn_id="t1",
        audio_played_ms=900,
        cause="barge_in",
        by="bob",
        heard_text="The train to Leeds",
        unheard_text="leaves at nine.",
        interrupted_at=NOW,
    )
    events = [*started("ann", "bob"), begun, cut, heard(2, "bob", "Sorry, what?")]
    direction = direct(fold("c", events), "The train to Leeds, it leaves at nine.")
    assert {"resuming", "heard before the interruption"} <= set(rules(direction))
    passed = [word.index for word in direction.phrases[0].words if word.emphasis < 0]
    assert passed == [1, 3]
    assert direction.phrases[0].speed > 1
    events += [*spoken(3, "ann", text, direction), heard(4, "bob", "I see.")]
    assert "resuming" not in rules(direct(fold("c", events), LINE))


def test_the_rate_of_the_partner_is_known_from_times() -> None:
    line = "one two three four five six seven eight nine ten"
    events = [
        *started("ann", "bob"),
        *spoken(1, "ann", line, direct(talk(), line, intensity=0.0)),
        heard(2, "bob", line, seconds=1.25),
    ]
    told = scene_of(fold("c", events), Speak("new", "ann", LINE), intensity=0.6)
    assert told.rates == pytest.approx((8.0, 4.0))
    assert "accommodation to the partner's rate" in rules(direct(fold("c", events), LINE))


def test_the_loudness_of_the_partner_is_known_once_it_was_measured_often_enough() -> None:
    def said(turn: int, loudness: float) -> TurnHeard:
        sound = Features(duration_s=2.0, loudness_lufs=loudness)
        return heard(turn, "bob", "So it is.").model_copy(update={"features": sound})

    rule = "accommodation to the partner's loudness"
    shy = fold("c", [*started("ann", "bob"), said(1, -30.0), said(2, -18.0)])
    assert rule not in rules(direct(shy, LINE))
    loud = fold("c", [*started("ann", "bob"), said(1, -30.0), said(2, -30.0), said(3, -18.0)])
    assert rule in rules(direct(loud, LINE))
    quiet = evolve(loud, heard(4, "bob", "So it is."))
    assert rule not in rules(direct(quiet, LINE))


def test_a_turn_taken_up_again_does_not_follow_itself() -> None:
    events = [*started("ann", "bob"), *spoken(1, "ann", LINE, direct(talk(), LINE))]
    again = scene_of(fold("c", events), Speak("t1", "ann", LINE), intensity=0.6)
    first = scene_of(talk(), Speak("t1", "ann", LINE), intensity=0.6)
    assert again == first


def test_a_text_in_another_language_is_directed_neutrally() -> None:
    for text in ("Ist das der Zug, und wohin fährt er?", "Поезд отходит в девять?"):
        direction = direct(after("sadness"), text)
        assert rules(direction) == ["a voice is for good", "illegible"]
        assert tone_of(direction) == Tone()
        assert direction.phrases[0].final is None


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Effect(), "as the voice has it"),
        (Effect(Tone(pitch=-1.2, rate=0.92)), "1.2 semitones lower, 8 % slower"),
        (Effect(finals={0: 5.0}), "phrase 1 rises 5 semitones over the last 250 ms"),
        (
            Effect(finals={0: 0.0, 1: -3.9, 2: -3.9}),
            "phrase 2, 3 falls 3.9 semitones over the last 250 ms, "
            "phrase 1 stays level over the last 250 ms",
        ),
        (
            Effect(words={4: Stress(0.36, 1.0)}),
            "word 5 stressed (+0.36), word 5 1 semitones higher",
        ),
    ],
)
def test_effects_are_told_in_words(effect: Effect, words: str) -> None:
    assert told(effect) == words


def test_effects_add_up() -> None:
    one = Effect(Tone(1, 1.2, 0.9, -1, 1.5), {0: 2.0}, {3: Stress(0.5)})
    other = Effect(Tone(-1, 1.2, 1.1, 2, 0.5), {0: 1.0, 1: 4.0}, {3: Stress(-0.2), 4: Stress(1)})
    both = total([one, other])
    assert both.tone.range == pytest.approx(1.44)
    assert both.finals == {0: 3.0, 1: 4.0}
    assert both.words[3].emphasis == pytest.approx(0.3)
    assert (one * 0.5).tone.range == pytest.approx(1.2**0.5)
    assert Cue("a rule", "a fact", one * 0).reason.effect.endswith("over the last 250 ms")
