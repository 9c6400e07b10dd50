"""The port: somebody who listens, in a process that conversations need not carry."""

import asyncio
from typing import NamedTuple, Protocol

from actors.commands import HeardSound
from events.readings import Features, Unread

MEASURED_WITHIN_S = 0.5
"""What the end of a turn waits for its features, and for longer sound …"""
MEASURED_WITHIN_SHARE = 0.05
"""… so much of its length more."""
MEASURED_WHEN_CUT_WITHIN_S = 0.1
"""Whoever interrupts waits to be told what was heard."""


class Ear(Protocol):
    async def hear(self, upload: bytes, text: str) -> HeardSound:
        """Decode a file that somebody sent, keep its samples, and measure them.

        Raises:
            BadAudio, AudioTooLong: it cannot be listened to; nothing was kept.
            ArchiveUnavailable: its samples cannot be kept now.
            Busy: too much else is being listened to.
            ProcessDied: whoever listens is gone.
        """
        ...

    async def measure(self, pcm: bytes, text: str) -> Features:
        """The features of s16le mono samples at `SAMPLE_RATE`, in which the text was spoken.

        Raises:
            Exception: they could not be measured; whoever asks can do without.
        """
        ...


class Measured(NamedTuple):
    features: Features | None = None
    unread: tuple[Unread, ...] = ()


NOTHING_MEASURED = Measured()


async def measured(ear: Ear, pcm: bytes, text: str, within_s: float) -> Measured:
    """The features of our own sound, or why there are none; never raises, and never takes long."""
    if not pcm:
        return NOTHING_MEASURED
    try:
        async with asyncio.timeout(within_s):
            return Measured(await ear.measure(pcm, text))
    except Exception as failure:  # noqa: BLE001  (a reader that fails fails no turn)
        return Measured(unread=(unmeasured(failure),))


def unmeasured(failure: Exception) -> Unread:
    # Its name only: a message could hold words of the turn.
    because = f"the reader failed ({type(failure).__name__})"
    return Unread(reading="features", because=because)
