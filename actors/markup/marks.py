"""What can be asked of a text beside its words, by places in the text without the markup.

Places are counted in characters from 0, and marks stand in the order in which they were written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

MOST_SILENCE_S = 120.0
"""Of all pauses that are written into one text."""


class MarkupError(Exception):
    """Markup is wrong: where, and what would be right. It quotes nothing that was to be spoken."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where = where
        self.what = what

    def __str__(self) -> str:
        return f"at {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Style:
    """How some words are spoken, beside how their line is; nothing is asked by default."""

    rate: float = 1.0
    """Times that of the line."""
    pitch: float = 0.0
    """Semitones above that of the line."""
    range: float = 1.0
    """Times the movement of F0 of the line."""
    loudness: float = 0.0
    """Decibels above that of the line."""
    emphasis: float | None = None
    """From -1, said in passing, to 1, as strong as it gets; None leaves it to the line."""
    voice: str | None = None
    """None is that of the line."""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Restyled:
    """From a place on, words are spoken so."""

    at: int
    style: Style


@dataclass(frozen=True, slots=True)
class Paused:
    """Silence at a place; within a word, it follows the word."""

    at: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Said:
    """Something else is said in place of what is written from `at` to before `end`."""

    at: int
    end: int
    said: str
    """As `WordSaying` has it."""


Mark = Restyled | Paused | Said
Marks = tuple[Mark, ...]


class Marked(NamedTuple):
    """A text without its markup, and what that asks."""

    text: str
    marks: Marks = ()


def part(marks: Sequence[Mark], begin: int, end: int, given: int) -> Marks:
    """What is asked of the text from `begin` to before `end`, counted from there.

    Args:
        marks: Of the whole text.
        begin: Where the part begins.
        end: Where it ends.
        given: How many of the marks were known when what comes before `begin` was parted off: the
            pauses among them that stand there came with it.
    """
    style = PLAIN
    found: list[Mark] = []
    for number, mark in enumerate(marks):
        match mark:
            case Restyled() if mark.at <= begin:
                style = mark.style
            case Restyled() if mark.at < end:
                found.append(replace(mark, at=mark.at - begin))
            case Paused() if begin < mark.at <= end or (mark.at == begin and number >= given):
                found.append(replace(mark, at=mark.at - begin))
            case Said() if mark.at < end and mark.end > begin:
                found.append(_within(mark, begin, end))
            case _:
                pass
    return (Restyled(0, style), *found) if style != PLAIN else tuple(found)


def _within(mark: Said, begin: int, end: int) -> Said:
    """All is said with the first part; nothing is left for the others."""
    said = mark.said if mark.at >= begin else ""
    return Said(max(mark.at - begin, 0), min(mark.end, end) - begin, said)
