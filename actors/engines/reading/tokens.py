"""The words of a text as they were written, and what was written about them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from actors.engines.reading.marks import plain
from actors.engines.sayings import EXPLICIT

LONGEST = 60
"""Characters of a word that are read at once; a longer one is read part by part."""

_EXPLICIT = r"\[[^\[\]]{1,200}\]\(/[^/()\[\]]{0,2000}/\)"
_LINK = r"\[([^\[\]]{1,200})\]\((?:https?://|www\.|mailto:|/)[^\s()]*\)"

_CHUNK = re.compile(rf"(?:{_EXPLICIT}|{_LINK}|\S)+")
_LINKS = re.compile(_LINK)
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word between two spaces."""

    written: str | None
    """As the caller has it; None for the rest of a word too long to be read at once."""
    text: str
    """What is to be read of it, in plain marks."""


def tokens(text: str) -> Iterator[Token]:
    """The words of a text: all that are not None are together `text.split()`.

    Links are read without their addresses. What is written as `[several words](/phonemes/)` is of
    the first of them, and the others have nothing to say.
    """
    for match in _CHUNK.finditer(text):
        chunk = match[0]
        words = chunk.split()
        if EXPLICIT.search(chunk):
            yield Token(words[0], plain(chunk))
            yield from (Token(word, "") for word in words[1:])
        else:
            yield from _without_links(words, chunk)


def _without_links(words: list[str], chunk: str) -> Iterator[Token]:
    shown = _LINKS.sub(r"\1", chunk).split()
    for word, text in zip(words, shown, strict=True):
        yield from _parts(word, plain(_printable(text)))


def _parts(word: str, text: str) -> Iterator[Token]:
    yield Token(word, text[:LONGEST])
    for at in range(LONGEST, len(text), LONGEST):
        yield Token(None, text[at : at + LONGEST])


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _UNPRINTABLE)
