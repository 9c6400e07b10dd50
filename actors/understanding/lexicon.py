"""The words' own valence: VADER, with what we mend of it for talk."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

_OVERLAY = {
    # Ways to begin or to fill a turn: VADER takes them by their meaning.
    "god": 0.0,
    "like": 0.5,
    "no": -0.5,
    "ok": 0.2,
    "okay": 0.2,
    "please": 0.3,
    "pretty": 0.8,
    "sure": 0.4,
    "want": 0.0,
    "well": 0.2,
    "yeah": 0.3,
    "yes": 0.5,
    # Missing, or rated for reviews rather than talk.
    "care": 0.8,
    "kindly": 1.5,
}

_FINE = re.compile(
    r"\bno (?:problem|worries|trouble|harm done)\b|\bnot bad\b|\bcan't complain\b|"
    r"\bdon't worry\b|\bcan't wait\b",
    re.IGNORECASE,
)
"""Negations of something bad, which VADER adds up instead."""

_SYMBOL = re.compile("[©®‼-\U0010ffff]")
"""Where emoji are, and not much else."""

MOST_EMOJI = 20
"""Of a text: they are read as some words each."""

_PACKAGE = "vaderSentiment"
_RATINGS, _EMOJI = "vader_lexicon.txt", "emoji_utf8_lexicon.txt"


class Lexicon:
    """VADER with our overlay; takes some 20 ms and 1 MB to load."""

    def __init__(self) -> None:
        # Here, because many processes import this room and few of them read.
        from actors.understanding.vader import compound

        self._compound = compound
        self._ratings = {word: float(rating) for word, rating in _entries(_RATINGS)} | _OVERLAY

    def valence(self, text: str) -> float:
        """Of a text, from -1 to 1: VADER's compound score."""
        words = _FINE.sub("fine", text)
        return self._compound(_described(words) if _SYMBOL.search(words) else words, self._ratings)


@cache
def lexicon() -> Lexicon:
    """The one of this process, loaded when it is first asked for."""
    return Lexicon()


@cache
def _emoji() -> Mapping[str, str]:
    """What each shows, in words; loaded when a text first has one."""
    return dict(_entries(_EMOJI))


def _entries(name: str) -> Iterator[tuple[str, str]]:
    path = files(_PACKAGE) / name
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            entry, value = line.strip().split("\t")[:2]
            yield entry, value


def _described(text: str) -> str:
    """With emoji told in words, which stand apart."""
    emoji, parts, seen = _emoji(), [""], 0
    for character in text:
        description = emoji.get(character)
        if description is None:
            parts.append(character)
        elif seen < MOST_EMOJI:
            seen += 1
            parts += [description] if parts[-1] in ("", " ") else [" ", description]
    return "".join(parts)
