"""Which of its readings a word has that is written like another one, by its sentence."""

from collections.abc import Sequence

from actors.engines.reading.grammar import HINT, TURN, Place, evidence
from actors.engines.reading.senses import Sense, senses

CUE = TURN + 2
"""Weight of a word beside it that tells a sense."""

NEAR = 9
"""So many words and marks to either side can tell what a sentence is about."""


def reading_of(words: Sequence[str], at: int, *, british: bool) -> str | None:
    """The phonemes of a word in its sentence; None for one that has a single reading.

    Each sense collects evidence from the words beside it and from those near it. The sense with
    the most is read, and of equals the one that the table has first.
    """
    known = senses().get(words[at])
    if known is None:
        return None
    place = Place(words, at)
    near = set(words[max(at - NEAR, 0) : at + NEAR + 1]) - {words[at]}
    best = max(known, key=lambda sense: _weight(sense, place, near))
    return best.british if british else best.american


def _weight(sense: Sense, place: Place, near: set[str]) -> int:
    score = sense.bias
    if sense.part:
        score += evidence(sense.part, place)
    score += CUE * (place.next_to in sense.before) + CUE * (place.after in sense.after)
    return score + HINT * min(len(near & sense.near), 3)
