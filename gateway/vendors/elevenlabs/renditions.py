"""Sound with the times of its characters, as answers over HTTP tell it."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.vendors.characters import Timed
from gateway.vendors.elevenlabs.chunks import Chunk, Chunks
from gateway.vendors.output import OutputFormat


class Streamed:
    """A JSON object on each line: a piece of the sound, and the characters that begin in it."""

    media_type = "application/json"

    def __init__(self, wanted: OutputFormat, text: str) -> None:
        self._chunks = Chunks(wanted)
        self._chunks.write(text)

    def time(self, words: Sequence[Mapping[str, Any]]) -> None:
        self._chunks.time(words)

    def of(self, pcm: bytes) -> bytes:
        return _line(self._chunks.of(pcm))

    def end(self) -> bytes:
        return _line(self._chunks.end())


class Whole:
    """One JSON object: all of the sound, and all characters."""

    media_type = "application/json"

    def __init__(self, wanted: OutputFormat, text: str) -> None:
        self._chunks = Chunks(wanted)
        self._chunks.write(text)
        self._audio = bytearray()
        self._characters: list[Timed] = []

    def time(self, words: Sequence[Mapping[str, Any]]) -> None:
        self._chunks.time(words)

    def of(self, pcm: bytes) -> bytes:
        self._keep(self._chunks.of(pcm))
        return b""

    def end(self) -> bytes:
        self._keep(self._chunks.end())
        return _line(Chunk(bytes(self._audio), self._characters, 0))

    def _keep(self, chunk: Chunk) -> None:
        self._audio += chunk.audio
        self._characters += chunk.characters


def _line(chunk: Chunk) -> bytes:
    if not (chunk.audio or chunk.characters):
        return b""
    alignment = _alignment(chunk.characters)
    told = {
        "audio_base64": base64.b64encode(chunk.audio).decode(),
        "alignment": alignment,
        "normalized_alignment": alignment,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _alignment(characters: Sequence[Timed]) -> dict[str, list[Any]] | None:
    """Times are counted from the beginning of all sound."""
    if not characters:
        return None
    return {
        "characters": [timed.character for timed in characters],
        "character_start_times_seconds": [timed.start_ms / 1000 for timed in characters],
        "character_end_times_seconds": [timed.end_ms / 1000 for timed in characters],
    }
