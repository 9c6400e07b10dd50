"""Samples in, a playable file out, piece by piece: the six formats that a caller can ask for.

What has been given out is never revised: the encoders do not seek, so that every answer streams.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Protocol, cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE

_UNKNOWN_SIZE = 0xFFFFFFFF
_WAV_HEADER_AFTER_SIZE = 36
_PIECE_BYTES = 96_000


@dataclass(frozen=True, slots=True)
class AudioFormat:
    name: str
    """As in `response_format`."""
    media_type: str
    codec: str | None = None
    """FFmpeg's name of the encoder; None where the samples are sent as they are."""
    container: str = ""
    codec_options: Mapping[str, str] = field(default_factory=dict)
    container_options: Mapping[str, str] = field(default_factory=dict)


FORMATS: Mapping[str, AudioFormat] = MappingProxyType(
    {
        known.name: known
        for known in (
            AudioFormat(
                "mp3",
                "audio/mpeg",
                "libmp3lame",
                "mp3",
                # A bit reservoir would hold the first frame back by another 20 ms.
                {"b": "96k", "reservoir": "0"},
                # A Xing header can only be filled in afterwards.
                {"write_xing": "0", "id3v2_version": "0"},
            ),
            AudioFormat(
                "opus", "audio/ogg", "libopus", "ogg", {"b": "48k"}, {"page_duration": "20000"}
            ),
            AudioFormat("aac", "audio/aac", "aac", "adts", {"b": "64k"}),
            AudioFormat(
                "flac",
                "audio/flac",
                "flac",
                "flac",
                # From level 3 on, a block is 96 ms long instead of 24, to save 4 % of the bytes.
                {"compression_level": "2"},
                {"metadata_header_padding": "0"},
            ),
            AudioFormat("wav", "audio/wav"),
            AudioFormat("pcm", "audio/pcm"),
        )
    }
)


class _Packer(Protocol):
    """The part that differs between formats; it is given whole samples only."""

    def pack(self, pcm: bytes) -> bytes: ...

    def end(self) -> bytes: ...


class _Plain:
    """Samples as they are, after a header."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def pack(self, pcm: bytes) -> bytes:
        header, self._header = self._header, b""
        return header + pcm

    def end(self) -> bytes:
        return self.pack(b"")


class _Sink:
    """A file for FFmpeg that can only be written to; without `seek`, FFmpeg does not try."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


class _Coded:
    """Samples through a codec of FFmpeg's."""

    def __init__(self, audio_format: AudioFormat, codec: str, total_samples: int | None) -> None:
        self._sink = _Sink()
        self._container = av.open(
            self._sink,
            "w",
            format=audio_format.container,
            options={"flush_packets": "1", **audio_format.container_options},
        )
        stream = self._container.add_stream(
            codec, rate=SAMPLE_RATE, options=dict(audio_format.codec_options), layout="mono"
        )
        self._stream = cast("AudioStream", stream)
        self._position = 0
        # Of the formats here only FLAC has a place for the length that comes first.
        self._flac_length = total_samples if codec == "flac" else None
        self._lossy = codec != "flac"

    def pack(self, pcm: bytes) -> bytes:
        if not pcm:
            return b""
        frame = _frame(pcm, self._position)
        self._position += frame.samples
        return self._mux(frame)

    def end(self) -> bytes:
        # A lossy file without a single frame has no header, and no player opens it.
        silence = self.pack(bytes(BYTES_PER_SAMPLE)) if self._lossy and not self._position else b""
        last = self._mux(None)
        self._container.close()
        return silence + last + self._with_length(self._sink.take())

    def _mux(self, frame: AudioFrame | None) -> bytes:
        self._container.mux(self._stream.encode(frame))
        return self._with_length(self._sink.take())

    def _with_length(self, data: bytes) -> bytes:
        if self._flac_length is None or not data:
            return data
        length, self._flac_length = self._flac_length, None
        return _flac_with_length(data, length)


