"""Lines over HTTP, as one call asks for them."""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from actors.commands import Newcomer
from actors.phrases import speakable
from actors.refusals import UnspeakableText
from gateway.access.callers import Caller
from gateway.desk import Desk
from gateway.live.messages import TurnBegin
from gateway.vendors.answers import Spoken
from gateway.vendors.recital import recite, recite_turn
from gateway.vendors.renditions import Rendition
from gateway.vendors.room import HEADER, room_of

NONE: Mapping[str, str] = {}


async def spoken(
    line: TurnBegin,
    rendition: Rendition,
    request: Request,
    desk: Desk,
    caller: Caller,
    headers: Mapping[str, str] = NONE,
) -> Response:
    """A line, as a turn of the conversation that the header names; without it, nothing is recorded.

    Args:
        line: With all of its text.
        rendition: What is sent of it.
        request: The call.
        desk: To speak from.
        caller: Who pays.
        headers: Of the answer, beside those that tell of the turn.

    Raises:
        Problem, Refused: it cannot be spoken; nothing was recorded.
    """
    if not speakable(line.text):
        raise UnspeakableText
    caller.spend(line.text)
    if HEADER not in request.headers:
        voice = line.voice or desk.system.voices.choose(())
        alone = line.model_copy(update={"voice": voice})
        return Spoken(partial(recite, alone, desk, key_id=caller.key_id), rendition, headers)
    room = room_of(request, desk, caller)
    await room.enter(Newcomer(line.speaker_id, voice=line.voice))
    speak = partial(recite_turn, line, room.conversation_id, desk, key_id=caller.key_id)
    named = {"X-Conversation-ID": room.conversation_id, "X-Turn-ID": line.turn_id}
    return Spoken(speak, rendition, {**headers, **named})
