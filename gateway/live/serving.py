"""What every live connection is made of, whatever its protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from gateway.access.guard import caller_of
from gateway.desk import Desk
from gateway.live.lingering import Departures, Lingering
from gateway.live.peer import Peer, PeerGone
from gateway.live.session import Session


@asynccontextmanager
async def conversed(
    socket: WebSocket, conversation_id: str, peer: Peer, departures: Departures | None = None
) -> AsyncIterator[Session]:
    """A session, for as long as the other end is there; that it goes away ends this quietly.

    Who left may come back, unless `departures` are told of it.
    """
    session = session_on(socket, conversation_id, peer, departures)
    try:
        yield session
    except (PeerGone, WebSocketDisconnect):
        return
    finally:
        await asyncio.shield(session.leave())


def lingering_of(socket: WebSocket) -> Lingering:
    lingering = socket.app.state.lingering
    assert isinstance(lingering, Lingering)  # noqa: S101
    return lingering


def session_on(
    socket: WebSocket, conversation_id: str, peer: Peer, departures: Departures | None = None
) -> Session:
    """A session of a connection, which has to `leave` before the connection is forgotten."""
    departures = departures or lingering_of(socket)
    return Session(conversation_id, desk_of(socket), peer, departures, caller_of(socket))


def desk_of(socket: WebSocket) -> Desk:
    desk = socket.app.state.desk
    assert isinstance(desk, Desk)  # noqa: S101
    return desk


async def received(socket: WebSocket) -> str | bytes:
    """The next message, text or binary.

    Raises:
        WebSocketDisconnect: the other end has gone away.
    """
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    text: str | None = message.get("text")
    return text if text is not None else bytes(message.get("bytes") or b"")
