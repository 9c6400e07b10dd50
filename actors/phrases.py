"""Cutting a text into the phrases that are synthesised one by one.

The first phrase is short, so that sound starts early; the others are whole sentences where they
fit. Nothing is lost: the words of all phrases are the words of the text, in order.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

FIRST = 60
"""Characters after which the first phrase is cut at a clause."""
MOST = 250
"""Characters of the longest phrase: what stays under the 300 phonemes up to which Kokoro's
rate of speech is even."""

_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+|\n+")
_CLAUSE = re.compile(r"(?<=[,;:—–、，；：])\s+")


def split(
    text: str, *, first: int = FIRST, most: int = MOST, cuts: Iterable[int] = ()
) -> tuple[str, ...]:
    """The phrases of a text, each with at least one letter or digit where the text has any.

    Args:
        text: What is cut.
        first: Characters after which the first phrase is cut at a clause.
        most: Characters of the longest phrase.
        cuts: Places between words, in characters, over which no phrase goes.
    """
    stretches = [text[a:b] for a, b in pairwise((0, *cuts, len(text)))]
    sentences = [part for stretch in stretches for part in _pieces(_SENTENCE, stretch)]
    phrases = [part for sentence in sentences for part in _fit(sentence, most)]
    if phrases:
        phrases[:1] = _early(phrases[0], first)
    return tuple(_speakable_ones(phrases))


def speakable(text: str) -> bool:
    """Whether an engine can say anything of it."""
    return any(character.isalnum() for character in text)


def _pieces(boundary: re.Pattern[str], text: str) -> list[str]:
    ends = [match.end() for match in boundary.finditer(text)]
    cuts = zip([0, *ends], [*ends, len(text)], strict=True)
    return [words for a, b in cuts if (words := " ".join(text[a:b].split()))]


def _early(sentence: str, first: int) -> list[str]:
    if len(sentence) <= first:
        return [sentence]
    clauses = _pieces(_CLAUSE, sentence)
    if len(clauses) < 2 or not speakable(clauses[0]):
        return [sentence]
    return [clauses[0], " ".join(clauses[1:])]


def _fit(sentence: str, most: int) -> Iterator[str]:
    """The sentence, or clauses of it, or runs of words: none longer than `most`."""
    if len(sentence) <= most:
        yield sentence
        return
    for clause in _joined(_pieces(_CLAUSE, sentence), most):
        yield from [clause] if len(clause) <= most else _joined(_short(clause.split(), most), most)


def _short(words: Iterable[str], most: int) -> Iterator[str]:
    for word in words:
        yield from (word[i : i + most] for i in range(0, len(word), most))


def _joined(parts: Iterable[str], most: int) -> Iterator[str]:
    """Neighbours put together for as long as they fit."""
    phrase = ""
    for part in parts:
        if phrase and len(phrase) + 1 + len(part) > most:
            yield phrase
            phrase = part
        else:
            phrase = f"{phrase} {part}".strip()
    if phrase:
        yield phrase


def _speakable_ones(phrases: Iterable[str]) -> Iterator[str]:
    """Phrases without a letter or digit go to the one before them, or to the one after."""
    held = ""
    for phrase in phrases:
        if held and speakable(held) and speakable(phrase):
            yield held
            held = phrase
        else:
            held = f"{held} {phrase}".strip()
    if held:
        yield held
