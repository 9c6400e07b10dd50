"""What every engine makes of what is written into a line beside its words."""

import numpy as np
import pytest

from actors.engines.base import SAMPLE_RATE, Engine, EngineError
from actors.engines.sayings import SYMBOLS
from actors.markup import Tags
from actors.prosody import plain
from events.direction import WordSaying
from tests.contracts.engines import LINE, say, voice_of
from tests.fixtures.listening import Heard, listen

WHITE = LINE.split().index("white,")
EXPLICIT = "[white](/təmˈɑːtoʊ/),"


def saying(said: str, index: int = WHITE) -> tuple[WordSaying, ...]:
    return (WordSaying(index=index, said=said),)


def words(heard: Heard) -> list[str]:
    return [word.word for word in heard.words]


def length(heard: Heard, index: int = WHITE) -> float:
    return heard.words[index].end_s - heard.words[index].start_s


def marked(engine: Engine, text: str) -> list[Heard]:
    """The phrases of a text with tags, outside any conversation."""
    _, (words_, marks) = Tags(str).read(text, last=True)
    voice = voice_of(engine)
    direction = plain(words_, voice=voice, speed=1.0, marks=marks)
    return [
        listen(engine.synthesise(phrase, phrase.voice or voice)) for phrase in direction.phrases
    ]


@pytest.mark.parametrize("said", ["the World Wide Web,", EXPLICIT, ""])
def test_what_is_said_in_place_of_a_word_has_the_time_of_the_word(
    engine: Engine, said: str
) -> None:
    as_written, heard = say(engine, LINE), say(engine, LINE, sayings=saying(said))
    assert words(heard) == words(as_written) == LINE.split()
    begins = [word.start_s for word in heard.words]
    assert begins == sorted(begins)
    assert heard.samples.tobytes() != as_written.samples.tobytes()


def test_more_words_last_longer_and_none_last_no_time(engine: Engine) -> None:
    as_written = say(engine, LINE)
    longer = say(engine, LINE, sayings=saying("World Wide Web,"))
    assert length(longer) > 1.5 * length(as_written)
    assert say(engine, LINE, sayings=saying("")).seconds < as_written.seconds


def test_phonemes_sound_the_same_whatever_is_written(engine: Engine) -> None:
    sounds = [say(engine, f"So {word} it is.", sayings=saying("[x](/nˈoʊ/)", 1), seed=1)
              for word in ("Nguyen", "Worcestershire")]  # fmt: skip
    one, other = (heard.seconds for heard in sounds)
    assert one == pytest.approx(other, rel=0.02)


def test_every_symbol_that_an_engine_names_can_be_said(engine: Engine) -> None:
    known = [symbol for symbol in engine.capabilities.phonemes if symbol.isalpha()]
    assert set(engine.capabilities.phonemes) <= set(SYMBOLS)
    for begin in range(0, len(known), 12):
        phonemes = "ˈɑ".join(known[begin : begin + 12])
        heard = say(engine, LINE, sayings=saying(f"[white](/ˈɑ{phonemes}/),"))
        assert words(heard) == LINE.split()


def test_symbols_that_an_engine_lacks_leave_the_word_as_it_is_written(engine: Engine) -> None:
    strange = say(engine, LINE, sayings=saying("[white](/№/),"), seed=1)
    assert strange.seconds == pytest.approx(say(engine, LINE, seed=1).seconds, rel=0.01)


def test_double_brackets_of_a_text_are_no_phonemes_beside_some(engine: Engine) -> None:
    text = "Say [[aI]] and white,"
    heard = say(engine, text, sayings=saying(EXPLICIT, 3))
    assert words(heard) == text.split()


def test_a_silence_before_the_first_word_is_as_long_as_asked(engine: Engine) -> None:
    without, heard = say(engine, LINE, seed=1), say(engine, LINE, pause_before_s=0.5, seed=1)
    assert not heard.samples[: SAMPLE_RATE // 2].any()
    assert heard.seconds == pytest.approx(without.seconds + 0.5, abs=0.01)
    moved = np.subtract([w.start_s for w in heard.words], [w.start_s for w in without.words])
    assert moved == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("sayings", [saying("x", 99), saying("x") + saying("y")])
def test_a_word_that_is_not_there_or_is_there_twice_is_refused(
    engine: Engine, sayings: tuple[WordSaying, ...]
) -> None:
    with pytest.raises(EngineError, match="sayings names the word"):
        say(engine, LINE, sayings=sayings)


def test_a_pause_is_silence_of_that_length(engine: Engine) -> None:
    first, second = marked(engine, "I would like [pause:0.5s] some tea.")
    assert not first.samples[-SAMPLE_RATE // 2 :].any()
    assert first.samples.any()
    assert second.samples.any()


def test_a_rate_shortens_what_it_is_asked_of(engine: Engine) -> None:
    slow, fast = marked(engine, "We are there very soon. [rate:1.5]We are there very soon.")
    silence_s = 0.25
    assert (slow.seconds - silence_s) / fast.seconds == pytest.approx(1.5, rel=0.12)
