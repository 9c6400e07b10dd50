"""What every engine promises."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.engines.base import SAMPLE_RATE, Engine, UnknownVoice, Unspeakable
from actors.engines.voices import default_order
from events.direction import Phrase
from tests.contracts.engines import LINE, say, voice_of
from tests.fixtures.listening import listen


def milliseconds(pcm: bytes) -> float:
    return len(pcm) / 2 / SAMPLE_RATE * 1000


def test_it_says_which_it_is(engine: Engine, request: pytest.FixtureRequest) -> None:
    assert engine.name in request.node.callspec.id


def test_it_can_be_heard(engine: Engine) -> None:
    heard = say(engine, LINE)
    assert heard.loudness > 500
    assert heard.seconds > 1


def test_pieces_are_short_and_of_whole_samples(engine: Engine) -> None:
    pieces = say(engine, LINE).pieces
    assert len(pieces) > 4
    assert all(len(piece.pcm) % 2 == 0 for piece in pieces)
    assert all(40 <= milliseconds(piece.pcm) <= 200 for piece in pieces[:-1])
    assert 0 < milliseconds(pieces[-1].pcm) <= 200


def test_the_first_piece_is_the_shortest_of_the_whole_ones(engine: Engine) -> None:
    first, second, *_ = say(engine, LINE).pieces
    assert milliseconds(first.pcm) == 100
    assert milliseconds(second.pcm) == 200


def test_its_words_are_those_of_the_text_as_written(engine: Engine) -> None:
    assert [word.word for word in say(engine, LINE).words] == LINE.split()


def test_words_follow_one_another_within_the_sound(engine: Engine) -> None:
    heard = say(engine, LINE, pause_after_s=0.1)
    edges = [edge for word in heard.words for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= heard.seconds


def test_only_what_is_not_spoken_has_no_length(engine: Engine) -> None:
    unheard = {word.word for word in say(engine, LINE).words if word.end_s - word.start_s < 0.02}
    assert unheard <= {"-"}


def test_a_word_comes_with_the_piece_it_begins_in(engine: Engine) -> None:
    begin = 0
    for piece in say(engine, LINE).pieces:
        end = begin + len(piece.pcm) // 2
        assert all(begin <= round(word.start_s * SAMPLE_RATE) < end for word in piece.words)
        begin = end


def test_the_pause_is_silence_of_its_length(engine: Engine) -> None:
    pause = round(0.731 * SAMPLE_RATE)
    with_pause = say(engine, LINE, pause_after_s=0.731)
    assert not with_pause.samples[-pause:].any()
    assert with_pause.samples[: -pause - SAMPLE_RATE // 10].any()
    # What espeak and a model with noise say twice is not quite as long twice.
    assert with_pause.seconds - say(engine, LINE).seconds == pytest.approx(0.731, abs=0.15)


@pytest.mark.parametrize(("slow", "fast"), [(0.7, 1.0), (1.0, 1.5)])
def test_a_higher_speed_is_shorter(engine: Engine, slow: float, fast: float) -> None:
    ratio = say(engine, LINE, speed=slow).seconds / say(engine, LINE, speed=fast).seconds
    assert ratio == pytest.approx(fast / slow, rel=0.3)


@pytest.mark.parametrize("speed", [0.25, 4.0])
def test_every_speed_of_a_phrase_can_be_asked_for(engine: Engine, speed: float) -> None:
    extreme, middle = say(engine, LINE, speed=speed).seconds, say(engine, LINE).seconds
    assert (extreme > middle) == (speed < 1)


@pytest.mark.parametrize("text", ["", "   ", "...", "- – !?", "\x00", "\ud800", "🙂"])
def test_a_text_without_letters_cannot_be_spoken(engine: Engine, text: str) -> None:
    with pytest.raises(Unspeakable, match="letter"):
        say(engine, text)


def test_an_unknown_voice_is_refused_with_near_names(engine: Engine) -> None:
    known = voice_of(engine)
    with pytest.raises(UnknownVoice, match=known):
        next(engine.synthesise(Phrase(text=LINE), known.upper()))


def test_a_blend_can_be_asked_for(engine: Engine) -> None:
    one, other, *_ = default_order(voice.id for voice in engine.voices())
    assert listen(engine.synthesise(Phrase(text=LINE), f"{one}(2)+{other}(1)")).loudness > 500


def test_closing_early_leaves_it_usable(engine: Engine) -> None:
    for _ in range(3):
        pieces = engine.synthesise(Phrase(text=LINE), voice_of(engine))
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
    assert [word.word for word in say(engine, LINE).words] == LINE.split()


def test_two_phrases_may_be_open_at_once(engine: Engine) -> None:
    first = engine.synthesise(Phrase(text="one two three"), voice_of(engine))
    second = engine.synthesise(Phrase(text="four five six"), voice_of(engine))
    begun = [next(first), next(second)]
    assert [word.word for word in listen([begun[0], *first]).words] == ["one", "two", "three"]
    assert [word.word for word in listen([begun[1], *second]).words] == ["four", "five", "six"]


def test_it_goes_on_speaking_alike(engine: Engine) -> None:
    lengths = [say(engine, "The same again.").seconds for _ in range(5)]
    assert max(lengths) - min(lengths) < 0.15


def test_a_very_long_phrase_is_spoken_to_its_end(engine: Engine) -> None:
    text = "It was a long story, and it had no end. " * 25
    heard = say(engine, text, speed=2.0)
    assert [word.word for word in heard.words] == text.split()
    assert all(milliseconds(piece.pcm) <= 200 for piece in heard.pieces)
    starts = [word.start_s for word in heard.words]
    assert starts == sorted(starts)
    assert starts[-1] > 0.9 * heard.seconds


@given(text=st.text(max_size=40))
@example(text="he\x00llo the\ud800re")
@example(text="<speak>no &amp; mark-up</speak> [[h@l'oU]]")
@example(text="1,234 €5.20 a@b.org 3/4/2021 x=y²")
@example(text="مرحبا שלום नमस्ते 你好世界 こんにちは ไทย")
@example(text="a\u0301\u0301 \u200d \u202e b \uffff \U0010ffff")
@settings(max_examples=12)
def test_no_text_upsets_it(engine: Engine, text: str) -> None:
    try:
        heard = say(engine, text)
    except Unspeakable:
        assert not text.isascii() or not any(map(str.isalnum, text))
    else:
        assert [word.word for word in heard.words] == text.split()
        edges = [edge for word in heard.words for edge in (word.start_s, word.end_s)]
        assert edges == sorted(edges)
        assert edges[-1] <= heard.seconds + 0.001


def test_its_voices_are_in_a_stable_order(engine: Engine) -> None:
    ids = [voice.id for voice in engine.voices()]
    assert ids == [voice.id for voice in engine.voices()]
    assert len(ids) == len(set(ids)) >= 3
