"""Sound in the encodings that other servers' clients ask for, piece by piece.

What has been given out is never revised, so that everything streams. Sound is resampled and encoded
by FFmpeg; samples as the engines make them pass as they are.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, cast

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from gateway.audio import FORMATS, Encoder

Encoding = Literal["s16le", "f32le", "mulaw", "alaw", "mp3", "opus"]
Container = Literal["raw", "wav"]

RATES = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Samples per second that can be asked for."""
OPUS_RATE = 48_000
"""Of Opus, whatever it was made of."""

_UNKNOWN_SIZE = 0xFFFFFFFF


class _Codec(NamedTuple):
    name: str
    """FFmpeg's."""
    sample_format: str
    wav_tag: int
    """In the header of a WAV; 0 where there is none."""
    bytes_per_sample: int


_CODECS: Mapping[Encoding, _Codec] = MappingProxyType(
    {
        "s16le": _Codec("pcm_s16le", "s16", 1, 2),
        "f32le": _Codec("pcm_f32le", "flt", 3, 4),
        "mulaw": _Codec("pcm_mulaw", "s16", 7, 1),
        "alaw": _Codec("pcm_alaw", "s16", 6, 1),
        "mp3": _Codec("libmp3lame", "s16p", 0, 0),
    }
)


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """How sound is to be sent: mono, at one of `RATES`.

    Raises:
        ValueError: nothing here makes that.
    """

    encoding: Encoding
    sample_rate: int = SAMPLE_RATE
    container: Container = "raw"
    bit_rate: int | None = None
    """In bits per second, of MP3 and Opus; FFmpeg's choice by default."""

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if self.sample_rate not in RATES:
            known = ", ".join(map(str, RATES))
            raise ValueError(f"{self.sample_rate} is no sample rate that is made here; {known} are")
        if self.encoding == "opus" and self.sample_rate != OPUS_RATE:
            raise ValueError(f"Opus has {OPUS_RATE} samples per second, not {self.sample_rate}")
        if self.container == "wav" and self.encoding in ("mp3", "opus"):
            raise ValueError(f"{self.encoding} does not go into a WAV")

    @property
    def media_type(self) -> str:
        if self.container == "wav":
            return "audio/wav"
        kinds = {"mp3": "audio/mpeg", "opus": "audio/ogg", "mulaw": "audio/basic"}
        return kinds.get(self.encoding, "audio/pcm")


class _Packer(Protocol):
    def pack(self, pcm: bytes) -> bytes: ...

    def end(self) -> bytes: ...


class Output:
    """One piece of sound in one format; not safe for use by two threads at a time.

    Encoding takes less than 10 ms of a core per second of sound.
    """

    def __init__(self, wanted: OutputFormat) -> None:
        self._packer = _packer(wanted)
        self._header = _wav_header(wanted) if wanted.container == "wav" else b""
        self._over = False

    def encode(self, pcm: bytes) -> bytes:
        """Take whole s16le mono samples at `SAMPLE_RATE`, and give whatever bytes are ready.

        Raises:
            ValueError: after `finish`, or for half a sample.
        """
        if self._over or len(pcm) % BYTES_PER_SAMPLE:
            raise ValueError("Whole samples are needed, and none after the end.")
        header, self._header = self._header, b""
        return header + (self._packer.pack(pcm) if pcm else b"")

    def finish(self) -> bytes:
        """Give the last bytes; nothing more can be encoded.

        Raises:
            ValueError: when called twice.
        """
        last_of_header = self.encode(b"")
        self._over = True
        return last_of_header + self._packer.end()


class _Plain:
    """Samples as they are."""

    def pack(self, pcm: bytes) -> bytes:
        return pcm

    def end(self) -> bytes:
        return b""


class _Coded:
    """Samples through a codec whose packets need no container."""

    def __init__(self, wanted: OutputFormat) -> None:
        codec = _CODECS[wanted.encoding]
        self._context = cast("AudioCodecContext", av.CodecContext.create(codec.name, "w"))
        self._context.sample_rate = wanted.sample_rate
        self._context.format = codec.sample_format
        self._context.layout = "mono"
        if wanted.encoding == "mp3":
            # A bit reservoir would hold the first frame back by another one.
            self._context.options = {"reservoir": "0"}
        if wanted.bit_rate is not None:
            self._context.bit_rate = wanted.bit_rate
        self._position = 0

    def pack(self, pcm: bytes) -> bytes:
        samples = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        frame.pts = self._position
        self._position += frame.samples
        return self._encoded(frame)

    def end(self) -> bytes:
        return self._encoded(None) if self._position else b""

    def _encoded(self, frame: AudioFrame | None) -> bytes:
        return b"".join(bytes(packet) for packet in self._context.encode(frame))


class _Ogg:
    """Opus, which needs its container."""

    def __init__(self, bit_rate: int | None) -> None:
        opus = FORMATS["opus"]
        if bit_rate is not None:
            opus = replace(opus, codec_options={**opus.codec_options, "b": str(bit_rate)})
        self._encoder = Encoder(opus)

    def pack(self, pcm: bytes) -> bytes:
        return self._encoder.encode(pcm)

    def end(self) -> bytes:
        return self._encoder.finish()


def _packer(wanted: OutputFormat) -> _Packer:
    if wanted.encoding == "opus":
        return _Ogg(wanted.bit_rate)
    if wanted.encoding == "s16le" and wanted.sample_rate == SAMPLE_RATE:
        return _Plain()
    return _Coded(wanted)


def _wav_header(wanted: OutputFormat) -> bytes:
    """A header of unknown length, which players take for "until the end"."""
    _, _, tag, width = _CODECS[wanted.encoding]
    rate = wanted.sample_rate
    shape = struct.pack("<IHHIIHH", 16, tag, 1, rate, rate * width, width, 8 * width)
    start = struct.pack("<4sI4s4s", b"RIFF", _UNKNOWN_SIZE, b"WAVE", b"fmt ")
    return start + shape + struct.pack("<4sI", b"data", _UNKNOWN_SIZE)
