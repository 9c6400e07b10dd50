"""Who speaks on a connection: what its client asks for, as turns of a conversation."""

import hashlib
from dataclasses import dataclass
from typing import Any, assert_never

from pydantic import TypeAdapter, ValidationError

from actors.commands import Newcomer
from gateway.desk import Desk
from gateway.errors import answer_to, code_in
from gateway.fields import Speed
from gateway.live.messages import TurnBegin, TurnEnd, TurnInterrupt, TurnText
from gateway.live.peer import PeerGone
from gateway.live.session import Session
from gateway.vendors.deepgram import dialects
from gateway.vendors.deepgram.client import Client
from gateway.vendors.deepgram.dialects import Dialect
from gateway.vendors.deepgram.messages import (
    Clear,
    Close,
    Configure,
    Flush,
    Interrupt,
    KeepAlive,
    Message,
    Speak,
    read,
)
from gateway.vendors.deepgram.queries import StreamQuery
from gateway.vendors.deepgram.speech import Speech, Timeline
from gateway.vendors.room import Room

_SPEED: TypeAdapter[float] = TypeAdapter(Speed)


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody speaks."""

    who: Newcomer
    voice: str | None
    """None is their own."""
    asked: StreamQuery


class Speaker:
    """Takes what a client says.

    Args:
        manner: How to speak.
        client: To be answered.
        dialect: What it understands.
        timeline: The speeches.
        session: Speaks them.
        room: The conversation.
        desk: Makes names.
    """

    def __init__(
        self,
        manner: Manner,
        client: Client,
        dialect: Dialect,
        timeline: Timeline,
        session: Session,
        room: Room,
        desk: Desk,
    ) -> None:
        self.closing = False
        """Whether the client wants nothing more than the end of what it has asked for."""
        self._manner = manner
        self._speed = manner.asked.speed
        self._client = client
        self._dialect = dialect
        self._timeline = timeline
        self._session = session
        self._room = room
        self._desk = desk
        self._writing: Speech | None = None

    async def take(self, said: str | bytes) -> None:
        """Take a message; whatever is wrong with it is answered.

        Raises:
            PeerGone: there is nobody any more.
        """
        try:
            await self._obey(read(said, self._dialect.types))
        except PeerGone:
            raise
        except Exception as wrong:  # noqa: BLE001  (the connection lives on)
            _, body, _ = answer_to(wrong)
            self._desk.metrics.count_error(code_in(body))
            await self._client.complain(body["error"])

    async def _obey(self, message: Message) -> None:
        match message:
            case Speak():
                await self._speak(message.text)
            case Flush():
                await self._flush()
            case Interrupt():
                offset = message.playback_offset
                await self._interrupt(None if offset is None else offset.value / 1000)
            case Clear():
                await self._interrupt(None)
            case Configure():
                await self._configure(message.speed)
            case Close():
                await self._end_speech()
                self.closing = True
            case KeepAlive():
                pass
            case _:
                assert_never(message)

    async def _speak(self, text: str) -> None:
        writing = self._writing
        if writing is not None and writing.state == "open":
            await self._session.do(TurnText(turn_id=writing.id, text=text))
        elif text.strip():
            writing = self._writing = await self._begin(text)
        else:
            return
        self._timeline.write(writing, text)

    async def _begin(self, text: str) -> Speech:
        await self._room.enter(self._manner.who)
        speech = Speech(speech_id(self._desk.new_id()))
        beginning = TurnBegin(
            turn_id=speech.id,
            speaker_id=self._manner.who.id,
            voice=self._manner.voice,
            speed=self._speed,
            markup=self._manner.asked.markup,
            ahead_ms=self._manner.asked.ahead_ms,
            text=text,
        )
        await self._session.do(beginning)
        self._client.silent.clear()
        self._timeline.add(speech)
        return speech

    async def _flush(self) -> None:
        speech = await self._end_speech()
        flushed = self._dialect.flushing(speech) if speech else self._dialect.nothing_to_flush()
        await self._client.say(flushed)

    async def _end_speech(self) -> Speech | None:
        """The speech that takes no more text from here on, if there was one."""
        speech, self._writing = self._writing, None
        if speech is None or speech.state != "open":
            return None
        await self._session.do(TurnEnd(turn_id=speech.id))
        return speech

    async def _interrupt(self, position_s: float | None) -> None:
        if position_s is not None and position_s < self._timeline.cut_at_s:
            before_ms = round(self._timeline.cut_at_s * 1000)
            told = f"{before_ms} ms were played at the interruption before; nothing was done"
            await self._client.say(dialects.warning("INVALID_INTERRUPT_OFFSET", told))
            return
        await self._client.say(self._dialect.interrupting())
        found = self._timeline.heard_at(position_s)
        if found is None:
            await self._client.say(self._dialect.nothing_to_interrupt())
            return
        speech, played_s = found
        self._writing = None
        self._client.hush()
        self._timeline.cut(speech, played_s)
        played_ms = round(played_s * 1000)
        await self._session.do(TurnInterrupt(turn_id=speech.id, audio_played_ms=played_ms))

    async def _configure(self, speed: Any) -> None:
        try:
            self._speed = self._speed if speed is None else _SPEED.validate_python(speed)
        except ValidationError as wrong:
            why = f"speed: {wrong.errors()[0]['msg']}; it stays {self._speed:g}"
            await self._client.say(dialects.not_configured(speed, why))
        else:
            await self._client.say(dialects.configured(self._speed))


def speech_id(name: str) -> str:
    """A name as it is expected of a speech: `dg_sp_` and twelve hexadecimal digits."""
    return f"dg_sp_{hashlib.blake2s(name.encode(), digest_size=6).hexdigest()}"
