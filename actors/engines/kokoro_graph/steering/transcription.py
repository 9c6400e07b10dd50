"""What is to be spoken, token by token, and which word each token is of."""

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import EngineError

Flags = NDArray[np.bool_]

NOBODY = -1
"""The owner of the two tokens that enclose the others."""


@dataclass(frozen=True, slots=True)
class Transcription:
    """Phonemes with their words; a model sees one token more at either end."""

    phonemes: str
    """Symbols of Kokoro's vocabulary: [T - 2], with marks of stress and length, spaces, marks."""
    owner: tuple[int, ...]
    """For each, the index of its word, ascending; spaces and marks are of the word before them."""
    words: int
    """How many words there are, with those that have no phonemes of their own."""

    def __post_init__(self) -> None:
        """Refuse a text that no model could be given.

        Raises:
            EngineError: there is not one owner for each phoneme, or one is no word.
        """
        if len(self.owner) != len(self.phonemes):
            raise EngineError("Each phoneme needs a word that owns it; give as many owners.")
        if list(self.owner) != sorted(self.owner) or not set(self.owner) <= {*range(self.words)}:
            raise EngineError("The owners of phonemes must be words of the phrase, in order.")

    @property
    def tokens(self) -> int:
        """T, with the two that enclose the phonemes."""
        return len(self.phonemes) + 2

    def owners(self) -> NDArray[np.int64]:
        """The word of each token, [T]."""
        return np.array([NOBODY, *self.owner, NOBODY], np.int64)

    def sounding(self) -> Flags:
        """Which tokens sound, [T]: all but spaces, marks and the two at the ends."""
        return np.array([False, *map(_sounds, self.phonemes), False])

    def span(self, word: int) -> tuple[int, int] | None:
        """The tokens of a word from the first that sounds to after the last; None if none does."""
        at = np.flatnonzero(self.sounding() & (self.owners() == word))
        return (int(at[0]), int(at[-1]) + 1) if at.size else None

    def gap_after(self, word: int) -> tuple[int, int] | None:
        """The tokens between what sounds up to this word and what sounds next.

        None where nothing sounds so far. After the last word it reaches to the end.
        """
        sounding, owners = self.sounding(), self.owners()
        before = np.flatnonzero(sounding & (owners <= word))
        if not before.size:
            return None
        begin = int(before[-1]) + 1
        after = np.flatnonzero(sounding[begin:])
        return begin, begin + int(after[0]) if after.size else self.tokens


def _sounds(symbol: str) -> bool:
    return not symbol.isspace() and not unicodedata.category(symbol).startswith("P")
