"""What Cartesia's clients say, and what it means here."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator

from events.readings import Emotion
from gateway.bodies import Body
from gateway.errors import Problem
from gateway.fields import Identifier, Speed, Words
from gateway.live.messages import json_object
from gateway.system import System
from gateway.vendors.output import Encoding, OutputFormat
from gateway.vendors.voices import OWN, voice_for

_ENCODINGS: Mapping[str, Encoding] = MappingProxyType(
    {"pcm_f32le": "f32le", "pcm_s16le": "s16le", "pcm_mulaw": "mulaw", "pcm_alaw": "alaw"}
)
_SPEEDS: Mapping[str | None, float] = MappingProxyType({"slow": 0.8, "normal": 1.0, "fast": 1.2})

_SHADES: Mapping[Emotion, str] = MappingProxyType(
    {
        "neutral": "neutral calm peaceful serene trust mysterious ironic sarcastic bored tired "
        "confident distant skeptical contemplative determined sympathetic",
        "joy": "happy excited enthusiastic elated euphoric triumphant flirtatious joking/comedic "
        "content grateful affectionate anticipation proud",
        "surprise": "amazed surprised curious confused",
        "anger": "angry mad outraged frustrated agitated envious",
        "disgust": "disgusted contempt",
        "sadness": "sad dejected melancholic disappointed hurt guilty rejected nostalgic wistful "
        "apologetic resigned",
        "fear": "threatened hesitant insecure anxious panicked alarmed scared",
    }
)
EMOTIONS: Mapping[str, Emotion] = MappingProxyType(
    {name: emotion for emotion, names in _SHADES.items() for name in names.split()}
)
"""Theirs, each with the one of ours that is nearest."""

ELSEWHERE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""Ids of voices that Cartesia has, and nobody else."""

Said = TypeVar("Said", bound=Body)


def _voice_id(value: object) -> object:
    if not isinstance(value, dict):
        return value
    if value.get("mode", "id") != "id":
        raise ValueError("name a voice by its id; vectors of another model say nothing here")
    return value.get("id")


def _emotion(value: str) -> str:
    if value not in EMOTIONS:
        raise ValueError(f"it is none of {', '.join(EMOTIONS)}")
    return value


def _nothing(value: object) -> None:
    if value:
        raise ValueError("there is nothing of the kind here; leave it out")


VoiceId = Annotated[
    str | None, BeforeValidator(_voice_id, json_schema_input_type=str | dict[str, Any] | None)
]


class OutputFormatIn(Body):
    container: Literal["raw", "wav", "mp3"] = "raw"
    encoding: Literal["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"] = "pcm_s16le"
    sample_rate: Literal[8000, 16000, 22050, 24000, 44100, 48000] = 24000
    bit_rate: Literal[32000, 64000, 96000, 128000, 192000] | None = None

    @property
    def ours(self) -> OutputFormat:
        if self.container == "mp3":
            return OutputFormat("mp3", self.sample_rate, bit_rate=self.bit_rate)
        return OutputFormat(_ENCODINGS[self.encoding], self.sample_rate, self.container)


class GenerationConfig(Body):
    speed: Speed | None = None
    volume: float | None = Field(None, ge=0.5, le=2)
    emotion: Annotated[str, AfterValidator(_emotion)] | None = None


class Generation(Body):
    """What to say, and how."""

    transcript: Words
    voice: VoiceId = Field(None, max_length=512)
    output_format: OutputFormatIn = OutputFormatIn()
    generation_config: GenerationConfig | None = None
    speed: Literal["slow", "normal", "fast"] | None = None
    language: str | None = None
    locale: str | None = None
    add_timestamps: bool | None = None
    add_phoneme_timestamps: Annotated[None, BeforeValidator(_nothing)] = None
    pronunciation_dict_id: Annotated[None, BeforeValidator(_nothing)] = None

    @property
    def config(self) -> GenerationConfig:
        return self.generation_config or GenerationConfig()

    @property
    def rate(self) -> float:
        """Times the speed of the voice."""
        return self.config.speed or _SPEEDS.get(self.speed, 1.0)

    @property
    def emotion(self) -> Emotion | None:
        return EMOTIONS[self.config.emotion] if self.config.emotion else None

    def voice_in(self, system: System) -> str | None:
        """Whose voice it is; None leaves that to the speaker.

        An id of Cartesia's own stands for the speaker's voice, or for one of the language.

        Raises:
            NotAVoice: nobody has it.
            Problem: nobody speaks the language.
        """
        if self.voice and not ELSEWHERE.fullmatch(self.voice):
            return system.voices.resolve(self.voice)
        return voice_for(self.language or self.locale or OWN, system.voice_list)

    def loud(self, pcm: bytes) -> bytes:
        """Samples with the volume that is asked for, cut off at full scale."""
        volume = self.config.volume or 1.0
        if volume == 1.0:
            return pcm
        samples = np.frombuffer(pcm, "<i2") * volume
        return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


class Input(Generation):
    """More of what a context says."""

    context_id: Identifier | None = Field(None, max_length=120)
    goes_on: bool | None = Field(None, alias="continue")
    flush: bool | None = None
    max_buffer_delay_ms: int | None = Field(None, ge=0, le=5000)

    @field_validator("output_format")
    @classmethod
    def _without_container(cls, value: OutputFormatIn) -> OutputFormatIn:
        if value.container != "raw":
            raise ValueError("container: on a WebSocket sound is `raw`")
        return value

    @property
    def text(self) -> str:
        """The transcript; whole words, if the client says that it has gathered them."""
        whole = self.max_buffer_delay_ms == 0 and self.transcript[-1:].strip()
        return f"{self.transcript} " if whole else self.transcript


class Cancel(Body):
    context_id: str
    cancel: Literal[True]


def object_of(said: str | bytes) -> dict[str, Any]:
    """What a frame holds.

    Raises:
        Problem: no JSON object.
    """
    if isinstance(said, bytes):
        message = "messages are JSON in text frames; nothing was done"
        raise Problem(400, message, code="not_text")
    return json_object(said)


def read(found: dict[str, Any]) -> Input | Cancel:
    """The message that an object is.

    Raises:
        Problem: it is none, with what would be right.
    """
    return _validated(Cancel, found) if found.get("cancel") else _validated(Input, found)


def _validated(kind: type[Said], found: dict[str, Any]) -> Said:
    try:
        return kind.model_validate(found)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        param = ".".join(map(str, first["loc"]))
        why = first["msg"].removeprefix("Value error, ")
        message = f"{param}: {why}; nothing was done"
        raise Problem(422, message, code="invalid_value", param=param) from None
