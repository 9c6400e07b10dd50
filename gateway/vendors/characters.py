"""When each character of a text is spoken, from the times of its words.

Engines know when words begin and end. Within a word its characters follow one another evenly; the
white space between two words lasts from the end of one to the beginning of the other.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\S+")


class Timed(NamedTuple):
    """A character; the next one begins where it ends, or later."""

    character: str
    start_ms: int
    end_ms: int


class Characters:
    """The characters of a text that comes piece by piece, each given once, in order.

    Args:
        begins_ms: Where the sound of the text begins, on the clock of what is given.
    """

    def __init__(self, begins_ms: int = 0) -> None:
        self._begins_ms = begins_ms
        self._text = ""
        self._at = 0
        self._reached_ms = begins_ms
        self._ready: deque[Timed] = deque()

    def write(self, text: str) -> None:
        """More of the text follows."""
        self._text += text

    def time(self, words: Iterable[tuple[str, float, float]]) -> None:
        """Words of the text, in order, with seconds from the beginning of its sound."""
        for word, start_s, end_s in words:
            before = _SPACE.match(self._text, self._at)
            begin = before.end() if before else self._at
            self._spread(begin, self._begins_ms + round(start_s * 1000))
            self._spread(self._end_of(word, begin), self._begins_ms + round(end_s * 1000))

    def until(self, ms: int) -> Sequence[Timed]:
        """Those that begin before a moment, as far as their times are known."""
        given = []
        while self._ready and self._ready[0].start_ms < ms:
            given.append(self._ready.popleft())
        return given

    def rest(self, ms: int) -> Sequence[Timed]:
        """All that are left; the last of them lasts until the sound ends at that moment."""
        self._spread(len(self._text), ms)
        given = list(self._ready)
        self._ready.clear()
        return given

    def _end_of(self, word: str, begin: int) -> int:
        if self._text.startswith(word, begin):
            return begin + len(word)
        written = _WORD.match(self._text, begin)  # somebody spells it in another way
        return written.end() if written else begin

    def _spread(self, to: int, end_ms: int) -> None:
        """Let the characters up to a place follow one another evenly until a moment."""
        begin_ms, self._reached_ms = self._reached_ms, max(self._reached_ms, end_ms)
        characters, self._at = self._text[self._at : to], to
        span_ms, count = self._reached_ms - begin_ms, max(1, len(characters))
        starts = [begin_ms + span_ms * i // count for i in range(count + 1)]
        for character, (start_ms, stop_ms) in zip(characters, pairwise(starts), strict=False):
            self._ready.append(Timed(character, start_ms, stop_ms))
