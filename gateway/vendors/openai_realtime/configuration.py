"""What clients may set of a session, and what there is none of here."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from actors.engines.base import SAMPLE_RATE
from gateway.bodies import Body, VoiceIn
from gateway.fields import Speed, Words

PCM = {"type": "audio/pcm", "rate": SAMPLE_RATE}


def _without(what: str) -> AfterValidator:
    """That a field can only say that there is none of something."""

    def nothing(value: object) -> object:
        if value:
            raise ValueError(f"there is no {what} here; null is right")
        return value

    return AfterValidator(nothing)


def _audible(modalities: list[str] | None) -> list[str] | None:
    if modalities is not None and "audio" not in modalities:
        raise ValueError('what is spoken here is heard; ["audio"] is right')
    return modalities


Modalities = Annotated[list[Literal["text", "audio"]] | None, AfterValidator(_audible)]


class FormatIn(Body):
    type: Literal["audio/pcm"] = "audio/pcm"
    rate: Literal[24000] = 24000


class InputIn(Body):
    format: FormatIn | None = None
    noise_reduction: Annotated[Any, _without("noise reduction")] = None
    transcription: Annotated[Any, _without("speech recognition")] = None
    turn_detection: Annotated[Any, _without("detection of turns")] = None


class OutputIn(Body):
    format: FormatIn | None = None
    voice: VoiceIn | None = Field(None, max_length=512)
    speed: Speed | None = None


class AudioIn(Body):
    input: InputIn | None = None
    output: OutputIn | None = None


class Particulars(Body):
    """What can be said of a session, and of one response in it."""

    audio: AudioIn | None = None
    instructions: Words | None = Field(None, max_length=65_536)
    output_modalities: Modalities = None
    max_output_tokens: Literal["inf"] | None = None
    tools: Annotated[Any, _without("language model to use tools")] = None
    prompt: Annotated[Any, _without("language model to be prompted")] = None
    reasoning: Annotated[Any, _without("language model to reason")] = None


class SessionIn(Particulars):
    type: Literal["realtime"] = "realtime"
    tracing: Annotated[Any, _without("tracing for callers")] = None
    include: Annotated[Any, _without("speech recognition")] = None


class ResponseParticulars(Particulars):
    conversation: Literal["auto"] | None = None
    metadata: dict[str, str] | None = Field(None, max_length=16)


@dataclass(frozen=True, slots=True)
class Configuration:
    """How lines are spoken."""

    voice: str | None = None
    """None is the speaker's own."""
    speed: float = 1.0
    instructions: str = ""

    def changed(self, wanted: Particulars) -> "Configuration":
        """With what is wanted otherwise."""
        output = (wanted.audio and wanted.audio.output) or OutputIn()
        told = wanted.instructions
        return Configuration(
            self.voice if output.voice is None else output.voice,
            self.speed if output.speed is None else output.speed,
            self.instructions if told is None else told,
        )

    def shown(self, session_id: str, model: str) -> dict[str, Any]:
        """As the whole of a session's configuration."""
        heard = {"format": PCM, "noise_reduction": None, "transcription": None}
        return {
            "type": "realtime",
            "object": "realtime.session",
            "id": session_id,
            "model": model,
            "instructions": self.instructions,
            "output_modalities": ["audio"],
            "audio": {
                "input": {**heard, "turn_detection": None},
                "output": {**self.output, "speed": self.speed},
            },
            "max_output_tokens": "inf",
            "tools": [],
            "tool_choice": "none",
        }

    @property
    def output(self) -> dict[str, Any]:
        return {"format": PCM, "voice": self.voice}
