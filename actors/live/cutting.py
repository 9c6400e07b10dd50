"""Where a text that is still coming can be cut, so that speaking may begin before its end.

Pure. A piece is a stretch of the text as it came, white space included, so that all pieces together
are the text to the letter. The first one ends with the first clause, for nobody hears anything
before it; later ones grow, because longer stretches sound better and sound is in hand by then.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from actors.markup import Marks
from actors.phrases import FIRST, MOST

MOST_OF_PIECE = (FIRST, 2 * FIRST, MOST)
"""Characters of the longest first, second and any later piece."""

_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+|\n+")
_CLAUSE = re.compile(r"(?<=[.!?…。！？,;:—–、，；：])[\"'”’)\]]*\s+|\n+")
_SPACE = re.compile(r"\s+")
_ABBREVIATED = re.compile(r"(?:^|[\s(\"'])(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|\w)\.\s+$")
"""After which a sentence goes on; a single letter is somebody's initial."""
_LONGEST_ABBREVIATION = len(" Prof.")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a turn's text."""

    at: int
    """Where it begins, in characters of the turn's text."""
    text: str
    last: bool
    """Whether it is known that nothing follows."""
    marks: Marks = ()
    """What markup asks of it, by places in it."""


def cut(text: str, *, number: int, ended: bool, hurried: bool) -> int:
    """How many characters of what has not been spoken are the next piece; 0 is to wait for more.

    Args:
        text: What has not been spoken.
        number: Pieces before this one.
        ended: Whether nothing will follow.
        hurried: Whether the listener is about to run out of sound, so that a clause must do.
    """
    begins = next((at for at, character in enumerate(text) if character.isalnum()), None)
    if begins is None:
        return len(text) if ended else 0
    most = begins + MOST_OF_PIECE[min(number, len(MOST_OF_PIECE) - 1)]
    if ended and len(text) <= most:
        return len(text)
    if number == 0:
        found = _first(text, begins, most)
    else:
        found = _last(_CLAUSE if hurried else _SENTENCE, text, begins, most)
    if found or len(text) <= most:
        return found
    return _last(_CLAUSE, text, begins, most) or _last(_SPACE, text, begins, most) or most


def _first(text: str, begins: int, most: int) -> int:
    return next(_ends(_CLAUSE, text, begins, most), 0)


def _last(boundary: re.Pattern[str], text: str, begins: int, most: int) -> int:
    return max(_ends(boundary, text, begins, most), default=0)


def _ends(boundary: re.Pattern[str], text: str, begins: int, most: int) -> Iterator[int]:
    """Where it can be cut so that something speakable comes before, and not too much."""
    for match in boundary.finditer(text, begins):
        if match.end() > most:
            return
        near = max(0, match.start() - _LONGEST_ABBREVIATION)
        if boundary is _SPACE or not _ABBREVIATED.search(text, near, match.end()):
            yield match.end()
