"""Sound of any length, cut into the pieces that leave an engine."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE, Sound
from actors.engines.pauses import shifted
from actors.engines.stopping import Stop
from events.turns import WordTime

FIRST_PIECE = SAMPLE_RATE // 10
"""In samples: short, so that somebody can begin to listen."""

PIECE = SAMPLE_RATE // 5
"""Of all pieces but the first and the last, in samples."""


def cut(
    parts: Iterable[Sound],
    pause_after_s: float,
    stop: Stop | None = None,
    *,
    pause_before_s: float = 0.0,
    slow: bool = False,
) -> Iterator[Sound]:
    """Cut sound into pieces between two pauses; each word goes with the piece it begins in.

    The next part is asked for only when the last has been given away: all of it if the parts are
    `slow` to come, else as far as it fills pieces.

    Raises:
        Stopped: by `stop`, between two pieces.
    """
    stop = stop or Stop()
    pending, words = bytearray(), deque[WordTime]()
    size, given = FIRST_PIECE, 0
    for part in chain(_after(pause_before_s, parts), silence(pause_after_s)):
        pending += part.pcm
        words.extend(part.words)
        while len(pending) > size * BYTES_PER_SAMPLE:
            given += size
            stop.check()
            yield Sound(_take(pending, size), _begun(words, given))
            size = PIECE
        if slow and pending:
            given += len(pending) // BYTES_PER_SAMPLE
            yield Sound(_take(pending, PIECE), _begun(words, given))
    if pending or words:
        yield Sound(bytes(pending), tuple(words))


def silence(seconds: float) -> Iterator[Sound]:
    """Silence of exactly so many seconds, to the nearest sample; none if negative."""
    left = round(seconds * SAMPLE_RATE)
    while left > 0:
        count = min(left, PIECE)
        yield Sound(bytes(count * BYTES_PER_SAMPLE))
        left -= count


def pcm_of(samples: NDArray[np.floating]) -> bytes:
    """Samples from -1 to 1 as they leave an engine; what is beyond is clipped."""
    pcm: bytes = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    return pcm


def seconds(pcm: bytes) -> float:
    """How long samples last."""
    return len(pcm) / (SAMPLE_RATE * BYTES_PER_SAMPLE)


def _after(pause_s: float, parts: Iterable[Sound]) -> Iterator[Sound]:
    """The parts after a pause, which is not there before the first of them: it may be refused."""
    pause = silence(pause_s)
    for part in parts:
        yield from pause
        yield Sound(part.pcm, shifted(part.words, pause_s) if pause_s > 0 else part.words)


def _take(pending: bytearray, samples: int) -> bytes:
    taken = bytes(pending[: samples * BYTES_PER_SAMPLE])
    del pending[: samples * BYTES_PER_SAMPLE]
    return taken


def _begun(words: deque[WordTime], samples: int) -> tuple[WordTime, ...]:
    begun = []
    while words and round(words[0].start_s * SAMPLE_RATE) < samples:
        begun.append(words.popleft())
    return tuple(begun)
