"""`WS /tts/websocket`: contexts."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, WebSocket
from starlette.websockets import WebSocketDisconnect

from gateway.access.guard import caller_of
from gateway.access.needs import needs
from gateway.fields import NameInHeader
from gateway.live.peer import Connection, PeerGone
from gateway.live.serving import desk_of, lingering_of, received, session_on
from gateway.vendors.address import Address, address_of
from gateway.vendors.cartesia.answers import Answer
from gateway.vendors.cartesia.contexts import Contexts
from gateway.vendors.playlist import HeardUntil, Playlist
from gateway.vendors.room import HEADER, room_of

router = APIRouter()


class Client:
    """The other end of a WebSocket."""

    def __init__(self, socket: WebSocket) -> None:
        self.request_id: str = socket.scope["state"]["request_id"]
        self._connection = Connection(socket)

    async def send(self, message: Answer) -> None:
        await self._connection.send(message)


@router.websocket("/tts/websocket", dependencies=[needs("speak")])
async def websocket(
    socket: WebSocket,
    speaker_id: Annotated[NameInHeader, Header(alias="X-Speaker-ID")] = "assistant",
) -> None:
    """Contexts in, each a turn of the conversation; their sound and word times out."""
    desk, caller = desk_of(socket), caller_of(socket)
    address = address_of(socket.query_params, Address)
    room = room_of(socket, desk, caller)
    await caller.owner_to_join(room.conversation_id)  # or it is another's
    await socket.accept(headers=[(HEADER.encode(), room.conversation_id.encode())])
    playlist = Playlist(caller.clock)
    departures = HeardUntil(lingering_of(socket), playlist)
    opening = partial(session_on, socket, room.conversation_id, departures=departures)
    contexts = Contexts(room, speaker_id, address, desk, caller, Client(socket), opening, playlist)
    try:
        with suppress(PeerGone, WebSocketDisconnect):
            while True:
                await contexts.take(await received(socket))
    finally:
        await asyncio.shield(contexts.leave())
