"""`WS /v2/speak` and `WS /v1/speak`: speeches."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, WebSocket

from actors.commands import Newcomer
from gateway.access.guard import caller_of
from gateway.access.needs import needs
from gateway.fields import NameInHeader
from gateway.live.peer import Connection
from gateway.live.serving import conversed, desk_of, lingering_of, received
from gateway.vendors.deepgram.client import Client
from gateway.vendors.deepgram.dialects import Aura, Dialect, Flux
from gateway.vendors.deepgram.queries import AURA_MODEL, StreamQuery, asked_of, voice_of
from gateway.vendors.deepgram.speaker import Manner, Speaker
from gateway.vendors.deepgram.speech import Timeline
from gateway.vendors.playlist import HeardUntil, Playlist
from gateway.vendors.room import HEADER, room_of

router = APIRouter()

SpeakerId = Annotated[NameInHeader, Header(alias="X-Speaker-ID")]


@router.websocket("/v2/speak", dependencies=[needs("speak")])
async def flux(socket: WebSocket, speaker_id: SpeakerId = "assistant") -> None:
    """Speeches in, one after the other, each a turn of the conversation; their sound out."""
    await _converse(socket, speaker_id, asked_of(socket.query_params, StreamQuery), Flux())


@router.websocket("/v1/speak", dependencies=[needs("speak")])
async def aura(socket: WebSocket, speaker_id: SpeakerId = "assistant") -> None:
    """The same for clients of Aura, which know nothing of turns."""
    asked = asked_of(socket.query_params, StreamQuery, model=AURA_MODEL)
    await _converse(socket, speaker_id, asked, Aura())


async def _converse(
    socket: WebSocket, speaker_id: str, asked: StreamQuery, dialect: Dialect
) -> None:
    desk, caller = desk_of(socket), caller_of(socket)
    who = Newcomer(speaker_id, intensity=asked.intensity)
    manner = Manner(who, voice_of(asked.model, desk.system), asked)
    wanted, room = asked.output, room_of(socket, desk, caller)
    await caller.owner_to_join(room.conversation_id)  # or it is another's
    await socket.accept(headers=[(HEADER.encode(), room.conversation_id.encode())])
    connection, playlist = Connection(socket), Playlist(caller.clock)
    timeline = Timeline(playlist)
    client = Client(connection, dialect, wanted, timeline)
    departures = HeardUntil(lingering_of(socket), playlist)
    async with conversed(socket, room.conversation_id, client, departures) as session:
        await client.say(dialect.connected(socket.scope["state"]["request_id"], asked.model))
        speaker = Speaker(manner, client, dialect, timeline, session, room, desk)
        while not speaker.closing:
            await speaker.take(await received(socket))
        await _last_words(socket, client)
        await client.say(dialect.closing(timeline))
        await connection.close(1000, "")


async def _last_words(socket: WebSocket, client: Client) -> None:
    """Wait until all is said; raises `WebSocketDisconnect` if nobody hears it any more."""
    listening = asyncio.create_task(_ignore(socket))
    silent = asyncio.create_task(client.silent.wait())
    try:
        done, _ = await asyncio.wait({listening, silent}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        listening.cancel()
        silent.cancel()
    if listening in done:
        listening.result()


async def _ignore(socket: WebSocket) -> None:
    while True:
        await received(socket)
