"""No word of a text is lost on its way to the model, whatever is asked of the phrase."""

from collections.abc import Callable
from pathlib import Path

import pytest

from actors.engines.base import Engine
from actors.engines.espeak import EspeakEngine
from actors.engines.kokoro import KokoroEngine
from events.direction import Direction, Phrase, WordProsody
from tests.benchmarks.kept import count_lost

FIXTURES = Path(__file__).parents[1] / "fixtures"
TEXTS = (
    "No. We saw it again, and it was better than the last one!",
    "It's 5 p.m. already — will Dr. Smith see the 3 of us, or not?",
    "Well, I paid $20.50 for it... can you believe that?",
    "Emoji 😀 say nothing, words do.",
)


def kokoro() -> Engine:
    return KokoroEngine(FIXTURES / "kokoro-small.onnx", FIXTURES / "voices-small.bin")


def directed(text: str) -> Phrase:
    """With everything asked that can be asked of a phrase and its words."""
    words = tuple(
        WordProsody(index=index, pitch=2.0, rate=0.8, emphasis=0.8)
        for index in range(0, len(text.split()), 2)
    )
    return Phrase(text=text, speed=1.1, pitch=1.0, pitch_range=1.3, loudness=2.0, words=words)


@pytest.mark.parametrize("engine", [EspeakEngine, kokoro])
@pytest.mark.parametrize("text", TEXTS)
def test_every_word_is_said(engine: Callable[[], Engine], text: str) -> None:
    speaking = engine()
    direction = Direction(voice=speaking.voices()[0].id, phrases=(directed(text),))
    assert count_lost(speaking, text, direction) == 0


def test_a_word_that_no_phrase_has_is_missed() -> None:
    direction = Direction(voice="af_heart", phrases=(Phrase(text="We saw it."),))
    assert count_lost(EspeakEngine(), "We saw it again.", direction) == 2
