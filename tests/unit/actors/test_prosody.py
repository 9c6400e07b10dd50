"""What the director makes of a line, and what of the past bears on it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import context, prosody
from actors.commands import Speak
from actors.directing.intensity import INTENSITY
from actors.directing.phrasing import PAUSE_BETWEEN_CLAUSES_S, PAUSE_BETWEEN_SENTENCES_S
from actors.engines.base import Capabilities
from actors.phrases import speakable, split
from events.direction import Direction, WordProsody
from events.state import State, fold
from events.turns import (
    Event,
    ParticipantJoined,
    Started,
    TurnHeard,
    TurnInterrupted,
    VoiceAssigned,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def talk(*said: tuple[str, str]) -> State:
    events: list[Event] = [Started()]
    for name in ("ann", "bob"):
        events += [
            ParticipantJoined(participant_id=name),
            VoiceAssigned(participant_id=name, voice=f"voice of {name}"),
        ]
    events += [
        TurnHeard(turn=n, turn_id=f"t{n}", speaker_id=who, text=text, heard_at=NOW)
        for n, (who, text) in enumerate(said, start=1)
    ]
    return fold("c", events)


ABLE = Capabilities(pitch=True, words=True, seed=True)
PLAIN = 0.0
"""The intensity at which nothing but wishes is heard."""


def directed(
    text: str,
    voice: str | None = None,
    *,
    capabilities: Capabilities = ABLE,
    intensity: float = PLAIN,
    **asked: Any,
) -> Direction:
    command = Speak("t9", "ann", text, voice, **asked)
    return prosody.direct(
        talk(), command, voice=voice, capabilities=capabilities, intensity=intensity
    )


@pytest.mark.parametrize(
    ("said", "gap_ms"),
    [
        ([], 0),
        ([("bob", "It is late.")], 0),
        ([("bob", "Is it late?")], 70),
        ([("bob", "What time is it?")], 240),
        ([("bob", "I wonder. Where is it?")], 240),
        ([("bob", "What a day! Is it late?")], 70),
        ([("bob", "“Who is there?")], 240),
        ([("ann", "What time is it?")], 0),
    ],
)
def test_the_gap_is_as_long_as_people_leave_it(said: list[tuple[str, str]], gap_ms: int) -> None:
    assert context.response_gap_ms(talk(*said), "ann") == gap_ms


def test_a_question_that_nobody_heard_is_no_question() -> None:
    state = talk(("bob", "It is late. What time is it?"))
    turn = state.turns[0].close(
        TurnInterrupted(
            turn_id="t1",
            audio_played_ms=1,
            cause="barge_in",
            heard_text="It is late.",
            unheard_text="What time is it?",
            interrupted_at=NOW,
        )
    )
    cut = State("c", turns=(turn,))
    assert context.response_gap_ms(cut, "ann") == 0


@given(st.text(max_size=300).filter(speakable), st.floats(0.25, 4))
def test_a_direction_speaks_the_phrases_of_the_text_at_the_speed_asked_for(
    text: str, speed: float
) -> None:
    # A speed of 1 is none that was asked for, and there the rules may have their own.
    direction = directed(text, speed=speed, intensity=PLAIN if speed == 1 else INTENSITY)
    assert tuple(phrase.text for phrase in direction.phrases) == split(text)
    assert {phrase.speed for phrase in direction.phrases} == {speed}
    assert direction.phrases[-1].pause_after_s == 0


def test_pauses_are_longer_between_sentences_than_within() -> None:
    long = "first, " + "and so on and so forth in one sentence " * 3 + "to its end."
    phrases = directed(f"{long} Then another.").phrases
    assert [p.pause_after_s for p in phrases] == [
        PAUSE_BETWEEN_CLAUSES_S,
        PAUSE_BETWEEN_SENTENCES_S,
        0.0,
    ]
    assert PAUSE_BETWEEN_CLAUSES_S < PAUSE_BETWEEN_SENTENCES_S


def test_every_wish_has_its_reason() -> None:
    direction = directed("Hello.", voice="another", speed=1.5, emotion="joy")
    assert direction.voice == "another"
    assert [(r.rule, r.because) for r in direction.reasons] == [
        ("voice asked for", "voice=another"),
        ("speed asked for", "speed=1.5"),
        ("intensity", "intensity=0"),
        ("emotion asked for", "emotion=joy"),
    ]


@pytest.mark.parametrize(
    ("speed", "effect"),
    [
        (1.5, "rate × 1.5"),
        (4.0, "rate × 2, as far as the engine goes"),
        (0.25, "rate × 0.457, as far as the engine goes"),
    ],
)
def test_a_speed_beyond_the_engines_reach_is_told_as_far_as_it_goes(
    speed: float, effect: str
) -> None:
    slow = Capabilities(slowest=0.4571, fastest=2.0)
    (reason,) = (r for r in directed("Hello.", speed=speed, capabilities=slow).reasons[1:2])
    assert (reason.rule, reason.effect) == ("speed asked for", effect)


def test_a_blend_that_the_engine_cannot_do_is_told() -> None:
    blend = "af_bella(2)+af_sky(1)"
    for able, told in ((True, False), (False, True)):
        direction = directed("Hello.", voice=blend, capabilities=Capabilities(blends=able))
        assert direction.voice == blend
        assert ("does not blend" in direction.reasons[0].effect) is told


def test_a_speed_that_the_engine_does_not_have_is_told_to_do_nothing() -> None:
    deaf = directed("Hello.", speed=2.0, capabilities=Capabilities(speed=False))
    assert deaf.reasons[1].effect == "none: the engine has no control of speed"


def test_without_a_wish_a_speaker_keeps_their_voice() -> None:
    direction = directed("Hello.")
    assert direction.voice == "voice of ann"
    assert [r.rule for r in direction.reasons] == ["a voice is for good", "intensity"]


def test_a_line_outside_any_conversation_has_no_reasons() -> None:
    direction = prosody.plain("Hello. Bye.", voice="v", speed=2.0)
    assert (direction.voice, len(direction.phrases), direction.reasons) == ("v", 2, ())


TWO = "One two three. Four five six, seven eight."


def test_what_is_asked_of_a_word_goes_with_its_phrase() -> None:
    words = (WordProsody(index=1, rate=0.8), WordProsody(index=4, pitch=2.0, pause_after_s=0.1))
    first, second = directed(TWO, words=words).phrases
    assert first.words == (WordProsody(index=1, rate=0.8),)
    assert second.words == (WordProsody(index=1, pitch=2.0, pause_after_s=0.1),)


@given(st.lists(st.text("abc,. ", min_size=1, max_size=400), min_size=1, max_size=8), st.data())
def test_every_word_is_found_again_however_the_text_is_cut(parts: list[str], data: Any) -> None:
    text = " ".join(["a", *parts])
    places = data.draw(st.sets(st.integers(0, len(text.split()) - 1)))
    words = tuple(WordProsody(index=place, rate=0.5) for place in sorted(places))
    phrases = directed(text, words=words).phrases
    assert sum(len(phrase.words) for phrase in phrases) == len(places)
    heard = "".join(p.text.split()[w.index] for p in phrases for w in p.words)
    assert all(heard.count(c) <= "".join(text.split()[p] for p in places).count(c) for c in heard)
    assert all(w.index < len(p.text.split()) for p in phrases for w in p.words)


def test_what_the_engine_cannot_do_with_words_is_dropped_with_a_reason() -> None:
    words = (WordProsody(index=0, pitch=2.0, rate=0.8),)
    deaf = directed("Hello there.", words=words, capabilities=Capabilities())
    assert deaf.phrases[0].words == ()
    assert deaf.reasons[1].effect == "none: the engine has no control of single words"
    level = directed("Hello there.", words=words, capabilities=Capabilities(words=True))
    assert level.phrases[0].words == (WordProsody(index=0, rate=0.8),)
    assert level.reasons[1].effect == "none: the engine has no control of pitch"


def test_a_turn_has_its_seeds_in_its_direction() -> None:
    one, again = directed(TWO, intensity=0.5), directed(TWO, intensity=0.5)
    assert one == again
    seeds = [phrase.seed for phrase in one.phrases]
    assert len(set(seeds)) == len(seeds)
    assert None not in seeds
    unseeded = directed(TWO, intensity=0.5, capabilities=Capabilities())
    assert [phrase.seed for phrase in unseeded.phrases] == [None, None]
