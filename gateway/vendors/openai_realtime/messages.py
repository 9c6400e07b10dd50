"""What OpenAI's clients say on a realtime connection."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from gateway.bodies import Body
from gateway.fields import Identifier, Words
from gateway.live.messages import typed
from gateway.vendors.openai_realtime.configuration import ResponseParticulars, SessionIn
from gateway.vendors.openai_realtime.items import ItemIn

MOST_LINES = 16
"""Messages that one response speaks, or that wait to be spoken."""


class SessionUpdate(Body):
    type: Literal["session.update"]
    session: SessionIn


class ItemCreate(Body):
    type: Literal["conversation.item.create"]
    item: ItemIn
    previous_item_id: str | None = None


class ItemRetrieve(Body):
    type: Literal["conversation.item.retrieve"]
    item_id: str


class ItemDelete(Body):
    type: Literal["conversation.item.delete"]
    item_id: str


class ItemTruncate(Body):
    type: Literal["conversation.item.truncate"]
    item_id: Identifier
    content_index: Literal[0] = 0
    audio_end_ms: int = Field(ge=0, le=86_400_000, strict=True)


class ResponseIn(ResponseParticulars):
    input: list[ItemIn] | None = Field(None, max_length=MOST_LINES)


class ResponseCreate(Body):
    type: Literal["response.create"]
    response: ResponseIn | None = None


class ResponseCancel(Body):
    type: Literal["response.cancel"]
    response_id: str | None = None


class AudioAppend(Body):
    type: Literal["input_audio_buffer.append"]
    audio: str


class AudioCommit(Body):
    type: Literal["input_audio_buffer.commit"]
    transcript: Words | None = None
    """Beyond the published protocol: nobody else here knows the words."""


class AudioClear(Body):
    type: Literal["input_audio_buffer.clear"]


class OutputClear(Body):
    type: Literal["output_audio_buffer.clear"]


Message = (
    SessionUpdate
    | ItemCreate
    | ItemRetrieve
    | ItemDelete
    | ItemTruncate
    | ResponseCreate
    | ResponseCancel
    | AudioAppend
    | AudioCommit
    | AudioClear
    | OutputClear
)

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])
TYPES = (
    "session.update",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.delete",
    "conversation.item.truncate",
    "response.create",
    "response.cancel",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "output_audio_buffer.clear",
)


def read(said: dict[str, Any]) -> Message:
    """The message that an object is.

    Raises:
        Problem: it is none, with what would be right.
    """
    return typed(said, _MESSAGE, TYPES)
