"""Somebody who listens: really to what is sent, and hardly to our own sound."""

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from actors.commands import HeardSound
from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from events.readings import Features
from tests.fakes.audio import FakeAudio

if TYPE_CHECKING:
    from actors.hearing.listener import Listener

MOST_S = 5.0
"""Of a sound that is sent."""


class FakeEar:
    def __init__(self, audio: FakeAudio) -> None:
        self._audio = audio
        self.failure: Exception | None = None
        """Raised by both methods, if set."""
        self.busy = asyncio.Event()
        self.busy.set()
        """While cleared, nothing is measured."""
        self.heard: list[bytes] = []

    async def hear(self, upload: bytes, text: str) -> HeardSound:
        self.heard.append(upload)
        if self.failure is not None:
            raise self.failure
        return self._listener.hear(upload, text)

    async def measure(self, pcm: bytes, text: str) -> Features:
        await self.busy.wait()
        if self.failure is not None:
            raise self.failure
        return Features(duration_s=len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE)

    @cached_property
    def _listener(self) -> "Listener":
        # Few tests send sound, and only those load what listens.
        from actors.hearing.listener import Listener

        return Listener(_Archive(self._audio), most_s=MOST_S)


class _Archive:
    def __init__(self, audio: FakeAudio) -> None:
        self._audio = audio

    def keep(self, pcm: bytes) -> str:
        return self._audio.take(pcm)
