"""`WS /v1/conversation/{id}/stream`: full duplex speech; see docs/live.md."""

import asyncio

from fastapi import APIRouter, WebSocket
from pydantic import TypeAdapter, ValidationError
from starlette.websockets import WebSocketDisconnect

from actors.engines.base import SAMPLE_RATE
from actors.refusals import UnknownConversation
from events.envelope import ConversationHead
from gateway.access.guard import caller_of
from gateway.access.needs import needs
from gateway.desk import Desk
from gateway.errors import Problem
from gateway.live.lingering import RESUME_WITHIN_S, Lingering
from gateway.live.peer import Peer, PeerGone
from gateway.live.session import Session
from gateway.schemas import Identifier

router = APIRouter(prefix="/v1", tags=["conversations"])

_ID: TypeAdapter[str] = TypeAdapter(Identifier)


@router.websocket("/conversation/{conversation_id}/stream", dependencies=[needs("speak")])
async def stream(socket: WebSocket, conversation_id: str) -> None:
    """Words in as they are written, sound and word times out, interrupted at any moment."""
    desk, lingering = socket.app.state.desk, socket.app.state.lingering
    assert isinstance(desk, Desk)  # noqa: S101
    assert isinstance(lingering, Lingering)  # noqa: S101
    head = await _known(desk, conversation_id)
    await socket.accept()
    peer = Peer(socket)
    session = Session(conversation_id, desk, peer, lingering, caller_of(socket))
    try:
        await peer.tell(
            "ready",
            conversation_id=conversation_id,
            version=head.version,
            sample_rate=SAMPLE_RATE,
            resume_within_s=RESUME_WITHIN_S,
        )
        while True:
            said = await _received(socket)
            await (session.take(said) if isinstance(said, str) else session.take_bytes(said))
    except (PeerGone, WebSocketDisconnect):
        return
    finally:
        await asyncio.shield(session.leave())


async def _received(socket: WebSocket) -> str | bytes:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    text: str | None = message.get("text")
    return text if text is not None else bytes(message.get("bytes") or b"")


async def _known(desk: Desk, conversation_id: str) -> ConversationHead:
    try:
        _ID.validate_python(conversation_id)
    except ValidationError:
        message = "conversation_id: 1 to 128 letters, digits or . _ : ~ @ + - are allowed"
        raise Problem(422, message, code="invalid_value", param="conversation_id") from None
    head = await desk.records.head(conversation_id)
    if head is None:
        raise UnknownConversation(conversation_id)
    return head
