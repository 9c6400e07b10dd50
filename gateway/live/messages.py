"""What callers say on a live connection, and one sentence for each way to say it wrong."""

from collections.abc import Collection
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from events.readings import Emotion
from gateway.bodies import Body, InterruptIn, ListenIn
from gateway.errors import Problem
from gateway.fields import Identifier, Markup, Name, Speed, Words

MOST_SAMPLES = 2**32 - 1
"""What the header of a frame can count to."""


class TurnBegin(Body):
    """A line to be spoken, whose words follow; or the rest of one that was begun before."""

    type: Literal["turn.begin"] = "turn.begin"
    turn_id: Identifier
    speaker_id: Name
    voice: str | None = Field(None, max_length=512)
    speed: Speed = 1.0
    emotion: Emotion | None = None
    markup: Markup = "none"
    text: Words = ""
    """The first of its words, if they are there already."""
    sample: int = Field(0, ge=0, le=MOST_SAMPLES, strict=True)
    """From which its sound is wanted."""
    ahead_ms: int | None = Field(None, ge=100, le=600_000, strict=True)
    """How far ahead of its playing its sound is wanted; None as fast as it is made."""


class TurnText(Body):
    type: Literal["turn.text"] = "turn.text"
    turn_id: Identifier
    text: Words
    at: int | None = Field(None, ge=0, strict=True)
    """Where it begins, in characters of the turn's text; by default, where that ends so far."""


class TurnEnd(Body):
    """No more words."""

    type: Literal["turn.end"] = "turn.end"
    turn_id: Identifier


class TurnInterrupt(InterruptIn):
    type: Literal["turn.interrupt"] = "turn.interrupt"
    turn_id: Identifier


class TurnHeard(ListenIn):
    """A turn that somebody else spoke."""

    type: Literal["turn.heard"] = "turn.heard"
    audio_bytes: int | None = Field(None, ge=1, strict=True)
    """Of its sound, which follows in binary frames: a file in any common format."""


class Ping(Body):
    type: Literal["ping"] = "ping"
    id: str | None = Field(None, max_length=128)


Said = TypeVar("Said")
Message = TurnBegin | TurnText | TurnEnd | TurnInterrupt | TurnHeard | Ping

_MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])
TYPES = ("turn.begin", "turn.text", "turn.end", "turn.interrupt", "turn.heard", "ping")

NO_SOUND = "no sound is expected: announce it with `audio_bytes` of `turn.heard`; nothing was done"


def read(text: str) -> Message:
    """The message of a text frame.

    Raises:
        Problem: it is none, with what would be right.
    """
    return typed(json_object(text), _MESSAGE, TYPES)


def json_object(text: str) -> dict[str, Any]:
    """What a text frame holds. Raises as `read`."""
    try:
        said = from_json(text, allow_inf_nan=False)
    except ValueError:
        raise _invalid("this is not JSON; nothing was done", code="invalid_json") from None
    if not isinstance(said, dict):
        raise _invalid("a message is a JSON object; nothing was done", code="invalid_json")
    return said


def typed(said: dict[str, Any], messages: TypeAdapter[Said], types: Collection[str]) -> Said:
    """The message that an object is, by its `type`. Raises as `read`."""
    if said.get("type") not in types:
        known = ", ".join(types)
        raise _invalid(
            f"`type` is none of {known}; nothing was done", code="unknown_type", param="type"
        )
    try:
        return messages.validate_python(said)
    except ValidationError as wrong:
        raise _field(wrong) from None


def _field(wrong: ValidationError) -> Problem:
    first = wrong.errors()[0]
    kind, *place = (str(part) for part in first["loc"])
    param = ".".join(place)
    why = first["msg"].removeprefix("Value error, ")
    message = f"{kind}: {param}: {why}; nothing was done"
    return Problem(422, message, code="invalid_value", param=param)


def _invalid(message: str, *, code: str, param: str | None = None) -> Problem:
    return Problem(400, message, code=code, param=param)
