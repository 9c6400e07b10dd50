"""What callers are sent; half of what the OpenAPI document is made of."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from actors.context import Context, Style
from events.direction import Direction
from events.readings import Affect, Features, Timing, Unread
from events.turns import Timings
from gateway.pronunciations import SayingIn


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
