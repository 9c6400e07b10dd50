from typing import Any

import numpy as np
import pytest

from actors.engines.base import Capabilities, EngineError
from actors.engines.scripted import Act, ScriptedEngine, tone_of
from actors.engines.voices import CATALOGUE
from events.direction import Phrase, WordProsody
from tests.fixtures.listening import Heard, listen, median_f0

HELLO = Phrase(text="hello there, you")


def test_the_same_phrase_gives_the_same_bytes() -> None:
    engine = ScriptedEngine()
    assert list(engine.synthesise(HELLO, "af_heart")) == list(engine.synthesise(HELLO, "af_heart"))


def test_every_voice_has_a_tone_of_its_own() -> None:
    assert len({tone_of(voice) for voice in CATALOGUE}) == len(CATALOGUE)
    heard = listen(ScriptedEngine().synthesise(HELLO, "am_michael"))
    assert median_f0(heard.samples) == pytest.approx(tone_of("am_michael"), rel=0.02)


def test_every_character_lasts_as_long() -> None:
    heard = listen(ScriptedEngine(seconds_per_character=0.05).synthesise(HELLO, "af_heart"))
    assert heard.seconds == pytest.approx(0.05 * (len(HELLO.text) + 1))


def test_it_waits_as_the_script_says() -> None:
    waits: list[float] = []
    engine = ScriptedEngine([Act(delay_s=3, piece_delay_s=1)], sleep=waits.append)
    pieces = list(engine.synthesise(HELLO, "af_heart"))
    assert waits == [3] + [1] * (len(pieces) - 1)


def test_it_fails_where_the_script_says_and_succeeds_when_it_has_ended() -> None:
    engine = ScriptedEngine([Act(fail_after=0), Act(fail_after=1)])
    with pytest.raises(EngineError):
        next(engine.synthesise(HELLO, "af_heart"))
    pieces = engine.synthesise(HELLO, "af_heart")
    next(pieces)
    with pytest.raises(EngineError):
        next(pieces)
    assert listen(engine.synthesise(HELLO, "af_heart")).words[-1].word == "you"


def test_it_remembers_what_it_was_asked() -> None:
    engine = ScriptedEngine()
    engine.synthesise(HELLO, "af_heart")
    assert engine.asked == [(HELLO, "af_heart")]


def sung(capabilities: Capabilities | None = None, **asked: Any) -> Heard:
    engine = ScriptedEngine(seconds_per_character=0.1, capabilities=capabilities)
    return listen(engine.synthesise(Phrase(text="hello there, you", **asked), "am_michael"))


def test_a_semitone_is_a_semitone() -> None:
    assert median_f0(sung(pitch=12).samples) == pytest.approx(2 * tone_of("am_michael"), rel=0.02)


def test_a_final_movement_is_over_the_last_quarter_of_a_second() -> None:
    plain, rising = sung().samples, sung(final=6).samples
    assert np.array_equal(plain[:-6000], rising[:-6000])
    assert median_f0(rising[-6000:]) > 1.1 * median_f0(plain[-6000:])


def test_a_rate_is_that_of_its_word_alone() -> None:
    words = sung(words=(WordProsody(index=1, rate=0.5),)).words
    lengths = [word.end_s - word.start_s for word in words]
    assert lengths == pytest.approx([0.5, 1.2, 0.3], abs=0.001)


def test_what_its_capabilities_lack_is_not_obeyed() -> None:
    asked = {"pitch": 3.0, "loudness": -6.0, "seed": 3, "words": (WordProsody(index=0, rate=2.0),)}
    deaf = Capabilities(blends=True)
    assert sung(deaf, **asked).pieces == sung(deaf).pieces
    assert sung(**asked).pieces != sung().pieces
