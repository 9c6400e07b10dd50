"""With which words the matches of a pattern can begin, so that most patterns need not be tried.

Of regular expressions as `wording` writes them; what is not understood is taken to match anywhere.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

ANY = ""
LONGEST = 4
"""Letters of a word that is known by its beginning only."""
_ENDS_WORD = frozenset(" ,-'")
_QUANTIFIERS = frozenset("?*+{")


def openings(pattern: str) -> frozenset[str]:
    """What the first word of a match is, `know$`, or how it begins, `know`, in lower case.

    The pattern has to begin at the beginning of a word, and to end at the end of one.
    """
    found = (opening for each in _alternatives(pattern) for opening in _openings(each))
    return frozenset(each if each.endswith("$") else each[:LONGEST] for each in found)


def _openings(pattern: str) -> Iterator[str]:
    """Of a pattern without alternatives: by its letters, or by what its first group can be."""
    letters = len(pattern) - len(pattern.lstrip("abcdefghijklmnopqrstuvwxyz"))
    word, rest = pattern[:letters], pattern[letters:]
    if rest[:1] in ("?", "*", "{"):
        yield word[:-1]
    elif not rest or (rest[0] in _ENDS_WORD and rest[1:2] not in _QUANTIFIERS):
        yield f"{word}$" if word else ANY
    elif rest.startswith("(?<!") and not word:
        yield from _openings(_group(rest)[1])
    elif rest.startswith("(?:"):
        options, after = _group(rest)
        if after[:1] in _QUANTIFIERS:
            yield word
        else:
            for option in _alternatives(options):
                yield from _openings(word + option + after)
    else:
        yield word


def _alternatives(pattern: str) -> Iterator[str]:
    depth, begin = 0, 0
    for at, character in enumerate(pattern):
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            yield pattern[begin:at]
            begin = at + 1
    yield pattern[begin:]


def _group(pattern: str) -> tuple[str, str]:
    """Of a pattern that begins with a group: what is in it, and what follows."""
    depth = 0
    for at, character in enumerate(pattern):
        depth += (character == "(") - (character == ")")
        if not depth:
            return pattern[3:at], pattern[at + 1 :]
    raise ValueError("A group is not closed.")


class Index:
    """Which of many patterns a word can begin, by their numbers."""

    def __init__(self, openings_of_each: Iterable[Iterable[str]]) -> None:
        self._words: dict[str, list[int]] = {}
        self._beginnings: dict[str, list[int]] = {}
        for number, each in enumerate(openings_of_each):
            for opening in each:
                known = self._words if opening.endswith("$") else self._beginnings
                known.setdefault(opening.removesuffix("$"), []).append(number)
        # Talk is made of few words, so the commonest are kept.
        self.begun_by = lru_cache(maxsize=1024)(self._begun_by)

    def _begun_by(self, word: str) -> tuple[int, ...]:
        numbers = set(self._words.get(word, ()))
        for length in range(LONGEST + 1):
            numbers.update(self._beginnings.get(word[:length], ()))
        return tuple(sorted(numbers))
