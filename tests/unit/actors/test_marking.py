"""What is written into a line, laid over what the director makes of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from actors import phrases, prosody
from actors.commands import Speak
from actors.engines.base import Capabilities
from actors.engines.sayings import SYMBOLS
from actors.markup import Tags, ssml
from events.direction import Direction, Reason, Saying, WordProsody, WordSaying
from events.state import State, fold
from events.turns import (
    Event,
    ParticipantJoined,
    PronunciationsSet,
    Started,
    TurnBegun,
    VoiceAssigned,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ABLE = Capabilities(pitch=True, words=True, loudness=True, phonemes=SYMBOLS)
PLAIN = 0.0
"""The intensity at which nothing but wishes is heard."""


def talk(*more: Event) -> State:
    ann = [ParticipantJoined(participant_id="ann"), VoiceAssigned(participant_id="ann", voice="v")]
    return fold("c", [Started(), *ann, *more])


def directed(
    text: str,
    *,
    able: Capabilities = ABLE,
    document: bool = False,
    state: State | None = None,
    intensity: float = PLAIN,
    **asked: Any,
) -> Direction:
    read = ssml(f"<speak>{text}</speak>", str) if document else Tags(str).read(text, last=True)[1]
    command = Speak("t9", "ann", read.text, marks=read.marks, **asked)
    return prosody.direct(
        state or talk(), command, voice=None, capabilities=able, intensity=intensity
    )


def reasons(direction: Direction, rule: str = "markup") -> list[Reason]:
    return [reason for reason in direction.reasons if reason.rule == rule]


def test_a_pause_inside_a_phrase_follows_its_word() -> None:
    (phrase,) = directed("One two [pause:0.5s] three.").phrases
    assert phrase.words == (WordProsody(index=1, pause_after_s=0.5),)


def test_a_pause_at_the_end_of_a_phrase_takes_the_place_of_the_usual_one() -> None:
    first, last = directed("One. [pause:0.05s] Two. [pause:2s]").phrases
    assert (first.pause_after_s, last.pause_after_s) == (0.05, 2.0)
    assert not first.words + last.words


def test_a_pause_before_the_first_word_comes_first() -> None:
    first, second = directed("[pause:0.5s] One. Two.").phrases
    assert (first.pause_before_s, second.pause_before_s) == (0.5, 0.0)


def test_what_all_words_of_a_phrase_share_the_phrase_has() -> None:
    first, second = directed("[rate:1.5] One two. Three [rate:2] four.").phrases
    assert (first.speed, first.words) == (1.5, ())
    assert second.speed == 1.0
    assert [word.rate for word in second.words] == [1.5, 2.0]


def test_a_rate_is_times_the_speed_of_the_line_and_bounded_with_it() -> None:
    assert directed("[rate:1.5] One.", speed=2.0).phrases[0].speed == 3.0
    assert directed("[rate:4] One.", speed=4.0).phrases[0].speed == 4.0


def test_another_voice_is_another_phrase() -> None:
    direction = directed("I said [voice:am_adam] one two [voice:default] and so on.")
    assert [(phrase.text, phrase.voice) for phrase in direction.phrases] == [
        ("I said", None), ("one two", "am_adam"), ("and so on.", None),
    ]  # fmt: skip
    assert direction.voice == "v"
    (reason,) = reasons(direction)
    assert (reason.because, reason.effect) == ("voice of 2 words", "as written")


def test_volume_and_range_are_of_whole_phrases() -> None:
    text = 'One <prosody volume="+6dB" range="+50%" pitch="+2st">two</prosody> three.'
    one, two, three = directed(text, document=True).phrases
    assert (two.loudness, two.pitch_range, two.pitch) == (6, 1.5, 2)
    assert (one.loudness, three.pitch_range, three.pitch) == (0, 1, 0)


def test_an_emphasis_is_of_its_words_and_wins_over_others() -> None:
    own = (WordProsody(index=0, emphasis=1.0), WordProsody(index=1, emphasis=1.0, pitch=1.0))
    text = 'One <emphasis level="none">two</emphasis> <emphasis>three</emphasis> four.'
    (phrase,) = directed(text, document=True, words=own).phrases
    assert [(w.index, w.emphasis, w.pitch) for w in phrase.words] == [
        (0, 1.0, 0.0), (1, 0.0, 1.0), (2, 0.5, 0.0),
    ]  # fmt: skip


def test_without_control_of_words_a_pause_and_a_rate_make_phrases() -> None:
    direction = directed(
        "One [pause:0.5s] two [rate:2] three [rate:1] four.", able=Capabilities(phonemes=SYMBOLS)
    )
    assert [(p.text, p.speed, p.pause_after_s) for p in direction.phrases] == [
        ("One", 1, 0.5), ("two", 1, 0.1), ("three", 2, 0.1), ("four.", 1, 0),
    ]  # fmt: skip
    assert not any(phrase.words for phrase in direction.phrases)


@pytest.mark.parametrize(
    ("text", "able", "because"),
    [
        ("<emphasis>one</emphasis>", Capabilities(), "emphasis of 1 word"),
        ('<prosody pitch="+1st">one</prosody>', Capabilities(), "pitch of 1 word"),
        ('<prosody range="high">one</prosody>', Capabilities(), "range of 1 word"),
        ('<prosody volume="loud">one</prosody>', Capabilities(), "loudness of 1 word"),
        ('<prosody rate="fast">one</prosody>', Capabilities(speed=False), "rate of 1 word"),
        ('<break time="1s"/> one', Capabilities(pauses=False), "pause of 1 word"),
    ],
)
def test_what_an_engine_lacks_is_dropped_with_a_reason(
    text: str, able: Capabilities, because: str
) -> None:
    direction = directed(text, able=able, document=True)
    (reason,) = reasons(direction)
    assert reason.because == because
    assert reason.effect.startswith("none: the engine has no control of ")
    assert direction.phrases == directed("one", able=able).phrases


def test_phonemes_that_an_engine_does_not_know_are_dropped_with_a_reason() -> None:
    direction = directed("[One](/wʌn/) two.", able=Capabilities(words=True, phonemes="wʌ"))
    assert direction.phrases[0].sayings == (WordSaying(index=0, said="One"),)
    (reason,) = reasons(direction, "phonemes")
    assert reason.effect.startswith("none: the engine does not know all of them")


def test_a_dictionary_speaks_in_every_phrase_and_says_so() -> None:
    state = talk(PronunciationsSet(pronunciations={"SQL": Saying(say_as="sequel")}))
    direction = directed("Do you write SQL? I do write sql.", state=state)
    said = [phrase.sayings for phrase in direction.phrases]
    assert said == [(WordSaying(index=3, said="sequel?"),), (WordSaying(index=3, said="sequel."),)]
    (reason,) = reasons(direction, "pronunciations")
    assert reason.because == "2 of the words are in the conversation's dictionary"
    assert reasons(direction) == []


def test_no_reason_quotes_a_word_of_the_line() -> None:
    direction = directed("My [rate:2] secret [secret](/sˈiː/) is secret.")
    assert "secret" not in str(reasons(direction))


def test_the_tone_that_was_written_into_a_line_does_not_stay_with_its_speaker() -> None:
    loud = directed('<prosody volume="x-loud" rate="x-slow">No.</prosody>', document=True)
    begun = TurnBegun(
        turn=1, turn_id="t1", speaker_id="ann", text="No.", engine="e", response_gap_ms=0,
        begun_at=NOW, fingerprint="f", direction_json=loud.model_dump_json(),
    )  # fmt: skip
    after = directed("It is at nine.", state=talk(begun), intensity=0.6)
    assert not reasons(after, "no jump")


def test_no_phrase_goes_over_a_cut_and_none_is_empty() -> None:
    text = "One, two three. — four"
    assert phrases.split(text, cuts=(9,)) == ("One, two", "three.", "— four")
    assert phrases.split(text, cuts=(9, 16, 18)) == ("One, two", "three. —", "four")
    assert phrases.split(text, cuts=()) == phrases.split(text)
