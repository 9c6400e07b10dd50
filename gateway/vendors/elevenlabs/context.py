"""A context: what a client says under one name, from its first words to its close."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from actors.synthesis.stage import seconds
from gateway.fields import Identifier
from gateway.live.frames import Frame
from gateway.live.messages import TurnBegin, TurnEnd, TurnInterrupt, TurnText
from gateway.live.peer import Connection, Peer
from gateway.live.session import Session
from gateway.vendors.elevenlabs import messages
from gateway.vendors.elevenlabs.chunks import Chunk
from gateway.vendors.elevenlabs.lines import Line
from gateway.vendors.output import OutputFormat
from gateway.vendors.playlist import Playlist

PAUSE_S = 30.0
"""Without a word, after which a turn ends; more words of its context are another one."""

_ID: TypeAdapter[str] = TypeAdapter(Identifier)


@dataclass(frozen=True, slots=True)
class Manner:
    """How all contexts of a connection are spoken, and sent."""

    speaker_id: str
    voice: str
    wanted: OutputFormat
    auto_mode: bool
    on_clock: bool
    """See `messages.sound`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a context needs of its connection."""

    connection: Connection
    session_for: Callable[[Peer], Session]
    playlist: Playlist
    """Of all that the client hears."""
    clock: Callable[[], float]
    """Seconds, from any origin."""
    closed: Callable[[str | None], Awaitable[None]]
    """Awaited each time that all of a context was told; with the reason, if it failed."""


class Context:
    """Speaks what is said in it as a turn; and says what comes of it, in the words of ElevenLabs.

    Args:
        name: As its client calls it; None for the only one of a connection.
        key: From which its turns have their ids.
        manner: How to speak.
        around: The connection.
    """

    def __init__(self, name: str | None, key: str, manner: Manner, around: Surroundings) -> None:
        self.name = name
        self.speed = 1.0
        self._manner = manner
        self._around = around
        self._turn_ids = turn_ids(key)
        self._lines: dict[str, Line] = {}
        self._last: Line | None = None
        self._session = around.session_for(self)

    @property
    def idle(self) -> bool:
        """Whether nothing is being said in it."""
        return not self._lines

    @property
    def due_at(self) -> float | None:
        """When its turn has paused for too long."""
        line = self._open
        return line.written_at + PAUSE_S if line else None

    async def say(self, text: str, *, flush: bool) -> None:
        """More words; with `flush`, nothing is waited for to speak them.

        Raises:
            Problem, Refused: these words are not spoken.
        """
        line = self._open
        # White space alone keeps some connections alive.
        words = text.lstrip() if line is None or (line.spaced and text.isspace()) else text
        if words:
            line = line or await self._begin()
            await self._session.do(TurnText(turn_id=line.turn_id, text=words))
            line.write(words)
        if line and (flush or self._manner.auto_mode):
            await self._break_off(line)
            line.flushed = line.flushed or flush

    async def close(self) -> None:
        """Speak what was flushed to its end; if there is something else, it is an interruption.

        So it is if it was closed before: what was sent and cannot have been played is not heard.
        """
        line = self._last
        if line is None or (line.closes and not self._heard(line)):
            await self._say_final()
        elif line.closes or not (line.ended or line.flushed):
            await self._interrupt(line)
        else:
            await self.finish()

    async def finish(self) -> None:
        """Speak all that was said to its end, and close."""
        line = self._last
        if line is None or line.over:
            await self._say_final()
            return
        line.closes = True
        await self.pause()

    async def pause(self) -> None:
        """The turn ends here; more words are another one."""
        line = self._open
        if line:
            line.ended = True
            await self._session.do(TurnEnd(turn_id=line.turn_id))

    async def abandon(self) -> None:
        """Whoever listened is gone."""
        await self._session.leave()

    async def tell(self, kind: str, **particulars: Any) -> None:
        """What has become of a turn; see `Peer`."""
        turn_id = particulars.get("turn_id")
        line = self._lines.get(turn_id or "")
        match kind:
            case "turn.words" if line:
                line.chunks.time(particulars["words"])
            case "turn.completed" if line:
                line.break_off()
                await self._send(line.chunks.end())
                await self._over(line)
            case "turn.interrupted" if line:
                await self._over(line)
            case "turn.interrupted" if self._last and self._last.turn_id == turn_id:
                await self._say_final()  # all of it had been sent, and not played
            case "turn.failed" | "error":
                error = particulars["error"]
                await self._around.connection.send(messages.complaint(error, self.name))
                if line:
                    line.closes = True
                    await self._over(line, error["message"])

    async def play(self, frame: Frame) -> None:
        """Send sound of a turn; see `Peer`."""
        line = self._lines[frame.turn_id]
        await self._send(line.chunks.of(frame.pcm))
        self._around.playlist.add(line.turn_id, seconds(len(frame.pcm)))

    @property
    def _open(self) -> Line | None:
        """The turn that takes words, if one does."""
        line = self._last
        return line if line and not (line.ended or line.over) else None

    async def _begin(self) -> Line:
        manner = self._manner
        begin = TurnBegin(
            turn_id=next(self._turn_ids),
            speaker_id=manner.speaker_id,
            voice=manner.voice,
            speed=self.speed,
        )
        await self._session.do(begin)
        line = Line(begin.turn_id, manner.wanted, self._around.clock)
        self._lines[line.turn_id] = self._last = line
        return line

    async def _break_off(self, line: Line) -> None:
        """Let nothing be waited for to speak what is there."""
        if not line.broken_off:
            # A line break is an end to whatever splits a text into phrases.
            await self._session.do(TurnText(turn_id=line.turn_id, text="\n"))
            line.break_off()

    async def _interrupt(self, line: Line) -> None:
        line.closes = line.ended = True
        playlist = self._around.playlist
        played_ms = round(playlist.played_s(line.turn_id) * 1000)
        playlist.drop(line.turn_id)
        await self._session.do(TurnInterrupt(turn_id=line.turn_id, audio_played_ms=played_ms))

    def _heard(self, line: Line) -> bool:
        """Whether it is being spoken, or played by whom it was sent to."""
        return not line.over or self._around.playlist.waiting_s(line.turn_id) > 0

    async def _over(self, line: Line, failure: str | None = None) -> None:
        line.over = line.ended = True
        del self._lines[line.turn_id]
        if line.closes:
            await self._say_final(failure)

    async def _say_final(self, failure: str | None = None) -> None:
        await self._around.connection.send(messages.final(self.name))
        await self._around.closed(failure)

    async def _send(self, chunk: Chunk) -> None:
        if chunk.audio or chunk.characters:
            told = messages.sound(chunk, self.name, on_clock=self._manner.on_clock)
            await self._around.connection.send(told)


def turn_ids(key: str) -> Iterator[str]:
    """Names for the turns of a context, the same for the same name of a context."""
    try:
        first = _ID.validate_python(key)
    except ValidationError:
        first = hashlib.sha256(key.encode()).hexdigest()
    yield first
    number = 2
    while True:
        yield f"{first[:120]}~{number}"
        number += 1
