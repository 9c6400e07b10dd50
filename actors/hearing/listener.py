"""Listens: to what somebody sent, and to our own sound."""

import time
from collections.abc import Callable
from typing import Protocol

from actors.commands import HeardSound, Vocal
from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from actors.hearing.decoding import decoded
from actors.hearing.ear import unmeasured
from actors.hearing.features import SILENT_DB, features_of, is_silent
from actors.hearing.pitch import PitchTracker
from actors.refusals import BadAudio
from events.readings import Features, Unread


class Keeper(Protocol):
    """An `AudioArchive`, as far as it keeps."""

    def keep(self, pcm: bytes) -> str: ...


class VoiceReader(Protocol):
    """Tells from s16le mono samples at `SAMPLE_RATE` how a turn was meant."""

    def __call__(self, pcm: bytes) -> Vocal: ...


class Listener:
    """Takes its time, some 15 ms for a second of sound: call it in a thread.

    Args:
        archive: Where the samples of what was sent are kept.
        most_s: Seconds of sound that one turn may have.
        read: A stronger reader of voices, in place of our rules. It may raise: then the turn is
            read by the rules.
        clock: Seconds, from any origin.
    """

    def __init__(
        self,
        archive: Keeper,
        *,
        most_s: float,
        read: VoiceReader | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._archive = archive
        self._most_s = most_s
        self._read = read
        self._clock = clock
        self._tracker = PitchTracker()

    def hear(self, upload: bytes, text: str) -> HeardSound:
        """Decode a file, measure it, and keep its samples last, when nothing else can go wrong.

        Raises:
            BadAudio: it cannot be decoded to the end, or it is silent.
            AudioTooLong: and it was not decoded any further.
            ArchiveUnavailable: its samples cannot be kept now.
        """
        pcm = decoded(upload, most_s=self._most_s, clock=self._clock)
        if is_silent(pcm):
            raise BadAudio(f"it is silent, nothing in it is above {SILENT_DB:g} dB of full scale")
        features, unread = self._attempt(pcm, text)
        return HeardSound(
            audio=self._archive.keep(pcm),
            duration_s=round(len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE, 3),
            features=features,
            vocal=self._vocal(pcm),
            unread=unread,
        )

    def measure(self, pcm: bytes, text: str) -> Features:
        """The features of samples in which the text was spoken; there must be some."""
        return features_of(pcm, text, self._tracker)

    def _attempt(self, pcm: bytes, text: str) -> tuple[Features | None, tuple[Unread, ...]]:
        try:
            return self.measure(pcm, text), ()
        except Exception as failure:  # noqa: BLE001  (a reader that fails fails no turn)
            return None, (unmeasured(failure),)

    def _vocal(self, pcm: bytes) -> Vocal | None:
        try:
            return self._read(pcm) if self._read else None
        except Exception:  # noqa: BLE001  (our rules stand in for it)
            return None
