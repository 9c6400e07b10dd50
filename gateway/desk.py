"""What all routes share: the system behind the door, and the way to hand out speech."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from time import monotonic

from fastapi import Request

from actors.archive import ArchiveUnavailable
from actors.commands import Part, Speak
from actors.directory import ProcessDied
from actors.engines.base import BYTES_PER_SAMPLE
from actors.journal import JournalUnreachable
from actors.prosody import plain
from actors.reception import Reception
from actors.refusals import Busy
from actors.synthesis.stage import perform
from events.log import LogError
from events.turn import Turn
from gateway.errors import Problem
from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.sound import SoundResponse, first_of, once, text_tokens
from gateway.system import Records, System

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
            await self._tell(conversation_id, gone)

        pieces = await first_of(sound)
        self.metrics.first_audio.observe(monotonic() - arrived)
        return SoundResponse(
            pieces, format_name, sse=sse, text_tokens=tokens, headers=headers, on_end=parted
        )

    async def spoken_once(
        self, text: str, voice: str, speed: float, format_name: str, *, sse: bool
    ) -> SoundResponse:
        """A line outside any conversation: nothing is recorded."""
        arrived = monotonic()
        direction = plain(text, voice=self.system.voices.resolve(voice), speed=speed)
        sound = perform(self.system.stage, direction, clock=monotonic)

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

    async def _tell(self, conversation_id: str, gone: Part) -> None:
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
            self.metrics.interrupted.inc()


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
