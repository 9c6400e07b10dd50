"""Each rule alone: when it speaks, what it does, and when it keeps quiet."""

from typing import Any

import pytest

from actors.directing import Tone
from actors.directing.effects import NEUTRAL
from actors.directing.rules import FORMS, TONES, course, floor, manners, melody, news, partner
from actors.directing.rules import feeling as feelings
from actors.directing.scene import Cut, Scene
from tests.unit.actors.scenes import EMOTIONS, cue_of, feeling, scene


def toned(rule: Any, told: Scene) -> Tone:
    return cue_of(rule, told).effect.tone


def finals(rule: Any, text: str, **facts: Any) -> dict[int, float]:
    cue = rule(scene(text, **facts))
    return dict(cue.effect.finals) if cue else {}


def stressed(rule: Any, text: str, **facts: Any) -> list[str]:
    """The words that the rule does something to."""
    cue = rule(scene(text, **facts))
    return [text.split()[at] for at in cue.effect.words] if cue else []


def test_a_neutral_line_in_the_middle_is_left_to_the_voice_but_for_its_end() -> None:
    told = [cue for rule in (*TONES, *FORMS) if (cue := rule(scene()))]
    assert [cue.rule for cue in told] == ["middle of the dialogue", "statement"]
    assert told[0].effect.tone == NEUTRAL


@pytest.mark.parametrize("part", ["opening", "middle", "closing"])
def test_each_part_of_a_dialogue_has_its_rule(part: str) -> None:
    told = [
        cue
        for rule in (course.opening, course.middle, course.closing)
        if (cue := rule(scene(part=part)))
    ]
    assert [cue.rule for cue in told] == [f"{part} of the dialogue"]


def test_what_begins_is_higher_than_what_ends() -> None:
    begin = toned(course.opening, scene(part="opening"))
    end = toned(course.closing, scene(part="closing"))
    assert begin.pitch > 0 > end.pitch
    assert begin.range > 1 > end.range
    assert end.rate < 1


@pytest.mark.parametrize(
    ("act", "rule", "higher", "slower"),
    [
        ("greeting", manners.greeting, True, False),
        ("thanks", manners.thanks, True, True),
        ("apology", manners.apology, False, True),
        ("backchannel", manners.backchannel, True, False),
    ],
)
def test_manners(act: str, rule: Any, higher: bool, slower: bool) -> None:
    told = toned(rule, scene(act=act))
    assert (told.pitch > 0) is higher
    assert (told.rate < 1) is slower
    assert rule(scene()) is None


@pytest.mark.parametrize(
    ("text", "semitones"),
    [
        ("Is it late?", [melody.RISE]),
        ("You saw him there?", [melody.RISE]),
        ("What time is it?", [melody.FALL]),
        ("So, how are you?", [melody.FALL]),
        ("Is it tea or coffee?", [melody.FALL]),
        ("Could you please wait?", [melody.RISE]),
        ("You went where?", [melody.FALL]),
        ("It is late.", [melody.FALL]),
        ("It is late!", [melody.FALL]),
        ("It is late", [melody.FALL]),
        ("It is late …", [melody.LEVEL]),
        ("It is late, but is it too late? I do not know.", [melody.RISE, melody.FALL]),
        ("Where is it? Is it here?", [melody.FALL, melody.RISE]),
        (
            "If it is as late as all of you say that it is, why, then did you not wait?",
            [melody.LEVEL, melody.RISE],
        ),
    ],
)
def test_how_phrases_end(text: str, semitones: list[float]) -> None:
    ends: dict[int, float] = {}
    for rule in FORMS:
        cue = rule(scene(text))
        ends |= cue.effect.finals if cue else {}
    assert [ends[at] for at in sorted(ends)] == semitones


def test_a_backchannel_rises_and_does_not_fall() -> None:
    assert finals(melody.interest, "Mm-hm.", act="backchannel") == {0: melody.INTEREST}
    assert finals(melody.statement, "Mm-hm.", act="backchannel") == {}


@pytest.mark.parametrize("felt", feelings.DISMAYED)
def test_the_dismayed_are_answered_softly_and_slowly(felt: Any) -> None:
    told = toned(feelings.answering, scene(partner_feeling=feeling(felt)))
    assert told.rate < 1
    assert told.loudness < 0
    assert told.pitch <= 0
    assert told.range < 1


def test_others_are_not_answered_so() -> None:
    for felt in set(EMOTIONS) - set(feelings.DISMAYED):
        assert feelings.answering(scene(partner_feeling=feeling(felt))) is None


def test_the_surer_the_reader_the_more_is_heard() -> None:
    unsure, sure = (
        toned(feelings.answering, scene(partner_feeling=feeling("sadness", confidence)))
        for confidence in (0.2, 0.9)
    )
    assert sure.rate < unsure.rate < 1


def test_anger_is_never_mirrored() -> None:
    furious = scene("Stop it!!", feeling=feeling("anger"), partner_feeling=feeling("anger"))
    told = [cue for rule in TONES if (cue := rule(furious))]
    assert [cue.rule for cue in told] == ["middle of the dialogue", "answering anger"]
    assert feelings.own(scene(feeling=feeling("anger"))) is not None


