"""Laws of directing, whatever is said, felt and asked."""

from dataclasses import fields, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.commands import Speak
from actors.directing import LIMITS, Effect, Plan, Scene, Tone, plan_of, realised
from actors.directing.effects import DIMENSIONS, NEUTRAL, total
from actors.directing.endings import endings
from actors.directing.rules import FORMS, TONES
from actors.directing.scene import Cut
from actors.directing.telling import UNCHANGED
from actors.engines.base import Capabilities
from actors.phrases import speakable, split
from actors.prosody import direct, plain
from actors.understanding.reader import Reading
from events.direction import WordProsody
from events.readings import Affect
from events.state import State, fold
from tests.unit.actors.scenes import EMOTIONS, heard, spoken, started

law = settings(max_examples=30)

UNIT = st.floats(-1, 1)
INTENSITIES = st.floats(0.01, 1)
ACTS = st.sampled_from(
    ["statement", "yes_no_question", "wh_question", "backchannel", "thanks", "apology", "greeting",
     "closing", "directive"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["the", "tea", "garden", "not", "but", "is", "it", "red,", "blue,", "and", "green", "sorry",
     "late.", "why", "here?", "now!", "so…", "Leeds,", "no,"]
)  # fmt: skip
TEXTS = st.lists(WORDS, min_size=1, max_size=30).map(" ".join).filter(speakable)
AFFECTS = st.builds(
    Affect,
    valence=UNIT,
    arousal=UNIT,
    category=st.sampled_from(EMOTIONS),
    sentiment=st.sampled_from(["negative", "neutral", "positive"]),
    confidence=st.floats(0, 1),
    sources=st.just(("a test",)),
)
TONES_BEFORE = st.builds(
    Tone,
    pitch=st.floats(-6, 6),
    range=st.floats(0.4, 2),
    rate=st.floats(0.7, 1.4),
    loudness=st.floats(-6, 6),
)
BARE = frozenset({"tea", "garden", "red", "blue", "green", "late", "leed"})
CAPABILITIES = st.builds(
    Capabilities,
    **{field.name: st.booleans() for field in fields(Capabilities) if field.type is bool},
)
ABLE = Capabilities(pitch=True, final=True, words=True, loudness=True)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    text = draw(TEXTS)
    return Scene(
        text=text,
        phrases=split(text),
        endings=tuple(endings(split(text))),
        act=draw(ACTS),
        feeling=draw(st.none() | AFFECTS),
        turn=draw(st.integers(1, 60)),
        part=draw(st.sampled_from(["opening", "middle", "closing"])),
        partner_act=draw(st.none() | ACTS),
        partner_feeling=draw(st.none() | AFFECTS),
        mood=draw(st.none() | AFFECTS),
        just_said=frozenset(draw(st.sets(st.sampled_from(sorted(BARE))))),
        known=BARE,
        answered=tuple(draw(TEXTS).split()),
        cut=draw(st.none() | st.just(Cut(3, 4))),
        heard=frozenset(draw(st.sets(st.sampled_from(sorted(BARE))))),
        rates=draw(st.none() | st.tuples(st.floats(0.1, 20), st.floats(0.1, 20))),
        loudness=draw(st.none() | st.tuples(st.floats(-60, 0), st.floats(-60, 0))),
        before=draw(st.none() | TONES_BEFORE),
        emotion=draw(st.none() | st.sampled_from([*EMOTIONS, "hangry"])),
        speed=draw(st.sampled_from([1.0, 1.0, 0.5, 2.0])),
    )


@st.composite
def dialogues(draw: st.DrawFn) -> State:
    """What was spoken and heard so far, by ann and bob."""
    events = started("ann", "bob")
    for turn in range(1, draw(st.integers(1, 6))):
        text, felt = draw(TEXTS), draw(st.none() | AFFECTS)
        if draw(st.booleans()):
            events.append(heard(turn, "bob", text, felt, seconds=draw(st.floats(0.1, 9))))
            continue
        command = Speak(f"t{turn}", "ann", text)
        direction = direct(fold("c", events), command, voice=None, capabilities=ABLE)
        events += spoken(turn, "ann", text, direction, felt)
    return fold("c", events)


def planned(scene: Scene, intensity: float, capabilities: Capabilities = ABLE) -> Plan:
    return plan_of(scene, intensity=intensity, capabilities=capabilities)


@law
@given(dialogues(), TEXTS, CAPABILITIES, st.none() | st.sampled_from(EMOTIONS))
def test_intensity_0_is_the_plain_engine(
    state: State, text: str, capabilities: Capabilities, emotion: str | None
) -> None:
    command = Speak("new", "ann", text, emotion=emotion)
    direction = direct(state, command, voice=None, capabilities=capabilities, intensity=0.0)
    assert direction.phrases == plain(text, voice="", speed=1.0).phrases
    rules = {"a voice is for good", "intensity", "emotion asked for"}
    assert {each.rule for each in direction.reasons} <= rules


@law
@given(scenes(), INTENSITIES, INTENSITIES)
def test_more_intensity_is_never_less_expression(scene: Scene, one: float, other: float) -> None:
    less, more = (planned(scene, intensity).effect for intensity in sorted((one, other)))
    for name in DIMENSIONS:
        neutral = getattr(NEUTRAL, name)
        weak, strong = getattr(less.tone, name), getattr(more.tone, name)
        assert min(neutral, strong) - 1e-9 <= weak <= max(neutral, strong) + 1e-9
    for at, semitones in less.finals.items():
        assert abs(semitones) <= abs(more.finals[at]) + 1e-9
    for at, stress in less.words.items():
        assert abs(stress.emphasis) <= abs(more.words[at].emphasis) + 1e-9


@law
@given(dialogues(), TEXTS, st.floats(0, 1), st.none() | ACTS, st.none() | AFFECTS)
def test_phrases_are_within_the_limits(
    state: State, text: str, intensity: float, act: str | None, affect: Affect | None
) -> None:
    direction = direct(
        state,
        Speak("new", "ann", text),
        voice=None,
        capabilities=ABLE,
        intensity=intensity,
        reading=Reading(act=act, affect=affect),
    )
    for phrase in direction.phrases:
        assert -4 <= phrase.pitch <= 4
        assert 0.5 <= phrase.pitch_range <= 1.6
        assert 0.8 <= phrase.speed <= 1.25
        assert -4 <= phrase.loudness <= 4
        assert phrase.final is None or -6 <= phrase.final <= 6
        assert all(-1 <= word.emphasis <= 1 for word in phrase.words)
        assert [word.index for word in phrase.words] == sorted({w.index for w in phrase.words})


@law
@given(scenes(), INTENSITIES, CAPABILITIES)
def test_the_effect_is_the_sum_of_what_has_a_reason(
    scene: Scene, intensity: float, capabilities: Capabilities
) -> None:
    """And each reason tells all that its rule does, and nothing that it does not."""
    plan = planned(scene, intensity, capabilities)
    assert plan.effect == total(cue.effect for cue in plan.cues)
    for cue in plan.cues:
        done = [
            part
            for part in cue.reason.effect.split("; ")
            if not part.startswith(("dropped,", "none,"))
        ]
        assert_told("; ".join(done), cue.effect)
    phrases = realised(scene.text, scene.phrases, plan.effect)
    silent = realised(scene.text, scene.phrases)
    assert phrases == silent or any(cue.reason.effect != UNCHANGED for cue in plan.cues)


def assert_told(words: str, effect: Effect) -> None:
    tone = effect.tone
    heard = {
        "faster": tone.rate - 1,
        "slower": 1 - tone.rate,
        "wider": tone.range - 1,
        "narrower": 1 - tone.range,
        "dB louder": tone.loudness,
        "dB softer": -tone.loudness,
        "longer pauses": tone.pauses - 1,
        "shorter pauses": 1 - tone.pauses,
    }
    for word, amount in heard.items():
        assert (word in words) == (amount >= 0.005) or abs(amount) < 0.006, (word, words)
    assert ("over the last 250 ms" in words) == bool(effect.finals)
    stressed = sum(stress.emphasis > 0 for stress in effect.words.values())
    assert words.count("stressed") == stressed


@law
@given(scenes(), INTENSITIES, CAPABILITIES)
def test_what_the_engine_lacks_is_dropped_with_a_reason(
    scene: Scene, intensity: float, capabilities: Capabilities
) -> None:
    full, plan = planned(scene, intensity), planned(scene, intensity, capabilities)
    for able, empty in (
        (capabilities.speed, plan.effect.tone.rate == 1),
        (capabilities.pitch, plan.effect.tone.pitch == 0 and plan.effect.tone.range == 1),
        (capabilities.loudness, plan.effect.tone.loudness == 0),
        (capabilities.final, not plan.effect.finals),
        (capabilities.words, not plan.effect.words),
    ):
        assert able or empty
    told = " ".join(cue.reason.effect for cue in plan.cues)
    if full.effect.finals and not capabilities.final:
        assert "the engine has no control of the end of a contour" in told
    if full.effect.tone.loudness and not capabilities.loudness:
        assert "the engine has no control of loudness" in told


@law
@given(scenes(), INTENSITIES)
def test_directing_is_deterministic(scene: Scene, intensity: float) -> None:
    one, again = planned(scene, intensity), planned(replace(scene), intensity)
    assert one == again
    assert [cue.reason for cue in one.cues] == [cue.reason for cue in again.cues]


@law
@given(scenes())
def test_each_rule_knows_its_own_name_and_fact(scene: Scene) -> None:
    cues = [cue for rule in (*TONES, *FORMS) if (cue := rule(scene))]
    names = [cue.rule for cue in cues]
    assert len(names) == len(set(names))
    assert all(cue.because for cue in cues)


@law
@given(dialogues(), TEXTS, st.data())
def test_words_that_are_asked_for_are_as_asked(state: State, text: str, data: Any) -> None:
    places = data.draw(st.sets(st.integers(0, len(text.split()) - 1), max_size=3))
    asked = tuple(WordProsody(index=place, rate=0.5, pitch=3.0) for place in sorted(places))
    command = Speak("new", "ann", text, words=asked)
    direction = direct(state, command, voice=None, capabilities=ABLE)
    got = [word for phrase in direction.phrases for word in phrase.words if word.rate == 0.5]
    assert len(got) == len(asked)
    assert all(word.pitch == 3.0 for word in got)


def test_the_limits_are_those_that_were_promised() -> None:
    assert Tone(-4, 0.5, 0.8, -4, 0.5) == LIMITS.low
    assert Tone(4, 1.6, 1.25, 4, 2) == LIMITS.high
    assert LIMITS.final == 6
