"""What a client says on one connection, in one context or several at a time."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine

from actors.commands import Newcomer
from gateway.desk import Desk
from gateway.errors import Problem, answer_to, code_in
from gateway.live.peer import Connection, Peer, PeerGone
from gateway.live.session import Session
from gateway.vendors.elevenlabs import messages
from gateway.vendors.elevenlabs.context import Context, Manner, Surroundings
from gateway.vendors.elevenlabs.messages import Said
from gateway.vendors.playlist import Playlist
from gateway.vendors.room import Room

MOST_OPEN = 16
"""Contexts in which something is being said."""
MOST_KEPT = 2 * MOST_OPEN
"""Contexts altogether: those that are closed may be closed again, or go on."""

OVER = "this connection takes no more, and ends with what it has; connect again; nothing was done"
DONE = (1000, "all of it was spoken")
MOST_OF_REASON = 120
"""Bytes that WebSockets have for why one is closed."""

_LOG = logging.getLogger(__name__)


class Contexts:
    """Obeys the messages of a connection.

    Args:
        connection: To the client.
        desk: Of the gateway.
        room: Where it is spoken.
        manner: How it is spoken.
        session_for: Makes a session for a context.
        playlist: What the client hears.
        several: Whether contexts have names; else there is one, which ends the connection.
        inactivity_s: Without a message, after which a context is closed.
        clock: Seconds, from any origin.
    """

    def __init__(
        self,
        connection: Connection,
        desk: Desk,
        room: Room,
        manner: Manner,
        session_for: Callable[[Peer], Session],
        playlist: Playlist,
        *,
        several: bool,
        inactivity_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._connection = connection
        self._desk = desk
        self._room = room
        self._manner = manner
        self._several = several
        self._inactivity_s = inactivity_s
        self._clock = clock
        self._around = Surroundings(connection, session_for, playlist, clock, self._closed)
        self._kept: OrderedDict[str | None, Context] = OrderedDict()
        self._spoken_at: dict[str | None, float] = {} if several else {None: clock()}
        """When the last message of each context that is open came."""
        self._leaving = False
        self._goodbye = DONE

    async def take(self, data: str | bytes) -> None:
        """Obey a message; whatever is wrong with it is answered.

        Raises:
            PeerGone: there is nobody any more.
        """
        try:
            said = messages.read(data)
        except Problem as wrong:
            await self._refuse(wrong, None)
        else:
            name = said.context_id if self._several else None
            await self._do(self._obey(said, name), name)

    def due_in_s(self) -> float | None:
        """For how long there will be nothing to do if nothing is said."""
        ends = [at + self._inactivity_s for at in self._spoken_at.values()]
        pauses = [context.due_at for context in self._kept.values()]
        moments = [*ends, *(at for at in pauses if at is not None)]
        return max(0.0, min(moments) - self._clock()) if moments else None

    async def tend(self) -> None:
        """End what nothing was said in for too long. Raises as `take`."""
        now = self._clock()
        for name, at in list(self._spoken_at.items()):
            if now >= at + self._inactivity_s:
                if not self._several:
                    self._goodbye = 1008, f"nothing was said for {self._inactivity_s:g} s"
                await self._do(self._finish(name), name)
        for name, context in list(self._kept.items()):
            if context.due_at is not None and now >= context.due_at:
                await self._do(context.pause(), name)

    async def abandon(self) -> None:
        """The client is gone."""
        for context in self._kept.values():
            await context.abandon()

    async def _do(self, work: Coroutine[None, None, None], name: str | None) -> None:
        try:
            await work
        except PeerGone:
            raise
        except Exception as wrong:  # noqa: BLE001  (the connection lives on)
            await self._refuse(wrong, name)

    async def _obey(self, said: Said, name: str | None) -> None:
        if said.close_socket:
            await self._leave()
        elif said.close_context:
            await self._say(said, name)
            await self._known(name).close()
            self._spoken_at.pop(name, None)
        elif self._several or said.text != "":
            await self._say(said, name)
        else:
            await self._finish(name)

    async def _say(self, said: Said, name: str | None) -> None:
        if self._leaving:
            raise Problem(409, OVER, code="connection_closing", param="text")
        if name in self._spoken_at:
            self._spoken_at[name] = self._clock()
        if not said.text and not said.flush:  # it keeps a context alive
            return
        context = await self._opened(name) if said.text else self._known(name)
        self._kept.move_to_end(name)
        if said.text:
            self._spoken_at[name] = self._clock()
        if said.voice_settings is not None:
            context.speed = said.voice_settings.speed or 1.0
        await context.say(said.text or "", flush=bool(said.flush))

    def _known(self, name: str | None) -> Context:
        if name in self._kept:
            return self._kept[name]
        message = f"there is no context {name!r} on this connection; send its text first"
        raise Problem(404, message, code="context_not_found", param="context_id")

    async def _opened(self, name: str | None) -> Context:
        if name not in self._kept:
            await self._must_have_room()
            await self._room.enter(Newcomer(self._manner.speaker_id, voice=self._manner.voice))
            key = name or self._desk.new_id()
            self._kept[name] = Context(name, key, self._manner, self._around)
        return self._kept[name]

    async def _must_have_room(self) -> None:
        if sum(not context.idle for context in self._kept.values()) >= MOST_OPEN:
            message = f"{MOST_OPEN} contexts are being spoken; close one; nothing was done"
            raise Problem(429, message, code="too_many_contexts", param="context_id")
        while len(self._kept) >= MOST_KEPT:
            oldest = next(name for name, context in self._kept.items() if context.idle)
            self._spoken_at.pop(oldest, None)
            await self._kept.pop(oldest).abandon()

    async def _finish(self, name: str | None) -> None:
        """No more words come in a context."""
        self._spoken_at.pop(name, None)
        if name in self._kept:
            self._leaving |= not self._several
            await self._kept[name].finish()
        else:
            await self._closed(None)

    async def _leave(self) -> None:
        """Speak what was flushed, and go."""
        for name in list(self._spoken_at):
            self._spoken_at.pop(name)
            if name in self._kept:
                await self._kept[name].close()
        self._leaving = True
        await self._closed(None)

    async def _closed(self, failure: str | None) -> None:
        """A context has come to its end; the connection has if that was the last one."""
        if not self._several:
            self._leaving = True
            self._goodbye = (1008, failure) if failure else self._goodbye
        if self._leaving and all(context.idle for context in self._kept.values()):
            code, reason = self._goodbye
            fitting = reason.encode()[:MOST_OF_REASON].decode(errors="ignore")
            await self._connection.close(code, fitting)

    async def _refuse(self, wrong: Exception, name: str | None) -> None:
        status, told, _ = answer_to(wrong)
        if status == 500:  # its message may hold words that somebody spoke
            _LOG.error("a connection of ElevenLabs' kind met %s", type(wrong).__name__)
        self._desk.metrics.count_error(code_in(told))
        await self._connection.send(messages.complaint(told["error"], name))
