"""The sound of a turn as a client wants it, with the characters that are spoken in each piece."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from gateway.vendors.characters import Characters, Timed
from gateway.vendors.output import Output, OutputFormat


class Chunk(NamedTuple):
    audio: bytes
    characters: Sequence[Timed]
    """Those that begin in it, on the clock of the turn."""
    since_ms: int
    """When the last character before them ended."""


class Chunks:
    """Of one turn, in order."""

    def __init__(self, wanted: OutputFormat) -> None:
        self._output = Output(wanted)
        self._characters = Characters()
        self._samples = 0
        self._since_ms = 0

    def write(self, text: str) -> None:
        """More of the turn's text follows."""
        self._characters.write(text)

    def time(self, words: Iterable[Mapping[str, Any]]) -> None:
        """Words, as `turn.words` tells them."""
        self._characters.time((word["word"], word["start_s"], word["end_s"]) for word in words)

    def of(self, pcm: bytes) -> Chunk:
        """The next of its sound."""
        self._samples += len(pcm) // BYTES_PER_SAMPLE
        return self._chunk(self._output.encode(pcm), self._characters.until(self._now_ms))

    def end(self) -> Chunk:
        """What is left when all its sound is here."""
        return self._chunk(self._output.finish(), self._characters.rest(self._now_ms))

    @property
    def _now_ms(self) -> int:
        return round(self._samples / SAMPLE_RATE * 1000)

    def _chunk(self, audio: bytes, characters: Sequence[Timed]) -> Chunk:
        chunk = Chunk(audio, characters, self._since_ms)
        if characters:
            self._since_ms = characters[-1].end_ms
        return chunk
