"""What clients say on a WebSocket, and what they are told."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from gateway.bodies import Body
from gateway.errors import Problem
from gateway.fields import Speed, Words
from gateway.live.messages import json_object
from gateway.vendors.characters import Timed
from gateway.vendors.elevenlabs.chunks import Chunk
from gateway.vendors.elevenlabs.options import invalid

NOT_TEXT = "a message is JSON in a text frame; nothing was done"


class VoiceSettings(Body):
    """Stability, style and the like have no counterpart here, and are ignored."""

    speed: Speed | None = None


class Said(Body):
    """A message; which fields it has says what it is."""

    text: Words | None = None
    context_id: str | None = Field(None, min_length=1, max_length=128)
    voice_settings: VoiceSettings | None = None
    flush: bool | None = None
    close_context: bool | None = None
    close_socket: bool | None = None


_SAID: TypeAdapter[Said] = TypeAdapter(Said)


def read(data: str | bytes) -> Said:
    """The message of a frame.

    Raises:
        Problem: it is none, with what would be right.
    """
    if isinstance(data, bytes):
        raise Problem(400, NOT_TEXT, code="not_text")
    try:
        return _SAID.validate_python(json_object(data))
    except ValidationError as wrong:
        raise invalid(wrong, "nothing was done") from None


def sound(chunk: Chunk, context_id: str | None, *, on_clock: bool) -> dict[str, Any]:
    """Sound, and the characters that begin in it.

    Times are counted from the end of the character before, as of a chunk of its own; with
    `on_clock`, those of `normalizedAlignment` from the beginning of all sound.
    """
    relative = _alignment(chunk.characters, chunk.since_ms)
    return {
        "audio": base64.b64encode(chunk.audio).decode() or None,
        "isFinal": None,
        "alignment": relative,
        "normalizedAlignment": _alignment(chunk.characters, 0) if on_clock else relative,
        **_named(context_id),
    }


def final(context_id: str | None) -> dict[str, Any]:
    """That nothing more comes of a context."""
    nothing = {"audio": None, "alignment": None, "normalizedAlignment": None}
    return {**nothing, "isFinal": True, **_named(context_id)}


def complaint(error: Mapping[str, Any], context_id: str | None) -> dict[str, Any]:
    """What could not be done, of an error as everywhere."""
    told = {"message": error["message"], "error": error["code"], "param": error["param"]}
    return {**told, **_named(context_id)}


def _named(context_id: str | None) -> dict[str, str]:
    return {} if context_id is None else {"contextId": context_id}


def _alignment(characters: Sequence[Timed], since_ms: int) -> dict[str, list[Any]] | None:
    if not characters:
        return None
    return {
        "chars": [timed.character for timed in characters],
        "charStartTimesMs": [timed.start_ms - since_ms for timed in characters],
        "charDurationsMs": [timed.end_ms - timed.start_ms for timed in characters],
    }
