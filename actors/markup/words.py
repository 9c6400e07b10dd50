"""What marks ask of each word of a text, and what a dictionary says in its place."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from actors.markup import phonemes
from actors.markup.marks import PLAIN, Mark, Paused, Restyled, Said, Style
from events.direction import Saying

_WORD = re.compile(r"\S+")
_MARKS = ".,;:!?…。、，；：！？\"'“”‘’«»()[]{}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one word."""

    style: Style = PLAIN
    pause_after_s: float | None = None
    """None leaves it to the line."""
    said: str | None = None
    """What is said in its place, as `WordSaying` has it; None is the word."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of the words of a text, which white space separates."""

    words: tuple[Asked, ...] = ()
    pause_before_s: float = 0.0


Span = tuple[int, int]


def asked_by(marks: Sequence[Mark], text: str) -> Wishes:
    """What marks ask of the words of a text.

    A word has the style of its first letter or digit, and a pause within it comes after it.
    """
    words = [match.span() for match in _WORD.finditer(text)]
    before_s, after_s = _pauses([mark for mark in marks if isinstance(mark, Paused)], words)
    styles = _styles([mark for mark in marks if isinstance(mark, Restyled)], words, text)
    said = _said([mark for mark in marks if isinstance(mark, Said)], words, text)
    asked = (
        Asked(style, after_s.get(place), said.get(place)) for place, style in enumerate(styles)
    )
    return Wishes(tuple(asked), before_s)


def pronounced(
    wishes: Wishes, text: str, pronunciations: Mapping[str, Saying]
) -> tuple[Wishes, int]:
    """The wishes with what a dictionary says, and of how many words; what a mark says wins."""
    if not pronunciations:
        return wishes, 0
    sounds = {normal(word): saying for word, saying in pronunciations.items()}
    written = text.split()
    words = list(wishes.words or (Asked() for _ in written))
    found = 0
    for place, (word, asked) in enumerate(zip(written, words, strict=True)):
        said = _looked_up(word, sounds) if asked.said is None else None
        if said is not None:
            words[place] = replace(asked, said=said)
            found += 1
    return (replace(wishes, words=tuple(words)), found) if found else (wishes, 0)


def normal(word: str) -> str:
    """A word as a dictionary looks it up: its letter case and kind of apostrophe do not matter."""
    return unicodedata.normalize("NFC", word).replace("’", "'").casefold()


def _pauses(pauses: Sequence[Paused], words: Sequence[Span]) -> tuple[float, dict[int, float]]:
    """Seconds before the first word, and after others by their places."""
    begins = [begin for begin, _ in words]
    before_s, after_s = 0.0, dict[int, float]()
    for pause in pauses:
        place = bisect_left(begins, pause.at) - 1
        if place < 0:
            before_s += pause.seconds
        else:
            after_s[place] = after_s.get(place, 0.0) + pause.seconds
    return before_s, after_s


def _styles(marks: Sequence[Restyled], words: Sequence[Span], text: str) -> Iterator[Style]:
    begins, styles = [mark.at for mark in marks], [PLAIN, *(mark.style for mark in marks)]
    for begin, end in words:
        letter = next((at for at in range(begin, end) if text[at].isalnum()), begin)
        yield styles[bisect_right(begins, letter)]


def _said(marks: Sequence[Said], words: Sequence[Span], text: str) -> dict[int, str]:
    """What is said in place of words, by their places."""
    ends, said = [end for _, end in words], dict[int, str]()
    pieces: dict[int, list[tuple[int, int, str]]] = {}
    for mark in marks:
        first = bisect_right(ends, mark.at)
        for place in range(first, len(words)):
            begin, end = words[place]
            if begin >= mark.end:
                break
            own = mark.said if place == first else ""
            pieces.setdefault(place, []).append((max(mark.at, begin), min(mark.end, end), own))
    for place, replaced in pieces.items():
        said[place] = _composed(text, words[place], replaced)
    return said


def _composed(text: str, word: Span, replaced: Sequence[tuple[int, int, str]]) -> str:
    """A word with parts of it replaced, and the rest as it is written."""
    said, at = "", word[0]
    for begin, end, own in replaced:
        said = phonemes.followed(said, text[at:begin]) + own
        at = end
    return phonemes.followed(said, text[at : word[1]])


def _looked_up(word: str, sounds: Mapping[str, Saying]) -> str | None:
    """What is said for a word with the marks around it, as far as a dictionary has the word."""
    for core in (word, word.strip(_MARKS)):
        saying = sounds.get(normal(core)) if core else None
        if saying is not None:
            begin = word.index(core)
            own = (
                phonemes.explicit(core, saying.phonemes)
                if saying.phonemes
                else phonemes.words(saying.say_as or "")
            )
            return f"{word[:begin]}{own}{word[begin + len(core) :]}"
    return None
