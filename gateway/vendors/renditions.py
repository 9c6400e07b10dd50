"""What the answer to a call over HTTP is made of."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gateway.vendors.output import Output, OutputFormat


class Rendition(Protocol):
    """Makes bytes of what is spoken; each method gives those that can leave."""

    media_type: str

    def time(self, words: Sequence[Mapping[str, Any]]) -> None:
        """Words, as `turn.words` tells them."""

    def of(self, pcm: bytes) -> bytes: ...

    def end(self) -> bytes: ...


class Sounded:
    """The sound alone."""

    def __init__(self, wanted: OutputFormat) -> None:
        self.media_type = wanted.media_type
        self._output = Output(wanted)

    def time(self, words: Sequence[Mapping[str, Any]]) -> None:
        """It tells nothing of words."""

    def of(self, pcm: bytes) -> bytes:
        return self._output.encode(pcm)

    def end(self) -> bytes:
        return self._output.finish()
