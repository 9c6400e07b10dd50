"""The words of a phrase: as written, as an engine is given them, and when they sound."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actors.engines.base import Unspeakable
from events.turns import WordTime

Span = tuple[float, float]
"""Start and end, in seconds."""

_UNPRINTABLE = {"Cc", "Cs"}
_SENTENCE_ENDS = tuple(".!?…。！？")
_CLAUSE_ENDS = tuple(",;:、，；：")
_WIDE_END = re.compile(r".*[。！？、，；：]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many words of a phrase as an engine takes at once."""

    heard: tuple[str, ...]
    """The words without what no engine may be given; some may be empty."""
    written: tuple[str | None, ...]
    """The same words as the phrase has them; None for the rest of a word too long for one part."""

    @property
    def text(self) -> str:
        """What to say."""
        return " ".join(self.heard)


def stretches(text: str, limit: int) -> Iterator[Stretch]:
    """Cut a phrase into stretches of at most `limit` characters, after a mark where there is one.

    Control characters and lone surrogates go; a word longer than `limit` is cut.

    Raises:
        Unspeakable: at once, if the text has no letter and no digit.
    """
    if not any(character.isalnum() for character in text):
        raise Unspeakable("The text has no letter and no digit; give at least one word to say.")
    return _stretches(text, limit)


def place(stretch: Stretch, spans: Sequence[Span | None], begin_s: float) -> tuple[WordTime, ...]:
    """Give each written word its time; words that an engine ran together share that of the first.

    They share by their letters, so a lone dash has no length of its own. `spans` has an entry for
    each word of the stretch, in seconds from the beginning of the stretch at `begin_s`.
    """
    anchors = [index for index, span in enumerate(spans) if span is not None] or [0]
    edges = [0, *anchors[1:], len(spans)]
    shared: list[Span] = []
    for anchor, first, last in zip(anchors, edges, edges[1:], strict=False):
        shared += _share(stretch.heard[first:last], anchor - first, spans[anchor] or (0.0, 0.0))
    return tuple(
        WordTime(word=word, start_s=begin_s + start, end_s=begin_s + end)
        for word, (start, end) in zip(stretch.written, shared, strict=True)
        if word is not None
    )


def _share(words: Sequence[str], anchor: int, span: Span) -> list[Span]:
    weights = [sum(map(str.isalnum, word)) for word in words]
    if not any(weights):
        weights[anchor] = 1
    start, end = span
    per_letter = (end - start) / sum(weights)
    shares = []
    for weight in weights:
        until = min(start + weight * per_letter, end)
        shares.append((start, until))
        start = until
    return shares


def _stretches(text: str, limit: int) -> Iterator[Stretch]:
    parts = [part for token in text.split() for part in _parts(token, limit)]
    begin = 0
    while begin < len(parts):
        end = _end([heard for heard, _ in parts[begin : begin + limit]], limit) + begin
        heard, written = zip(*parts[begin:end], strict=True)
        yield Stretch(heard, written)
        begin = end


def _parts(token: str, limit: int) -> Iterator[tuple[str, str | None]]:
    """Cut a word that is too long, after a wide mark where there is one."""
    rest = "".join(c for c in token if unicodedata.category(c) not in _UNPRINTABLE)
    written: str | None = token
    while len(rest) > limit:
        pause = _WIDE_END.match(rest[:limit])
        at = pause.end() if pause else limit
        yield rest[:at], written
        rest, written = rest[at:], None
    yield rest, written


def _end(words: Sequence[str], limit: int) -> int:
    """How many of the words fit, back to the last mark in their second half."""
    fits = _fitting(words, limit)
    if fits == len(words) < limit:
        return fits
    for marks in (_SENTENCE_ENDS, _CLAUSE_ENDS):
        for count in range(fits, fits // 2, -1):
            if words[count - 1].endswith(marks):
                return count
    return fits


def _fitting(words: Sequence[str], limit: int) -> int:
    length = 0
    for count, word in enumerate(words):
        length += len(word)
        if count and length > limit:
            return count
        length += 1
    return len(words)
