"""`WS /v1/realtime`: OpenAI's realtime protocol for words in and sound out; see docs/clients.md."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, WebSocket

from gateway.access.guard import caller_of
from gateway.access.needs import needs
from gateway.errors import Problem, unknown_model
from gateway.fields import NameInHeader
from gateway.live.peer import Connection
from gateway.live.serving import conversed, desk_of, received
from gateway.routes.speech import MODELS
from gateway.vendors.openai_realtime.call import Call
from gateway.vendors.openai_realtime.outbox import Outbox
from gateway.vendors.openai_realtime.peer import RealtimePeer
from gateway.vendors.openai_realtime.talk import Talk
from gateway.vendors.room import room_of

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

REALTIME_MODELS = ("gpt-realtime", "gpt-audio", "gpt-4o-realtime", "gpt-4o-mini-realtime")
"""What the names of OpenAI's realtime models begin with."""
SUBPROTOCOL = "realtime"
"""Which browsers ask for."""


@router.websocket("/realtime", dependencies=[needs("speak")])
async def realtime(
    socket: WebSocket,
    model: Annotated[str, Query(max_length=128)] = MODELS[0],
    call_id: str | None = None,
    intent: str | None = None,
    speaker_id: Annotated[NameInHeader, Header(alias="X-Speaker-ID")] = "assistant",
) -> None:
    """A session in which lines are spoken, interrupted and heard."""
    _must_be_spoken(model, call_id, intent)
    desk, caller = desk_of(socket), caller_of(socket)
    room = room_of(socket, desk, caller)
    await caller.owner_to_join(room.conversation_id)  # or it is another's
    offered = socket.scope.get("subprotocols", ())
    await socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
    outbox = Outbox(Connection(socket), desk.new_id)
    peer = RealtimePeer(outbox, caller.clock)
    async with conversed(socket, room.conversation_id, peer) as session:
        talk = Talk(Call(room, session, peer, outbox, desk, caller, speaker_id, model))
        try:
            await talk.greet()
            while True:
                await talk.take(await received(socket))
        finally:
            await talk.leave()


def _must_be_spoken(model: str, call_id: str | None, intent: str | None) -> None:
    if model not in MODELS and not model.startswith(REALTIME_MODELS):
        known = ", ".join((*MODELS, *(f"{name}…" for name in REALTIME_MODELS)))
        raise unknown_model(model, known)
    for name, value in (("call_id", call_id), ("intent", intent)):
        if value is not None:
            message = f"{name}: there are no calls and no transcriptions here; leave it out"
            raise Problem(400, message, code="invalid_value", param=name)
