"""A file of any kind in, samples out, within bounds of time and memory whatever is in the file."""

import io
from collections.abc import Callable, Iterator

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from actors.hearing.wholeness import is_cut_off
from actors.refusals import AudioTooLong, BadAudio

DECODED_WITHIN_S = 20.0
LEAST_S = 0.05
MISSING_S = 0.15
"""By which a file may be shorter than it says, and …"""
MISSING_SHARE = 0.02
"""… such a share of its length, before it counts as cut off."""
MOST_CHANNELS, HIGHEST_RATE = 32, 768_000

_SECOND = SAMPLE_RATE * BYTES_PER_SAMPLE
_UNTOLD = frozenset({"mp3", "aac", "ac3", "eac3", "amr", "gsm", "loas", "mpegts", "ogg", "flv"})
"""Containers that say no length of their own: FFmpeg takes a guess, from the rate of bits say."""
_NOWHERE = {"protocol_whitelist": "none", "analyzeduration": "5000000", "probesize": "1000000"}
"""A playlist names other files, or addresses: none of them is opened."""


def decoded(data: bytes, *, most_s: float, clock: Callable[[], float]) -> bytes:
    """The first stream of sound in a file, as s16le mono samples at `SAMPLE_RATE`.

    Raises:
        BadAudio: there is no sound in it, or it cannot be decoded to the end.
        AudioTooLong: it lasts longer than `most_s` seconds; decoding stops there.
    """
    if not data:
        raise BadAudio("the file is empty")
    if is_cut_off(data):
        raise BadAudio("it is cut off before its end")
    try:
        with av.open(io.BytesIO(data), "r", options=_NOWHERE, metadata_errors="ignore") as file:
            return _samples(file, most_s, clock)
    except (av.FFmpegError, ValueError, IndexError, AttributeError, OSError) as error:
        # FFmpeg's own words would tell of its inside.
        raise BadAudio("it is not audio, or it is damaged or cut off") from error


def _samples(file: InputContainer, most_s: float, clock: Callable[[], float]) -> bytes:
    if not file.streams.audio:
        raise BadAudio("there is no sound in it")
    stream = file.streams.audio[0]
    told_s = _told(file, stream)
    if told_s is not None and told_s > most_s * (1 + MISSING_SHARE) + MISSING_S:
        raise AudioTooLong(f"{most_s:g}")
    until = clock() + DECODED_WITHIN_S
    pcm = bytearray()
    for frame in _resampled(file, stream):
        pcm += frame.to_ndarray().astype("<i2", copy=False).tobytes()
        if len(pcm) > most_s * _SECOND:
            raise AudioTooLong(f"{most_s:g}")
        if clock() > until:
            raise BadAudio(f"it could not be decoded within {DECODED_WITHIN_S:g} s")
    heard_s = len(pcm) / _SECOND
    if heard_s < LEAST_S:
        raise BadAudio("there is no sound in it")
    if told_s is not None and heard_s < told_s * (1 - MISSING_SHARE) - MISSING_S:
        raise BadAudio(f"it is cut off: it says {told_s:.1f} s, and there are {heard_s:.1f}")
    return bytes(pcm)


def _told(file: InputContainer, stream: AudioStream) -> float | None:
    """Seconds, as the file says itself; None if it does not."""
    if not set(file.format.name.split(",")).isdisjoint(_UNTOLD):
        return None
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if file.duration is None else file.duration / av.time_base


def _resampled(file: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    for frame in file.decode(stream):
        if frame.layout.nb_channels > MOST_CHANNELS or frame.sample_rate > HIGHEST_RATE:
            raise BadAudio("it has more channels, or more samples a second, than any recording")
        yield from resampler.resample(frame)
    yield from resampler.resample(None)
