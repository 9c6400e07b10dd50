"""The contexts of one connection."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from actors.commands import Newcomer
from gateway.access.callers import Caller
from gateway.desk import Desk
from gateway.errors import Problem, answer_to, code_in
from gateway.live.messages import TurnBegin
from gateway.live.peer import Peer, PeerGone
from gateway.live.session import Session
from gateway.vendors.address import Address
from gateway.vendors.cartesia import answers
from gateway.vendors.cartesia.context import Context, Wire
from gateway.vendors.cartesia.messages import Cancel, Input, object_of, read
from gateway.vendors.playlist import Playlist
from gateway.vendors.room import Room

MOST_OPEN = 16
"""Contexts that speak, or may speak yet."""
MOST_REMEMBERED = 64
"""Contexts in all; those of them that are over can still be cancelled while they are played."""


class Contexts:
    """Takes what a client says, and hands it to whom it is for.

    Args:
        room: The conversation, of which a context is a turn.
        speaker_id: Whose turns they are.
        address: What the connection was asked to do for all of them.
        desk: To reach the conversation.
        caller: Who pays.
        wire: To the client.
        open_session: Gives a session that talks to a peer.
        playlist: What the client hears.
    """

    def __init__(
        self,
        room: Room,
        speaker_id: str,
        address: Address,
        desk: Desk,
        caller: Caller,
        wire: Wire,
        open_session: Callable[[Peer], Session],
        playlist: Playlist,
    ) -> None:
        self._room = room
        self._speaker_id = speaker_id
        self._address = address
        self._desk = desk
        self._caller = caller
        self._wire = wire
        self._open_session = open_session
        self._playlist = playlist
        self._known: OrderedDict[str, Context] = OrderedDict()

    async def take(self, said: str | bytes) -> None:
        """Take a message; whatever is wrong with it is answered.

        Raises:
            PeerGone: there is nobody any more.
        """
        context_id = None
        try:
            found = object_of(said)
            named = found.get("context_id")
            context_id = named if isinstance(named, str) else None
            await self._obey(read(found))
        except PeerGone:
            raise
        except Exception as wrong:  # noqa: BLE001  (the connection lives on)
            await self._refuse(wrong, context_id)

    async def leave(self) -> None:
        """Nobody is there any more."""
        for context in self._known.values():
            await context.leave()

    async def _obey(self, message: Input | Cancel) -> None:
        match message:
            case Cancel(context_id=context_id):
                if context_id not in self._known:
                    told = f"there is no context {context_id!r} on this connection"
                    raise Problem(404, told, code="context_not_found", param="context_id")
                await self._known[context_id].cancel()
            case Input():
                context_id = message.context_id or self._desk.new_id()
                context = self._known.get(context_id) or await self._open(context_id, message)
                await context.add(message)

    async def _open(self, context_id: str, message: Input) -> Context:
        if sum(not context.over for context in self._known.values()) >= MOST_OPEN:
            told = f"{MOST_OPEN} contexts are open; wait for the end of one; nothing was done"
            raise Problem(429, told, code="too_many_contexts", param="context_id")
        voice = message.voice_in(self._desk.system)
        await self._forget()
        self._known[context_id] = Context(
            context_id,
            message,
            begin=partial(self._begin, message, voice),
            wire=self._wire,
            open_session=self._open_session,
            playlist=self._playlist,
            clock=self._caller.clock,
        )
        return self._known[context_id]

    async def _begin(self, asked: Input, voice: str | None, turn_id: str, words: str) -> TurnBegin:
        await self._room.enter(Newcomer(self._speaker_id))
        return TurnBegin(
            turn_id=turn_id,
            speaker_id=self._speaker_id,
            voice=voice,
            speed=asked.rate,
            emotion=asked.emotion,
            markup=self._address.markup,
            ahead_ms=self._address.ahead_ms,
            text=words,
        )

    async def _forget(self) -> None:
        """Make room for one more."""
        if len(self._known) < MOST_REMEMBERED:
            return
        oldest = next(name for name, context in self._known.items() if context.over)
        await self._known.pop(oldest).leave()

    async def _refuse(self, wrong: Exception, context_id: str | None) -> None:
        status, body, _ = answer_to(wrong)
        self._desk.metrics.count_error(code_in(body))
        context = self._known.get(context_id or "")
        if context is not None and not context.over:
            await context.refuse(body["error"], status, ended=not context.begun)
            return
        request_id = self._wire.request_id
        told = answers.error(
            body["error"], status=status, context_id=context_id, request_id=request_id, done=True
        )
        await self._wire.send(told)
