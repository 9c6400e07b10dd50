"""The client of a connection: what it is told and sent."""

import asyncio
from collections.abc import Mapping
from typing import Any

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from gateway.live.frames import Frame
from gateway.live.peer import Connection
from gateway.vendors.deepgram.dialects import Answer, Dialect, error, warning
from gateway.vendors.deepgram.speech import Speech, Timeline
from gateway.vendors.output import Output, OutputFormat

_CODES: Mapping[str, str] = {
    "invalid_json": "MESSAGE-0000",
    "not_text": "MESSAGE-0000",
    "unknown_type": "MESSAGE-0000",
    "invalid_value": "DATA-0000",
    "text_too_long": "BIG-0000",
}
"""Deepgram's, for some of our errors; others keep their names."""


class Client:
    """Says in its dialect what the session of the connection says of the speeches.

    Args:
        connection: To it.
        dialect: What it understands.
        wanted: How sound is sent.
        timeline: The speeches.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, wanted: OutputFormat, timeline: Timeline
    ) -> None:
        self.silent = asyncio.Event()
        """Set while there is nothing more to say of any speech."""
        self.silent.set()
        self._connection = connection
        self._dialect = dialect
        self._wanted = wanted
        self._timeline = timeline
        self._output: Output | None = None

    async def say(self, answer: Answer | None) -> None:
        """Send a message, if there is one."""
        if answer is not None:
            await self._connection.send(answer)

    async def complain(self, told: Mapping[str, Any]) -> None:
        """Say what was wrong."""
        await self.say(error(_CODES.get(told["code"], told["code"]), told["message"]))

    async def tell(self, kind: str, **particulars: Any) -> None:
        """Say what the session says; what a client has no word for is left out."""
        match kind:
            case "turn.begun":
                await self._start(self._timeline[particulars["turn_id"]])
            case "turn.completed":
                await self._complete(self._timeline[particulars["turn_id"]])
            case "turn.interrupted":
                await self._interrupt(self._timeline[particulars["turn_id"]], particulars)
            case "turn.failed":
                await self._fail(self._timeline[particulars["turn_id"]], particulars["error"])
            case "error":
                await self.complain(particulars["error"])
        if self._timeline.silent:
            self.silent.set()

    async def play(self, frame: Frame) -> None:
        """Send sound as the client wants it."""
        seconds = len(frame.pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE
        self._timeline.sound(self._timeline[frame.turn_id], seconds)
        self._output = self._output or Output(self._wanted)
        await self._send(self._output.encode(frame.pcm))

    def hush(self) -> None:
        """What was not sent of a speech will not be."""
        self._output = None

    async def _start(self, speech: Speech) -> None:
        if not speech.started:
            speech.started = True
            await self.say(self._dialect.started(speech))

    async def _complete(self, speech: Speech) -> None:
        if self._output is not None:
            output, self._output = self._output, None
            await self._send(output.finish())
        speech.state = "spoken"
        await self.say(self._dialect.completed(speech))

    async def _interrupt(self, speech: Speech, told: Mapping[str, Any]) -> None:
        if speech.state not in ("open", "cut"):
            return
        played_s = told["audio_played_ms"] / 1000
        at_s = (speech.at_s or 0.0) + played_s if speech.cut_at_s is None else speech.cut_at_s
        speech.state = "over"
        heard, unheard = told["heard_text"], told["unheard_text"]
        await self.say(self._dialect.interrupted(speech, heard, unheard, at_s))

    async def _fail(self, speech: Speech, told: Mapping[str, Any]) -> None:
        """Say why it is not spoken, and that this was all of it, as after any speech."""
        if speech.state != "open":
            return
        speech.state = "over"
        if told["code"] == "unspeakable_text":
            await self.say(warning("NO_SYNTHESIZABLE_TEXT", told["message"]))
        else:
            await self.complain(told)
        await self._start(speech)
        self.hush()
        await self.say(self._dialect.completed(speech))

    async def _send(self, sound: bytes) -> None:
        if sound:
            await self._connection.send_bytes(sound)
