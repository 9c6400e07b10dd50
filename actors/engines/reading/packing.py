"""Pieces of what is said, put together into stretches that a model takes at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from actors.engines.reading.marks import CLAUSE_ENDS, PAUSES, SENTENCE_ENDS


@dataclass(frozen=True, slots=True)
class Reading:
    """One stretch of a text ready for the model."""

    words: tuple[str | None, ...]
    """As the caller wrote them; None for the rest of a word that was cut. A word that says nothing
    (an emoji, a lone dash) is here too."""
    phonemes: str
    """As Kokoro's vocabulary has them, with spaces and marks."""
    owner: tuple[int, ...]
    """For each character of `phonemes`, the index of the word it is of; spaces and marks are of the
    word before them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word that is said, with the marks around it and the space behind it."""

    phonemes: str
    word: int
    """Which written word it is of."""
    opening: int = 0
    """So many marks at its beginning, which are of the word before."""

    def closed(self, mark: str) -> "Piece":
        """With a mark after it; of two pauses the stronger stays."""
        phonemes = self.phonemes.rstrip(" ")
        if mark in PAUSES and phonemes.endswith(tuple(PAUSES)):
            if phonemes[-1] in SENTENCE_ENDS or mark in CLAUSE_ENDS:
                return self
            phonemes = phonemes[:-1]
        return Piece(f"{phonemes}{mark} ", self.word, self.opening)

    def parts(self, limit: int) -> Iterator["Piece"]:
        """Itself, or as many as it takes for none to be longer."""
        for at in range(0, len(self.phonemes.rstrip(" ")), limit):
            yield Piece(self.phonemes[at : at + limit], self.word, 0 if at else self.opening)


def packed(pieces: Iterable[Piece], written: Sequence[str | None], limit: int) -> Iterator[Reading]:
    """Readings of at most `limit` phonemes, cut after a sentence, a clause or a word.

    Together they have all phonemes and all written words, in order. A written word without a piece
    goes with the one before it, or with the first.
    """
    waiting: list[Piece] = []
    words = _Words(written)
    for piece in (part for whole in pieces for part in whole.parts(limit)):
        waiting.append(piece)
        while len(_text(waiting)) > limit:
            count = _cut(waiting)
            yield words.reading(waiting[:count], waiting[count].word)
            del waiting[:count]
    if waiting:
        yield words.reading(waiting, len(written))


class _Words:
    """The written words, as they are given to one reading after the other."""

    def __init__(self, written: Sequence[str | None]) -> None:
        self._written = written
        self._next = 0

    def reading(self, pieces: Sequence[Piece], until: int) -> Reading:
        """The pieces with the words from where the last reading ended to that of the next piece."""
        begin = min(self._next, pieces[0].word)
        end = max(until, pieces[-1].word + 1)
        again: tuple[str | None, ...] = (None,) * (self._next - begin)
        words = again + tuple(self._written[self._next : end])
        self._next = end
        phonemes = _text(pieces)
        return Reading(words, phonemes, tuple(_owners(pieces, begin))[: len(phonemes)])


def _owners(pieces: Sequence[Piece], begin: int) -> Iterator[int]:
    before = 0
    for number, piece in enumerate(pieces):
        own = piece.word - begin
        yield from [before if number else own] * piece.opening
        yield from [own] * (len(piece.phonemes) - piece.opening)
        before = own


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.phonemes for piece in pieces).rstrip(" ")


def _cut(pieces: Sequence[Piece]) -> int:
    """How many pieces fit, back to the last pause in their second half."""
    fits = len(pieces) - 1
    for ends in (SENTENCE_ENDS, CLAUSE_ENDS):
        for count in range(fits, fits // 2, -1):
            if not ends.isdisjoint(pieces[count - 1].phonemes[-3:]):
                return count
    return next((n for n in range(fits, 0, -1) if pieces[n - 1].phonemes.endswith(" ")), fits)