def test_joy_is_shared_unless_the_line_is_bad_news() -> None:
    glad = feeling("joy")
    told = toned(feelings.sharing_joy, scene(partner_feeling=glad))
    assert told.pitch > 0
    assert told.range > 1
    assert feelings.sharing_joy(scene(partner_feeling=glad, feeling=feeling("sadness"))) is None


def test_no_joy_at_the_dismayed() -> None:
    assert feelings.own(scene(feeling=feeling("joy"), partner_feeling=feeling("sadness"))) is None


def test_excitement_is_faster_higher_wider_and_louder() -> None:
    for excited in (scene("We won!!"), scene(feeling=feeling("joy"))):
        told = toned(feelings.excitement, excited)
        assert told.rate > 1
        assert told.pitch > 0
        assert told.range > 1
        assert told.loudness > 0
    assert feelings.excitement(scene()) is None
    assert feelings.excitement(scene(partner_feeling=feeling("sadness"), text="No!!")) is None


def test_a_bad_mood_is_answered_by_calm_however_aroused() -> None:
    good = toned(feelings.mood, scene(mood=feeling("joy")))
    bad = toned(feelings.mood, scene(mood=feeling("anger")))
    assert good.rate > 1 > bad.rate
    assert good.pitch > 0 > bad.pitch
    assert feelings.mood(scene(mood=feeling("neutral"))) is None


@pytest.mark.parametrize("theirs", [0.5, 2.0, 3.9, 6.0, 50.0])
def test_the_partners_rate_is_approached_a_little(theirs: float) -> None:
    ours = 4.0
    cue = partner.rate(scene(rates=(theirs, ours)))
    moved = cue.effect.tone.rate if cue else 1.0
    assert 1 / partner.MOST <= moved <= partner.MOST
    if cue:
        assert (moved > 1) == (theirs > ours)
        assert abs(moved - 1) <= 0.21 * abs(theirs / ours - 1)


@pytest.mark.parametrize(
    ("now", "moved"), [(-20.0, 0.0), (-20.3, 0.0), (-17.0, 0.6), (-24.0, -0.8), (-5.0, 1.5)]
)
def test_the_partners_loudness_is_approached_a_little(now: float, moved: float) -> None:
    cue = partner.loudness(scene(loudness=(now, -20.0)))
    assert (cue.effect.tone.loudness if cue else 0.0) == pytest.approx(moved)


def test_who_was_cut_short_resumes_quickly_and_passes_over_what_was_heard() -> None:
    cut = {"cut": Cut(heard=3, unheard=4), "heard": frozenset({"train", "leave"})}
    told = toned(floor.resuming, scene(**cut))
    assert told.rate > 1
    assert told.pauses < 1
    text = "The train to Leeds will leave."
    assert stressed(floor.heard_already, text, **cut) == ["train", "leave."]
    assert floor.resuming(scene()) is None
    assert floor.heard_already(scene(text)) is None


def test_news_are_stressed_beside_what_was_just_said() -> None:
    said = {"just_said": frozenset({"tea"}), "known": frozenset({"tea"})}
    assert stressed(news.fresh, "There is tea in the garden.", **said) == ["garden."]
    assert stressed(news.given, "There is tea in the garden.", **said) == ["tea"]


def test_where_all_is_new_or_all_was_said_the_voice_knows_best() -> None:
    said = {"just_said": frozenset({"tea"}), "known": frozenset({"tea"})}
    for rule in (news.fresh, news.given):
        assert stressed(rule, "There is coffee in the garden.", **said) == []
        assert stressed(rule, "There is tea.", **said) == []
    assert stressed(news.given, "Thanks for the tea, gardener.", act="thanks", **said) == []


@pytest.mark.parametrize(
    ("text", "answered", "word"),
    [
        ("No, the blue car is mine.", "The red car is mine.", "blue"),
        ("It is not red, but blue.", "", "blue."),
        ("It is not red. I like it, but slowly.", "", None),
        ("The red car is mine.", "The red car is mine.", None),
    ],
)
def test_what_is_contrasted_is_stressed(text: str, answered: str, word: str | None) -> None:
    found = stressed(news.contrasted, text, answered=tuple(answered.split()))
    assert found == ([word] if word else [])


def test_the_items_of_a_list_are_held_up_but_for_the_last() -> None:
    assert stressed(news.listing, "Milk, brown eggs, and bread.") == ["Milk,", "eggs,"]
    assert stressed(news.listing, "Well, milk and bread.") == []
    assert stressed(news.listing, "Well, then, milk.") == []


def test_no_reason_has_a_word_that_somebody_spoke() -> None:
    text = "The zebra zings, zooms, and zigzags to zanzibar!!"
    words = {"zebra", "zing", "zoom", "zigzag", "zanzibar"}
    told = scene(
        text,
        feeling=feeling("joy"),
        partner_feeling=feeling("joy"),
        mood=feeling("joy"),
        just_said=frozenset({"zebra"}),
        known=frozenset({"zebra"}),
        cut=Cut(1, 2),
        heard=frozenset({"zoom"}),
        rates=(5.0, 3.0),
        answered=("the", "zoo", "zings,"),
    )
    reasons = [cue.reason for rule in (*TONES, *FORMS) if (cue := rule(told))]
    assert len(reasons) >= 9
    assert not [word for word in words for reason in reasons if word in str(reason).casefold()]