class Encoder:
    """One piece of audio in one format; not safe for use by two threads at a time.

    Encoding takes 1 to 10 ms of a core per second of audio: call it in a thread.
    """

    def __init__(self, audio_format: AudioFormat, total_samples: int | None = None) -> None:
        """Prepare to encode; `total_samples`, where known, lets the header of WAV and FLAC say it.

        Raises:
            ValueError: the number of samples is negative.
        """
        if total_samples is not None and total_samples < 0:
            raise ValueError(f"There cannot be {total_samples} samples.")
        self._packer = _packer(audio_format, total_samples)
        self._promised = total_samples
        self._samples = 0
        self._half = b""
        self._finished = False

    def encode(self, pcm: bytes) -> bytes:
        """Take s16le mono samples at `SAMPLE_RATE`, and give whatever bytes are ready.

        The samples may be cut anywhere, even within a sample.

        Raises:
            ValueError: after `finish`.
        """
        if self._finished:
            raise ValueError("This audio was finished, and takes no more samples.")
        pcm = self._half + pcm
        whole = len(pcm) - len(pcm) % BYTES_PER_SAMPLE
        self._half = pcm[whole:]
        self._samples += whole // BYTES_PER_SAMPLE
        return self._packer.pack(pcm[:whole])

    def finish(self) -> bytes:
        """Give the last bytes; half a sample, where one is left over, is dropped.

        Raises:
            ValueError: when called twice, or when the header promised another number of samples.
        """
        if self._finished:
            raise ValueError("This audio was already finished.")
        self._finished = True
        if self._promised not in (None, self._samples):
            raise ValueError(f"{self._promised} samples were promised, {self._samples} came.")
        return self._packer.end()


def whole_file(audio_format: AudioFormat, pcm: bytes) -> bytes:
    """A file of samples that are all there: the same samples are the same bytes every time."""
    if audio_format.container == "ogg":
        audio_format = _with_serial(audio_format, zlib.crc32(pcm))
    encoder = Encoder(audio_format, len(pcm) // BYTES_PER_SAMPLE)
    return b"".join(encoder.encode(piece) for piece in _pieces(pcm)) + encoder.finish()


def _with_serial(ogg: AudioFormat, number: int) -> AudioFormat:
    """Instead of a random serial number, which streams that are chained must not share."""
    fixed = {"fflags": "+bitexact", "serial_offset": str(number & 0x7FFFFFFF)}
    return replace(ogg, container_options={**ogg.container_options, **fixed})


def _pieces(pcm: bytes) -> Iterator[bytes]:
    for start in range(0, len(pcm), _PIECE_BYTES):
        yield pcm[start : start + _PIECE_BYTES]


def _packer(audio_format: AudioFormat, total_samples: int | None) -> _Packer:
    if audio_format.codec is not None:
        return _Coded(audio_format, audio_format.codec, total_samples)
    return _Plain(_wav_header(total_samples) if audio_format.name == "wav" else b"")


def _wav_header(total_samples: int | None) -> bytes:
    """A canonical header; FFmpeg, browsers and `wave` take the largest size for "until the end"."""
    size = _UNKNOWN_SIZE if total_samples is None else total_samples * BYTES_PER_SAMPLE
    known = size + _WAV_HEADER_AFTER_SIZE < _UNKNOWN_SIZE
    riff, data = (size + _WAV_HEADER_AFTER_SIZE, size) if known else (_UNKNOWN_SIZE, _UNKNOWN_SIZE)
    rate = SAMPLE_RATE * BYTES_PER_SAMPLE
    shape = struct.pack("<IHHIIHH", 16, 1, 1, SAMPLE_RATE, rate, BYTES_PER_SAMPLE, 16)
    start = struct.pack("<4sI4s4s", b"RIFF", riff, b"WAVE", b"fmt ")
    return start + shape + struct.pack("<4sI", b"data", data)


def _flac_with_length(data: bytes, samples: int) -> bytes:
    """Write the number of samples, 36 bits that end 26 bytes into the file, into STREAMINFO."""
    first = data[21] & 0xF0 | samples >> 32
    return data[:21] + bytes([first]) + struct.pack(">I", samples & 0xFFFFFFFF) + data[26:]


def _frame(pcm: bytes, position: int) -> AudioFrame:
    samples = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
    frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    frame.time_base = Fraction(1, SAMPLE_RATE)
    frame.pts = position
    return frame
