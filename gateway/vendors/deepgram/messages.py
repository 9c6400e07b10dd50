"""What Deepgram's clients say on a WebSocket."""

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from gateway.bodies import Body
from gateway.errors import Problem
from gateway.fields import Words
from gateway.live import messages


class Speak(Body):
    """More words of the speech that is being written, or the first of a new one."""

    type: Literal["Speak"]
    text: Words


class Flush(Body):
    """That speech is complete."""

    type: Literal["Flush"]


class Offset(Body):
    type: Literal["time_ms"] = "time_ms"
    value: int = Field(ge=0, le=86_400_000, strict=True)
    """Milliseconds of sound that were played since the connection was made."""


class Interrupt(Body):
    """Somebody took the floor."""

    type: Literal["Interrupt"]
    playback_offset: Offset | None = None


class Clear(Body):
    """The same, without a word about what was played."""

    type: Literal["Clear"]


class Configure(Body):
    type: Literal["Configure"]
    speed: Any = None


class Close(Body):
    type: Literal["Close"]


class KeepAlive(Body):
    type: Literal["KeepAlive"]


Message = Speak | Flush | Interrupt | Clear | Configure | Close | KeepAlive

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def read(said: str | bytes, types: Collection[str]) -> Message:
    """The message of a frame, of one of the types.

    Raises:
        Problem: it is none, with what would be right.
    """
    if isinstance(said, bytes):
        message = "messages are JSON in text frames; nothing was done"
        raise Problem(400, message, code="not_text")
    return messages.typed(messages.json_object(said), _MESSAGE, types)
