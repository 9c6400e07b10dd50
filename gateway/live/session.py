"""A live connection: what its caller says, in whatever order, and the turns that come of it."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from contextlib import closing, suppress

from starlette.datastructures import UploadFile

from actors.commands import Interrupt, Listen
from actors.refusals import UnknownTurn
from gateway.access.callers import Caller
from gateway.desk import Desk
from gateway.errors import Problem, answer_to, code_in
from gateway.live import messages
from gateway.live.incoming import Incoming
from gateway.live.lingering import Departures
from gateway.live.messages import (
    Message,
    Ping,
    TurnBegin,
    TurnEnd,
    TurnHeard,
    TurnInterrupt,
    TurnText,
)
from gateway.live.peer import Peer, PeerGone
from gateway.live.speaking import Speaking, tell_interrupted

MOST_OPEN = 16
"""Turns that are being spoken or wait for it."""
MOST_REMEMBERED = 64
"""Turns that are over, of which it is known how much was sent."""
MOST_AT_ONCE = 32
"""Questions that are being answered while the next message is read."""

_LOG = logging.getLogger(__name__)


class Session:
    """Speaks the turns of one connection, one after the other, in the order of their beginnings.

    Args:
        conversation_id: Whose turns.
        desk: To reach the conversation.
        peer: The caller.
        departures: Told of turns that were being heard when the connection ended.
        caller: Who pays for what is spoken.
    """

    def __init__(
        self,
        conversation_id: str,
        desk: Desk,
        peer: Peer,
        departures: Departures,
        caller: Caller,
    ) -> None:
        self._conversation_id = conversation_id
        self._desk = desk
        self._peer = peer
        self._departures = departures
        self._caller = caller
        self._open: OrderedDict[str, Speaking] = OrderedDict()
        self._past: OrderedDict[str, Speaking] = OrderedDict()
        self._begun = asyncio.Event()
        self._incoming: Incoming | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self._speaking = asyncio.create_task(self._speak())

    async def take(self, text: str) -> None:
        """Take a message as it was sent; whatever is wrong with it is answered.

        Raises:
            PeerGone: there is nobody any more.
        """
        try:
            message = messages.read(text)
        except Problem as wrong:
            await self.refuse(wrong)
        else:
            await self.obey(message)

    async def obey(self, message: Message) -> None:
        """Do what a message asks for; why it cannot be done is answered. Raises as `take`."""
        try:
            await self.do(message)
        except PeerGone:
            raise
        except Exception as wrong:  # noqa: BLE001  (the connection lives on)
            await self.refuse(wrong, getattr(message, "turn_id", None))

    async def take_bytes(self, data: bytes) -> None:
        """Take a binary frame: sound of a heard turn. Raises as `take`."""
        incoming = self._incoming
        if incoming is None:
            await self.refuse(Problem(400, messages.NO_SOUND, code="not_text"), None)
            return
        asked = incoming.asked
        try:
            if incoming.whole_after(data):
                self._answer(self._hear(asked, incoming.file), asked.turn_id)
                self._incoming = None
        except Problem as wrong:
            self._drop_incoming()
            await self.refuse(wrong, asked.turn_id)

    async def settled(self) -> None:
        """Return once what was asked before this has been answered."""
        if self._answering:
            await asyncio.wait(set(self._answering))

    async def leave(self) -> None:
        """The connection is gone: what was being spoken may be resumed for a while.

        What was asked before is done all the same.
        """
        self._drop_incoming()
        self._speaking.cancel()
        await asyncio.wait({self._speaking, *self._answering})
        for speaking in self._open.values():
            if speaking.reached and not speaking.finished:
                gone = speaking.departure(whole=False)
                self._departures.leave(self._conversation_id, gone)

    async def do(self, message: Message) -> None:
        """Do what a message asks for.

        Raises:
            Problem, Refused: why it cannot be done, in a sentence; nothing was done.
            PeerGone: there is nobody any more.
        """
        match message:
            case TurnBegin():
                self._begin(message)
            case TurnText():
                speaking = self._turn(message.turn_id)
                self._caller.spend(message.text)
                speaking.add(message.text, message.at)
            case TurnEnd():
                self._turn(message.turn_id).add("", ended=True)
            case TurnInterrupt():
                self._interrupt(message)
            case TurnHeard() if message.audio_bytes is not None:
                self._expect(message, message.audio_bytes)
            case TurnHeard():
                self._answer(self._hear(message), message.turn_id)
            case Ping():
                await self._peer.tell("pong", id=message.id)

    def _begin(self, asked: TurnBegin) -> None:
        before = self._open.get(asked.turn_id)
        if before is not None and before.finished:
            self._retire(before)
        elif before is not None:
            message = (
                f"turn {asked.turn_id!r} is being spoken on this connection, or waits for it; "
                "begin another turn by another name; nothing was done"
            )
            raise Problem(409, message, code="turn_in_use", param="turn_id")
        if len(self._open) >= MOST_OPEN:
            message = f"{MOST_OPEN} turns are open; wait for the end of one; nothing was done"
            raise Problem(429, message, code="too_many_turns", param="turn_id")
        self._caller.spend(asked.text)
        key_id = self._caller.key_id
        speaking = Speaking(asked, self._conversation_id, self._desk, self._peer, key_id)
        speaking.add(asked.text)
        if (earlier := self._past.pop(asked.turn_id, None)) is not None:
            speaking.sent_before_ms = earlier.sent_ms
        self._open[asked.turn_id] = speaking
        self._begun.set()

    def _turn(self, turn_id: str) -> Speaking:
        speaking = self._open.get(turn_id)
        if speaking is not None and not speaking.finished:
            return speaking
        if speaking is not None or turn_id in self._past:
            message = f"turn {turn_id!r} is over, and takes no more text; begin another"
            raise Problem(409, message, code="turn_over", param="turn_id")
        message = f"no turn {turn_id!r} was begun on this connection; send `turn.begin` first"
        raise Problem(404, message, code="turn_not_found", param="turn_id")

    def _interrupt(self, asked: TurnInterrupt) -> None:
        """Send nothing more from this moment; what is heard of the turn is told when it is known.

        Turns that follow it were not heard, however much of them was sent.
        """
        self._must_have_room()
        known = [*self._past.values(), *self._open.values()]
        place = next((i for i, turn in enumerate(known) if turn.turn_id == asked.turn_id), None)
        cut: Sequence[Speaking] = ()
        if place is not None and not known[place].cut:
            cut = known[place:]
            for speaking in cut:
                speaking.stop()
        self._answer(self._interrupted(asked, cut), asked.turn_id)

    async def _interrupted(self, asked: TurnInterrupt, cut: Sequence[Speaking]) -> None:
        known = cut[0] if cut else self._past.get(asked.turn_id) or self._open.get(asked.turn_id)
        most_ms = asked.audio_played_ms if known is None else known.sent_ms
        played_ms = min(asked.audio_played_ms, most_ms)
        await self._stop(Interrupt(asked.turn_id, played_ms, asked.by), known)
        for later in cut[1:]:
            await self._stop(Interrupt(later.turn_id, 0, asked.by), later)

    async def _stop(self, command: Interrupt, speaking: Speaking | None) -> None:
        if speaking is not None:
            await speaking.stopped()
        if speaking is not None and not speaking.reached:
            await speaking.tell_dropped()
            return
        try:
            turn, _ = await self._desk.reception.ask(self._conversation_id, command)
        except UnknownTurn:
            if speaking is None:
                raise
            await speaking.tell_dropped()
        else:
            await tell_interrupted(self._peer, turn)

    def _expect(self, asked: TurnHeard, size: int) -> None:
        if self._incoming is not None:
            message = "the sound of another turn is still to come; send that first"
            raise Problem(409, message, code="audio_expected", param="audio_bytes")
        most = int(self._desk.settings.max_body_mb * 1_000_000)
        if size > most:
            message = f"the sound is larger than {most:,} bytes; nothing was recorded"
            raise Problem(413, message, code="request_too_large", param="audio_bytes")
        self._incoming = Incoming(asked, size)

    def _drop_incoming(self) -> None:
        if self._incoming is not None:
            self._incoming.file.file.close()
            self._incoming = None

    async def _hear(self, asked: TurnHeard, sound: UploadFile | None = None) -> None:
        command = Listen(
            turn_id=asked.turn_id or self._desk.new_id(),
            speaker_id=asked.speaker_id,
            text=self._desk.bounded(asked.text, "text"),
            started_at=asked.started_at,
            ended_at=asked.ended_at,
        )
        if sound is None:
            turn, version = await self._desk.reception.ask(self._conversation_id, command)
        else:
            with closing(sound.file):
                turn, version = await self._desk.heard(self._conversation_id, command, sound)
        affect = turn.affect and turn.affect.model_dump()
        await self._peer.tell(
            "turn.recorded",
            turn_id=turn.turn_id,
            turn=turn.number,
            act=turn.act,
            affect=affect,
            version=version,
        )

    def _answer(self, work: Coroutine[None, None, None], turn_id: str | None) -> None:
        try:
            self._must_have_room()
        except Problem:
            work.close()
            raise
        task = asyncio.create_task(self._answered(work, turn_id))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _must_have_room(self) -> None:
        if len(self._answering) >= MOST_AT_ONCE:
            message = f"{MOST_AT_ONCE} messages are being answered; wait for some of the answers"
            raise Problem(429, message, code="busy")

    async def _answered(self, work: Coroutine[None, None, None], turn_id: str | None) -> None:
        try:
            await work
        except PeerGone:
            return
        except Exception as wrong:  # noqa: BLE001  (the caller hears of it)
            with suppress(PeerGone):
                await self.refuse(wrong, turn_id)

    async def refuse(
        self, wrong: Exception, turn_id: str | None = None, kind: str = "error"
    ) -> None:
        """Say what was wrong. Raises as `take`."""
        status, told, _ = answer_to(wrong)
        if status == 500:  # its message may hold words that somebody spoke
            _LOG.error("a live connection met %s", type(wrong).__name__)
        self._desk.metrics.count_error(code_in(told))
        await self._peer.tell(kind, turn_id=turn_id, status=status, **told)

    async def _speak(self) -> None:
        with suppress(PeerGone):
            while True:
                self._begun.clear()
                if not self._open:
                    await self._begun.wait()
                speaking = next(iter(self._open.values()))
                await self._spoken(speaking)
                self._retire(speaking)

    def _retire(self, speaking: Speaking) -> None:
        if self._open.get(speaking.turn_id) is not speaking:  # another has its name by now
            return
        self._past[speaking.turn_id] = self._open.pop(speaking.turn_id)
        if len(self._past) > MOST_REMEMBERED:
            self._past.popitem(last=False)

    async def _spoken(self, speaking: Speaking) -> None:
        if speaking.cut:
            return
        try:
            await speaking.run()
        except PeerGone:
            raise
        except Exception as failure:  # noqa: BLE001  (the caller hears of it)
            speaking.over = True
            gone = speaking.departure(whole=False)
            with suppress(Exception):
                await self._desk.tell(self._conversation_id, gone)
            await self.refuse(failure, speaking.turn_id, "turn.failed")
