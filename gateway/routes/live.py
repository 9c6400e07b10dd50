"""`WS /v1/conversation/{id}/stream`: full duplex speech; see docs/live.md."""

from fastapi import APIRouter, WebSocket
from pydantic import TypeAdapter, ValidationError

from actors.engines.base import SAMPLE_RATE
from actors.refusals import UnknownConversation
from events.envelope import ConversationHead
from gateway.access.needs import needs
from gateway.desk import Desk
from gateway.errors import Problem
from gateway.fields import Identifier
from gateway.live.lingering import RESUME_WITHIN_S
from gateway.live.peer import Connection, LivePeer
from gateway.live.serving import conversed, desk_of, received

router = APIRouter(prefix="/v1", tags=["conversations"])

_ID: TypeAdapter[str] = TypeAdapter(Identifier)


@router.websocket("/conversation/{conversation_id}/stream", dependencies=[needs("speak")])
async def stream(socket: WebSocket, conversation_id: str) -> None:
    """Words in as they are written, sound and word times out, interrupted at any moment."""
    head = await _known(desk_of(socket), conversation_id)
    await socket.accept()
    peer = LivePeer(Connection(socket))
    async with conversed(socket, conversation_id, peer) as session:
        await peer.tell(
            "ready",
            conversation_id=conversation_id,
            version=head.version,
            sample_rate=SAMPLE_RATE,
            resume_within_s=RESUME_WITHIN_S,
        )
        while True:
            said = await received(socket)
            await (session.take(said) if isinstance(said, str) else session.take_bytes(said))


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
