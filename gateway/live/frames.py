"""Sound as it travels on a live connection: binary frames that name their turn and their place.

A frame is a header of eight bytes in network order, the id of the turn in ASCII, and samples:

| bytes | meaning |
|---|---|
| 1 | 1: signed 16-bit little-endian samples, mono, 24 kHz |
| 1 | length of the turn's id, n |
| 2 | 0 |
| 4 | place of the first sample in the turn, from 0 |
| n | the turn's id |
| the rest | samples |
"""

import struct
from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE

SAMPLES = 1
"""The kind of frame that there is."""
LONGEST = SAMPLE_RATE // 10
"""Samples in a frame."""
SHORTEST = SAMPLE_RATE // 50
"""Samples in any frame but the last of a turn."""

_HEADER = struct.Struct("!BBHI")


class Frame(NamedTuple):
    turn_id: str
    sample: int
    pcm: bytes


def encoded(frame: Frame) -> bytes:
    name = frame.turn_id.encode("ascii")
    return _HEADER.pack(SAMPLES, len(name), 0, frame.sample) + name + frame.pcm


def decoded(data: bytes) -> Frame:
    """The frame of those bytes.

    Raises:
        ValueError: it is no frame of samples.
    """
    if len(data) < _HEADER.size or data[0] != SAMPLES:
        raise ValueError("this is no frame of samples")
    _, length, _, sample = _HEADER.unpack_from(data)
    end = _HEADER.size + length
    return Frame(data[_HEADER.size : end].decode("ascii"), sample, data[end:])


class Framer:
    """Cuts the sound of a turn into frames of nearly the same length."""

    def __init__(self, turn_id: str, sample: int) -> None:
        self._turn_id = turn_id
        self._sample = sample
        self._rest = b""

    def add(self, pcm: bytes) -> Iterator[Frame]:
        """The frames that can leave; what is too short for one waits for more."""
        sound, self._rest = self._rest + pcm, b""
        samples = len(sound) // BYTES_PER_SAMPLE
        if samples < SHORTEST:
            self._rest = sound
            return
        yield from self._frames(sound, samples)

    def flush(self) -> Iterator[Frame]:
        """The last frame, if anything waits."""
        sound, self._rest = self._rest, b""
        if sound:
            yield from self._frames(sound, len(sound) // BYTES_PER_SAMPLE)

    def _frames(self, sound: bytes, samples: int) -> Iterator[Frame]:
        each = ceil(samples / ceil(samples / LONGEST)) * BYTES_PER_SAMPLE
        for begin in range(0, len(sound), each):
            piece = sound[begin : begin + each]
            yield Frame(self._turn_id, self._sample, piece)
            self._sample += len(piece) // BYTES_PER_SAMPLE
