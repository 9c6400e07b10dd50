"""What callers send and what they are sent; the OpenAPI document is made of these."""

import json
import math
import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from actors.context import Context, Style
from events.direction import Direction
from events.readings import Affect, Emotion, Features, Timing, Unread
from events.turns import Timings
from gateway.pronunciations import Pronunciations, SayingIn
from gateway.word_control import WordIn, placed

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
Markup = Literal["none", "tags", "ssml"]
"""What stands in a text beside its words."""


_UNSPEAKABLE = {"Cc": "control character", "Cs": "half of a surrogate pair,"}


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:~@+-]{1,128}", value):
        raise ValueError("1 to 128 letters, digits or . _ : ~ @ + - are allowed")
    return value


def _name(value: str) -> str:
    if not value.strip() or len(value) > 128 or not value.isprintable():
        raise ValueError("1 to 128 printable characters are needed")
    return value


def _as_written(value: object) -> object:
    # Bytes of a header are handed to us as Latin-1, and are mostly UTF-8.
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _words(value: str) -> str:
    for place, character in enumerate(value):
        kind = _UNSPEAKABLE.get(unicodedata.category(character))
        if kind and character not in "\t\n\r":
            raise ValueError(f"{kind} U+{ord(character):04X} at position {place}; leave it out")
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a finite number is needed")
    return value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError("a number from 0, the plain engine, to 1, full expression, is needed")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment between the years 1 and 9999, in UTC, is needed") from None


DEEPEST = 32
"""Levels of nested metadata."""


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        inner = [v.values() if isinstance(v, dict) else v for v in level]
        level = [v for values in inner for v in values if isinstance(v, dict | list)]
    if level:
        raise ValueError(f"it may be nested {DEEPEST} levels deep")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair; leave it out") from None
    return value


def _by_name(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


def _by_id(value: object) -> object:
    return value["id"] if isinstance(value, dict) and "id" in value else value


Identifier = Annotated[str, AfterValidator(_identifier)]
Name = Annotated[str, AfterValidator(_name)]
NameInHeader = Annotated[Name, BeforeValidator(_as_written)]
Words = Annotated[str, AfterValidator(_words)]
Intensity = Annotated[
    float, AfterValidator(_share), Field(json_schema_extra={"minimum": 0, "maximum": 1})
]
Speed = Annotated[float, Field(ge=0.25, le=4), AfterValidator(_finite)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Metadata = Annotated[dict[str, Any], AfterValidator(_plain)]


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


class Error(BaseModel):
    message: str
    type: str
    param: str | None
    code: str


class ErrorOut(BaseModel):
    """As the OpenAI API tells an error."""

    error: Error


class ParticipantOut(BaseModel):
    id: str
    name: str | None
    role: str
    voice: str | None
    present: bool
    intensity: float | None


class StartOut(BaseModel):
    conversation_id: str
    participants: list[ParticipantOut]
    version: int


class Origin(BaseModel):
    conversation_id: str
    version: int


class ForkOut(StartOut):
    forked_from: Origin


class WordOut(BaseModel):
    word: str
    start_s: float
    end_s: float


class TurnOut(BaseModel):
    turn: int
    turn_id: str
    speaker_id: str
    kind: str
    status: str
    text: str
    heard_text: str
    words: list[WordOut]
    act: str | None
    topic: str | None
    affect: Affect | None
    timing: Timing | None
    unread: list[Unread]
    direction: Direction | None
    engine: str | None
    response_gap_ms: int | None
    duration_s: float
    features: Features | None
    audio: str | None
    timings: Timings | None
    started_at: datetime
    ended_at: datetime | None


class TurnInContextOut(TurnOut):
    """A turn, and what bore on it when it was heard or directed."""

    context: Context


class SpeakerOut(BaseModel):
    turns: int
    words: int
    spoken_s: float
    interrupted: int
    style: Style
    emotion: Affect | None


class StateOut(BaseModel):
    conversation_id: str
    status: str
    version: int
    participants: list[ParticipantOut]
    current_speaker: str | None
    emotional_state: Affect | None
    mood: Affect | None
    topic: str | None
    turns: list[TurnOut]
    turn_count: int
    speakers: dict[str, SpeakerOut]
    context_window: int
    intensity: float | None
    metadata: dict[str, Any]
    pronunciations: dict[str, SayingIn]
    forked_from: Origin | None


class PronunciationsOut(BaseModel):
    conversation_id: str
    pronunciations: dict[str, SayingIn]
    version: int


class HeardOut(BaseModel):
    turn: int
    turn_id: str
    affect: Affect | None
    features: Features | None
    version: int


class InterruptOut(BaseModel):
    heard_text: str
    unheard_text: str
    cut_word: str | None
    """The word that was being spoken: the first of the unheard ones."""
    audio_played_ms: int


class EndOut(BaseModel):
    conversation_id: str
    status: str
    version: int


class EventOut(BaseModel):
    event_id: str
    conversation_id: str
    version: int
    position: int
    type: str
    schema_version: int
    recorded_at: datetime
    command_id: str
    epoch: int
    chain: str
    data: dict[str, Any]


class HeadOut(BaseModel):
    conversation_id: str
    status: str
    version: int
    started_at: datetime
    updated_at: datetime


class Turns(BaseModel):
    object: Literal["list"] = "list"
    data: list[TurnOut]


class Events(BaseModel):
    object: Literal["list"] = "list"
    data: list[EventOut]
    has_more: bool


class Conversations(BaseModel):
    object: Literal["list"] = "list"
    data: list[HeadOut]
    has_more: bool
