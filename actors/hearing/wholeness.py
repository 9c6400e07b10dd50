"""Whether a file ends before it says: of the formats that say, and that FFmpeg believes anyway."""

import re
import struct

_STREAMED = 0x7FFFF000
"""A WAV that was written while nobody knew its length gives one from here on, or none."""
_MISSING_SHARE = 0.02
_FRAMES, _BYTES = 1, 2
_END_OF_STREAM = 4


def is_cut_off(data: bytes) -> bool:
    """Whether a WAV, Ogg or MP3 file is not all there; of others, nothing can be told here."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return _wav(data)
    if data[:4] == b"OggS":
        return _ogg(data)
    return _mp3(data)


def _wav(data: bytes) -> bool:
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        if name == b"data":
            return bool(len(data) - place - 7 < size < _STREAMED)
        place += 8 + size + size % 2
    return True


def _ogg(data: bytes) -> bool:
    last = data.rfind(b"OggS")
    return len(data) < last + 27 or not data[last + 5] & _END_OF_STREAM


def _mp3(data: bytes) -> bool:
    """By the tag with the length that most encoders leave in the first frame."""
    begin = 0
    if data[:3] == b"ID3" and len(data) >= 10:
        begin = 10 + sum(byte << 7 * place for place, byte in enumerate(reversed(data[6:10])))
    tag = re.compile(rb"Xing|Info").search(data, begin, begin + 200)
    if data[begin : begin + 1] != b"\xff" or tag is None or len(data) < tag.end() + 12:
        return False
    (flags,) = struct.unpack_from(">I", data, tag.end())
    (size,) = struct.unpack_from(">I", data, tag.end() + (8 if flags & _FRAMES else 4))
    return bool(flags & _BYTES) and len(data) - begin < size * (1 - _MISSING_SHARE)
