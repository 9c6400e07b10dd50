"""What is spoken on a realtime connection: responses, and what was heard of them."""

import asyncio
from contextlib import suppress

from actors.commands import Interrupt, Newcomer
from actors.refusals import UnknownConversation, UnknownTurn
from gateway.errors import Problem
from gateway.live.messages import TurnBegin, TurnEnd, TurnInterrupt
from gateway.live.peer import PeerGone
from gateway.vendors.openai_realtime.call import Call
from gateway.vendors.openai_realtime.configuration import Configuration
from gateway.vendors.openai_realtime.lines import Lines
from gateway.vendors.openai_realtime.messages import ItemTruncate, ResponseIn
from gateway.vendors.openai_realtime.response import Line, Response

TRUNCATED_WITHIN_S = 0.1
"""Of a cancellation, which does not say what was heard: clients say that in a second message."""


class Responses:
    """Speaks one response at a time.

    A response that is cancelled is silent at once. What was heard of it is recorded when the client
    has said it, or else after a moment, as if all had been played as it came.

    Args:
        call: On which it speaks.
        lines: That wait to be spoken.
    """

    def __init__(self, call: Call, lines: Lines) -> None:
        self._call = call
        self._lines = lines
        self._cut: Response | None = None
        self._heard: TurnInterrupt | None = None
        """Of the response that was cut, until it is recorded."""
        self._recording: asyncio.Task[None] | None = None

    async def respond(self, asked: ResponseIn, configuration: Configuration) -> None:
        """Speak a response; returns when it has been asked for.

        Raises:
            Problem, Refused: it cannot be spoken; nothing was done.
        """
        call = self._call
        if call.peer.response is not None:
            message = "a response is being spoken; cancel it, or wait for its end; nothing was done"
            raise Problem(409, message, code="conversation_already_has_active_response")
        lines = self._wanted(asked, configuration)
        await self.settle()
        await call.session.settled()  # what was heard before bears on how this is spoken
        await call.room.enter(Newcomer(call.speaker_id, voice=configuration.voice))
        shown = {
            "conversation_id": call.room.conversation_id,
            "output_modalities": ["audio"],
            "audio": {"output": configuration.output},
            "metadata": asked.metadata,
        }
        response = Response(f"resp_{call.desk.new_id()}", lines, shown, call.outbox)
        await call.peer.open(response)
        for line in lines:
            self._lines.remove(line.item_id)
            await self._dictate(line, configuration)

    async def cancel(self, response_id: str | None) -> str:
        """Fall silent; gives the id of what was being spoken.

        Raises:
            Problem: nothing is, or another response.
        """
        response = self._call.peer.response
        if response is None or response_id not in (None, response.response_id):
            message = "no such response is being spoken; nothing was done"
            raise Problem(404, message, code="response_cancel_not_active", param="response_id")
        item_id, played_ms = response.playing(self._call.caller.clock())
        self._heard = TurnInterrupt(turn_id=item_id, audio_played_ms=played_ms)
        self._cut = response
        self._recording = asyncio.create_task(self._record_later())
        await self._call.peer.cancel(response)
        return response.response_id

    async def truncate(self, asked: ItemTruncate) -> None:
        """Have it recorded up to where an item was heard; the client is told when it is.

        Raises:
            Problem, Refused: it cannot have been heard like that; nothing was done.
        """
        line = self._call.peer.lines.get(asked.item_id)
        if line is not None and asked.audio_end_ms > line.sent_ms:
            message = f"audio_end_ms: only {line.sent_ms} ms of it were sent; nothing was done"
            raise Problem(400, message, code="invalid_value", param="audio_end_ms")
        response = self._call.peer.response
        if response is not None and line in response.lines:
            await self.cancel(None)
        heard = TurnInterrupt(turn_id=asked.item_id, audio_played_ms=asked.audio_end_ms)
        if self._heard is not None and self._cut is not None and line in self._cut.lines:
            self._heard = heard
            self._call.peer.expect_truncation(asked.item_id)
            await self.settle()
        else:
            await self._truncate_past(heard)

    async def settle(self) -> None:
        """Have what was heard of a cancelled response recorded, if that is still to come."""
        if self._recording is not None:
            self._recording.cancel()
        heard, self._heard = self._heard, None
        if heard is not None:
            await self._call.session.obey(heard)

    def _wanted(self, asked: ResponseIn, configuration: Configuration) -> list[Line]:
        lines = self._lines.wanted(asked)
        for line in lines:
            self._call.desk.bounded(line.text, "response")
        if configuration.voice is not None:
            self._call.desk.system.voices.resolve(configuration.voice)
        return lines

    async def _dictate(self, line: Line, configuration: Configuration) -> None:
        begin = TurnBegin(
            turn_id=line.item_id,
            speaker_id=self._call.speaker_id,
            voice=configuration.voice,
            speed=configuration.speed,
            text=line.text,
        )
        await self._call.session.obey(begin)
        if line.status == "in_progress":  # or it was refused
            await self._call.session.obey(TurnEnd(turn_id=line.item_id))

    async def _record_later(self) -> None:
        await asyncio.sleep(TRUNCATED_WITHIN_S)
        self._recording = None
        with suppress(PeerGone):
            await self.settle()

    async def _truncate_past(self, asked: TurnInterrupt) -> None:
        call = self._call
        command = Interrupt(asked.turn_id, asked.audio_played_ms)
        try:
            await call.caller.must_see(call.room.conversation_id)
            turn, _ = await call.desk.reception.ask(call.room.conversation_id, command)
        except (UnknownConversation, UnknownTurn):
            message = f"no item {asked.turn_id!r} was spoken here; nothing was done"
            code = "item_truncate_invalid_item_id"
            raise Problem(404, message, code=code, param="item_id") from None
        assert turn.interruption is not None  # noqa: S101
        await call.peer.tell_truncated(turn.turn_id, turn.interruption.audio_played_ms)
