"""The engines: text in, samples out. Which one speaks is chosen first and loaded later."""

from actors.engines.base import (
    BYTES_PER_SAMPLE,
    SAMPLE_RATE,
    Capabilities,
    Engine,
    EngineError,
    ModelInvalid,
    ModelMissing,
    Sound,
    UnknownVoice,
    Unspeakable,
    Voice,
)
from actors.engines.choice import EngineChoice, choose_engine, load_engine
from actors.engines.models import Finding, ModelFiles, check, find_models
from actors.engines.voices import (
    CATALOGUE,
    DEFAULT_ORDER,
    OPENAI_VOICES,
    MalformedVoice,
    default_order,
    describe,
    parse_voice,
)

__all__ = [
    "BYTES_PER_SAMPLE",
    "CATALOGUE",
    "DEFAULT_ORDER",
    "OPENAI_VOICES",
    "SAMPLE_RATE",
    "Capabilities",
    "Engine",
    "EngineChoice",
    "EngineError",
    "Finding",
    "MalformedVoice",
    "ModelFiles",
    "ModelInvalid",
    "ModelMissing",
    "Sound",
    "UnknownVoice",
    "Unspeakable",
    "Voice",
    "check",
    "choose_engine",
    "default_order",
    "describe",
    "find_models",
    "load_engine",
    "parse_voice",
]
