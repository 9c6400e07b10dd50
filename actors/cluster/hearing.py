"""The process that listens for all conversations."""

import os

from actors.cluster.process import exchange_of
from actors.cluster.settings import ClusterSettings
from actors.cluster.wire import Endpoint
from actors.commands import HeardSound
from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from actors.hearing.attention import Attention
from events.readings import Features

LISTENS_AT_NICE = 5
"""Whoever waits for sound goes first."""
MOST_UPLOADS_AT_ONCE = 4
"""Each may have as many bytes as a request may have."""
MOST_SOUND_WAITING_S = 30.0
"""Of our own, to be measured: more takes longer than a turn waits for it."""
OF_EAR = ("measure",)


class EarProcess:
    """Listens for all conversations, which need not carry what it takes.

    FFmpeg reads what strangers send: if a file brings it down, this process alone goes with it.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        from actors.archive import AudioArchive
        from actors.hearing.listener import Listener

        os.nice(LISTENS_AT_NICE)
        archive = AudioArchive(settings.data_dir / "audio")
        self._listener = Listener(archive, most_s=settings.most_audio_s)
        self._to_uploads = Attention(MOST_UPLOADS_AT_ONCE)
        self._to_us = Attention(MOST_SOUND_WAITING_S)
        self._exchange = exchange_of(self, OF_EAR)

    async def endpoint(self) -> Endpoint:
        return await self._exchange.endpoint()

    async def hear(self, upload: bytes, text: str) -> HeardSound:
        return await self._to_uploads.give(1, lambda: self._listener.hear(upload, text))

    async def measure(self, pcm: bytes, text: str) -> Features:
        return await self._to_us.give(
            len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE, lambda: self._listener.measure(pcm, text)
        )
