"""What callers send; half of what the OpenAPI document is made of."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from events.readings import Emotion
from gateway.fields import (
    Format,
    Identifier,
    Intensity,
    Markup,
    Metadata,
    Moment,
    Name,
    Speed,
    Words,
)
from gateway.pronunciations import Pronunciations
from gateway.word_control import WordIn, placed


def _by_name(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


class Body(BaseModel):
    """Unknown fields are ignored, as clients of the OpenAI API expect."""

    model_config = ConfigDict(frozen=True)


class ParticipantIn(Body):
    id: Name
    name: Name | None = None
    role: Literal["agent", "human"] = "agent"
    voice: str | None = Field(None, max_length=512)
    intensity: Intensity | None = None


SomebodyIn = Annotated[
    ParticipantIn, BeforeValidator(_by_name, json_schema_input_type=str | ParticipantIn)
]


def _each_once(people: list[ParticipantIn]) -> list[ParticipantIn]:
    ids = [person.id for person in people]
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is there twice; name each participant once")
    return people


class StartIn(Body):
    participants: Annotated[list[SomebodyIn], AfterValidator(_each_once)] = Field(
        min_length=1, max_length=64
    )
    conversation_id: Identifier | None = None
    context_window: int = Field(10, ge=1, le=100)
    metadata: Metadata = Field(default_factory=dict)
    intensity: Intensity | None = None
    pronunciations: Pronunciations = Field(default_factory=dict)


class PronunciationsIn(Body):
    pronunciations: Pronunciations


class SpeakIn(Body):
    text: Words
    markup: Markup = "none"
    speaker_id: Name
    voice: str | None = Field(None, max_length=512)
    response_format: Format = "mp3"
    speed: Speed = 1.0
    emotion: Emotion | None = None
    stream_format: Literal["audio", "sse"] = "audio"
    turn_id: Identifier | None = None
    words: tuple[WordIn, ...] = Field((), max_length=1000)

    @field_validator("words")
    @classmethod
    def _of_the_text(cls, words: tuple[WordIn, ...], others: ValidationInfo) -> tuple[WordIn, ...]:
        if words and others.data.get("markup", "none") != "none":
            raise ValueError("leave it out where there is markup, and write it into the text")
        if "text" in others.data:
            placed(words, others.data["text"])
        return words


class ListenIn(Body):
    speaker_id: Name
    text: Words = Field(min_length=1)
    started_at: Moment | None = None
    ended_at: Moment | None = None
    turn_id: Identifier | None = None


class InterruptIn(Body):
    audio_played_ms: int = Field(ge=0, le=86_400_000, strict=True)
    by: Name | None = None


class ForkIn(Body):
    version: int | None = Field(None, ge=1)
    conversation_id: Identifier | None = None


def _by_id(value: object) -> object:
    return value["id"] if isinstance(value, dict) and "id" in value else value


class NamedVoice(Body):
    id: str


VoiceIn = Annotated[str, BeforeValidator(_by_id, json_schema_input_type=str | NamedVoice)]


class SpeechIn(Body):
    """The body of OpenAI's `audio.speech.create`."""

    input: Words
    markup: Markup = "none"
    model: str = "tts-1"
    voice: VoiceIn = Field("alloy", max_length=512)
    response_format: Format = "mp3"
    speed: Speed = 1.0
    instructions: str | None = None
    stream_format: Literal["audio", "sse"] = "audio"
