"""Engines to test, and what they are asked to say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.engines.base import Engine
from actors.engines.espeak import EspeakEngine
from actors.engines.kokoro import KokoroEngine
from actors.engines.scripted import ScriptedEngine
from actors.engines.voices import default_order
from events.direction import Phrase
from tests.fixtures.listening import Heard, listen

FIXTURES = Path(__file__).parent.parent / "fixtures"

ENGINES: dict[str, Callable[[], Engine]] = {
    "espeak": EspeakEngine,
    "kokoro": lambda: KokoroEngine(
        FIXTURES / "kokoro-small.onnx", FIXTURES / "voices-small.bin", threads=1
    ),
    "scripted": ScriptedEngine,
}

LINE = "I'd like a flat white, please - no sugar. Two of the small ones!"


def voice_of(engine: Engine) -> str:
    return default_order(voice.id for voice in engine.voices())[0]


def say(engine: Engine, text: str, **manner: Any) -> Heard:
    return listen(engine.synthesise(Phrase(text=text, **manner), voice_of(engine)))
