"""`WS …/stream-input` and `…/multi-stream-input`."""

import asyncio

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from gateway.access.guard import caller_of
from gateway.access.needs import needs
from gateway.live.peer import Connection, Peer, PeerGone
from gateway.live.serving import desk_of, lingering_of, received, session_on
from gateway.live.session import Session
from gateway.vendors.elevenlabs.context import Manner
from gateway.vendors.elevenlabs.contexts import Contexts
from gateway.vendors.elevenlabs.options import STREAMED, format_of, options_of, speaker_of
from gateway.vendors.playlist import HeardUntil, Playlist
from gateway.vendors.room import HEADER, room_of

router = APIRouter()


@router.websocket("/text-to-speech/{voice_id}/stream-input", dependencies=[needs("speak")])
async def stream_input(socket: WebSocket, voice_id: str) -> None:
    """One text, spoken as it comes; then the connection ends."""
    await _serve(socket, voice_id, several=False)


@router.websocket("/text-to-speech/{voice_id}/multi-stream-input", dependencies=[needs("speak")])
async def multi_stream_input(socket: WebSocket, voice_id: str) -> None:
    """Any number of texts, each in a context of its own."""
    await _serve(socket, voice_id, several=True)


async def _serve(socket: WebSocket, voice_id: str, *, several: bool) -> None:
    contexts, conversation_id = _contexts(socket, voice_id, several=several)
    await socket.accept(headers=[(HEADER.encode(), conversation_id.encode())])
    try:
        while True:
            try:
                async with asyncio.timeout(contexts.due_in_s()):
                    said = await received(socket)
            except TimeoutError:
                await contexts.tend()
            else:
                await contexts.take(said)
    except (PeerGone, WebSocketDisconnect):
        return
    finally:
        await asyncio.shield(contexts.abandon())


def _contexts(socket: WebSocket, voice_id: str, *, several: bool) -> tuple[Contexts, str]:
    """What is said on a connection, and in which conversation; refused before it is accepted."""
    desk, query, caller = desk_of(socket), socket.query_params, caller_of(socket)
    options, room, playlist = (
        options_of(query),
        room_of(socket, desk, caller),
        Playlist(caller.clock),
    )
    departures = HeardUntil(lingering_of(socket), playlist)
    manner = Manner(
        speaker_of(socket.headers, query),
        desk.system.voices.resolve(voice_id),
        format_of(options.output_format, STREAMED),
        options.auto_mode,
        options.sync_alignment,
    )

    def session_for(peer: Peer) -> Session:
        return session_on(socket, room.conversation_id, peer, departures)

    contexts = Contexts(
        Connection(socket),
        desk,
        room,
        manner,
        session_for,
        playlist,
        several=several,
        inactivity_s=options.inactivity_timeout,
        clock=asyncio.get_running_loop().time,
    )
    return contexts, room.conversation_id
