"""What all routes share: the system behind the door, and the way to hand out speech."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from time import monotonic

from fastapi import Request
from starlette.datastructures import UploadFile

from actors.archive import ArchiveUnavailable
from actors.commands import Consider, Listen, Part, Speak
from actors.directory import ProcessDied
from actors.engines.base import BYTES_PER_SAMPLE
from actors.journal import JournalUnreachable
from actors.markup import Marks
from actors.prosody import plain
from actors.reception import Reception
from actors.refusals import Busy
from actors.synthesis.claims import EVERYBODY, Claim
from actors.synthesis.stage import perform
from events.log import LogError
from events.turn import Turn
from gateway.errors import Problem
from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.sound import SoundResponse, first_of, once, text_tokens
from gateway.system import Records, System

MOST_HEARD_AT_ONCE = 4
"""Files that are in memory."""
LISTENS_WITHIN_S = 10.0
"""Before somebody who sent a file is told to come again."""
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each new attempt to record that a listener left: whoever left will not ask again."""


class Desk:
    """One for each app."""

    def __init__(
        self, system: System, settings: Settings, metrics: Metrics, new_id: Callable[[], str]
    ) -> None:
        self.system = system
        self.settings = settings
        self.metrics = metrics
        self.new_id = new_id
        self._ears = asyncio.Semaphore(MOST_HEARD_AT_ONCE)

    @property
    def reception(self) -> Reception:
        return self.system.reception

    @property
    def records(self) -> Records:
        return self.system.journal

    def bounded(self, text: str, param: str) -> str:
        """The text, if it is no longer than a turn may be."""
        most = self.settings.max_text_chars
        if len(text) > most:
            message = f"{param} has {len(text):,} characters; at most {most:,} are allowed"
            raise Problem(422, message, code="text_too_long", param=param)
        return text

    async def heard(
        self, conversation_id: str, turn: Listen, audio: UploadFile
    ) -> tuple[Turn, int]:
        """Record a turn with its sound, and the version after it.

        What is refused whatever the sound is, or recorded already, is not listened to.
        """
        async with self._listening():
            sound = await audio.read()
            self.metrics.upload_bytes.inc(len(sound))
            upload = (await asyncio.to_thread(hashlib.sha256, sound)).hexdigest()
            turn = replace(turn, upload=upload)
            known = await self.reception.ask(conversation_id, Consider(turn))
            if known is not None:
                return known
            heard = await self.system.ear.hear(sound, turn.text)
        return await self.reception.ask(conversation_id, replace(turn, sound=heard))

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        with self.metrics.uploads.time():
            try:
                async with asyncio.timeout(LISTENS_WITHIN_S):
                    await self._ears.acquire()
            except TimeoutError:
                raise Busy(1) from None
            try:
                yield
            finally:
                self._ears.release()

    async def spoken(
        self, conversation_id: str, command: Speak, format_name: str, *, sse: bool
    ) -> SoundResponse:
        """A turn of a conversation: as it is being spoken, or from the record."""
        arrived = monotonic()
        listener_id, turn, sound = await self.reception.speak(conversation_id, command)
        headers = _headers(conversation_id, turn)
        tokens = text_tokens(turn.text)
        if turn.status != "begun":
            pcm = await self.system.audio.samples(turn.audio) if turn.audio else b""
            return SoundResponse(
                once(pcm),
                format_name,
                sse=sse,
                text_tokens=tokens,
                total_samples=len(pcm) // BYTES_PER_SAMPLE,
                headers=headers,
            )

        async def parted(delivered_ms: int, whole: bool) -> None:
            self._count(delivered_ms, whole=whole)
            gone = Part(turn.turn_id, listener_id, delivered_ms, whole)
            await self.tell(conversation_id, gone)

        pieces = await first_of(sound)
        self.metrics.first_audio.observe(monotonic() - arrived)
        return SoundResponse(
            pieces, format_name, sse=sse, text_tokens=tokens, headers=headers, on_end=parted
        )

    async def spoken_once(
        self,
        text: str,
        voice: str,
        speed: float,
        format_name: str,
        *,
        sse: bool,
        key_id: str | None = None,
        marks: Marks = (),
    ) -> SoundResponse:
        """A line outside any conversation: nothing is recorded."""
        arrived = monotonic()
        own = self.system.voices.resolve(voice)
        direction = plain(text, voice=own, speed=speed, marks=marks)
        claim = Claim(self.new_id(), key_id=key_id or EVERYBODY)
        sound = perform(self.system.stage, direction, clock=monotonic, claim=claim)

        async def samples() -> AsyncGenerator[bytes, None]:
            async with aclosing(sound):
                async for piece in sound:
                    yield piece.pcm

        async def ended(delivered_ms: int, whole: bool) -> None:
            self._count(delivered_ms, whole=whole)

        pieces = await first_of(samples())
        self.metrics.first_audio.observe(monotonic() - arrived)
        tokens = text_tokens(text)
        return SoundResponse(
            pieces, format_name, sse=sse, text_tokens=tokens, headers={}, on_end=ended
        )

    async def tell(self, conversation_id: str, gone: Part) -> None:
        """Record that a listener left; asked again for as long as that may help."""
        for pause in (*PAUSES_S, None):
            try:
                await self.reception.ask(conversation_id, gone)
            except (Busy, ProcessDied, JournalUnreachable, LogError, ArchiveUnavailable):
                if gone.whole:  # the record says so already
                    return
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                return

    def _count(self, delivered_ms: int, *, whole: bool) -> None:
        self.metrics.sound.inc(delivered_ms / 1000)
        if not whole:
            self.metrics.left.inc()


async def desk(request: Request) -> Desk:
    """The desk of the app that a request came to."""
    # Not awaiting anything, but a plain function would be sent to a thread for each request.
    found = request.app.state.desk
    assert isinstance(found, Desk)  # noqa: S101
    return found


def _headers(conversation_id: str, turn: Turn) -> dict[str, str]:
    opening = turn.opening
    gap_ms = opening.response_gap_ms if opening.type == "turn_begun" else 0
    return {
        "X-Conversation-ID": conversation_id,
        "X-Conversation-Turn": str(turn.number),
        "X-Turn-ID": turn.turn_id,
        "X-Turn-Status": turn.status,
        "X-Response-Gap-Ms": str(gap_ms),
    }
