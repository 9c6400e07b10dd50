"""The published Kokoro, where its files are; name their directory in COLLOQUY_TEST_MODELS."""

import os
from pathlib import Path

import pytest

from actors.engines import DEFAULT_ORDER, check, choose_engine, load_engine
from actors.engines.voices import CATALOGUE
from events.direction import Phrase
from tests.fixtures.listening import listen, median_f0, semitones

WHERE = os.environ.get("COLLOQUY_TEST_MODELS")
LINE = "I would like a flat white, please - no sugar."

pytestmark = pytest.mark.skipif(not WHERE, reason="COLLOQUY_TEST_MODELS names no model files")


def test_the_files_are_those_published() -> None:
    assert [finding.problem for finding in check(Path(str(WHERE)))] == [None, None]


def test_they_speak_with_every_voice_of_the_catalogue_and_tell_when() -> None:
    engine = load_engine(choose_engine("kokoro", Path(str(WHERE))), threads=2)
    assert {voice.id for voice in engine.voices()} == set(CATALOGUE)
    assert engine.capabilities.word_times
    woman, man = (
        listen(engine.synthesise(Phrase(text=LINE), voice)) for voice in DEFAULT_ORDER[:2]
    )
    assert [word.word for word in woman.words] == LINE.split()
    assert 2 < woman.seconds < 5
    assert semitones(median_f0(woman.samples), median_f0(man.samples)) >= 4
