r"""Tags in square brackets, read as they come.

`[pause:0.5s]`, `[rate:1.2]`, `[voice:af_heart]` and `[word](/phonemes/)`; `\[` is a bracket that
begins no tag, and brackets that look like none are text. However a text is cut into pieces, reading
them one after the other gives what reading the whole gives.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from actors.markup.marks import (
    MOST_SILENCE_S,
    PLAIN,
    Mark,
    Marked,
    MarkupError,
    Paused,
    Restyled,
    Said,
    Style,
)
from actors.markup.phonemes import LONGEST, explicit, wrong
from actors.markup.values import PAUSE_WANTED, RATE_WANTED, Resolve, rate, seconds, voice

LONGEST_WORD = 200
"""Characters in the brackets of one word; a bracket that is not closed so far on begins no tag."""

_KNOWN = "[pause:0.5s], [rate:1.2], [voice:af_heart] and [word](/phonemes/)"
_ENDLESS = "the tag is not closed; end it with ]"
_OURS = r"(?:pause|rate|voice)"
_TAG = re.compile(
    rf"(?P<name>{_OURS}):(?P<value>.*)|[a-z][a-z_-]{{0,30}}:(?!//)\S*|{_OURS}",
    re.IGNORECASE | re.DOTALL,
)
"""What between brackets is meant for a tag; without a value, or a name, it is a wrong one."""
_BEGUN = re.compile(rf"\[{_OURS}:", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\\[]")


@dataclass(frozen=True, slots=True)
class Tags:
    """How far a marked text has been read; `read` makes the next one."""

    resolve: Resolve
    """The voice that a name means."""
    held: str = ""
    """The end of what came, which may be the beginning of a tag."""
    place: int = 0
    """Characters of the marked text before that."""
    length: int = 0
    """Characters of the text without its markup, so far."""
    spaced: bool = True
    """Whether that ends with white space, or is empty."""
    tagged: bool = False
    """Whether a tag came last: of white space on both sides of it, one is enough."""
    style: Style = PLAIN
    silence_s: float = 0.0

    def read(self, text: str, *, last: bool = False) -> "tuple[Tags, Marked]":
        """Take more of the text: where reading is after it, and what is known to be text by now.

        Places in it are counted from the beginning of the whole. With `last`, nothing is held back.

        Raises:
            MarkupError: and nothing was taken.
        """
        reader = _Reader(self, self.held + text, last)
        while reader.left and reader.step():
            pass
        return reader.after(), Marked("".join(reader.text), tuple(reader.marks))


class _Reader:
    """Reads one stretch of a text, for as long as it is clear what it is."""

    def __init__(self, before: Tags, source: str, last: bool) -> None:
        self.text: list[str] = []
        self.marks: list[Mark] = []
        self._before = before
        self._source = source
        self._last = last
        self._at = 0
        self._length, self._spaced, self._tagged = before.length, before.spaced, before.tagged
        self._style, self._silence_s = before.style, before.silence_s

    def after(self) -> Tags:
        return Tags(
            self._before.resolve,
            self._source[self._at :],
            self._before.place + self._at,
            self._length,
            self._spaced,
            self._tagged,
            self._style,
            self._silence_s,
        )

    @property
    def left(self) -> int:
        return len(self._source) - self._at

    def step(self) -> bool:
        """Take what comes next; False if more must come before it is known what that is."""
        special = _SPECIAL.search(self._source, self._at)
        if special is None:
            return self._say(self.left)
        if special.start() > self._at:
            return self._say(special.start() - self._at)
        return self._escaped() if special[0] == "\\" else self._bracket()

    def _escaped(self) -> bool:
        following = self._source[self._at + 1 : self._at + 2]
        if not following and not self._last:
            return False
        self._at += following == "["
        return self._say(1)

    def _bracket(self) -> bool:
        shown = self._source[self._at + 1 : self._at + LONGEST_WORD + 2]
        word, bracket, _ = shown.partition("]")
        if "[" not in word and not bracket and len(shown) <= LONGEST_WORD and not self._last:
            return False
        if "[" in word or not bracket:
            if _BEGUN.match(self._source, self._at):
                raise self._error(_ENDLESS)
            return self._say(1)
        if tag := _TAG.fullmatch(word):
            self._tag((tag["name"] or "").lower(), (tag["value"] or "").strip())
            self._at += len(word) + 2
            self._tagged = True
            return True
        return self._word(word)

    def _word(self, word: str) -> bool:
        """`[word](/phonemes/)`, or brackets that are text."""
        begin = self._at + len(word) + 2
        after = self._source[begin : begin + LONGEST + 4]
        whole = self._last or len(after) == LONGEST + 4
        if not after.startswith("(/"):
            undecided = "(/".startswith(after) and not whole
            return not undecided and self._say(len(word) + 2)
        end = after.find("/)", 2)
        if end < 0 and not whole:
            return False
        phonemes = after[2:end]
        if end < 0 or "/" in phonemes:  # a link to a page
            return self._say(len(word) + 2)
        self._sounded(word, phonemes)
        self._at = begin + end + 2
        return True

    def _sounded(self, word: str, phonemes: str) -> None:
        if not any(map(str.isalnum, word)):
            raise self._error("a word is missing; write [word](/phonemes/)")
        if why := wrong(phonemes):
            raise self._error(why)
        begin, self._at = self._length, self._at + 1
        self._say(len(word))
        self.marks.append(Said(begin, self._length, explicit(word, phonemes)))

    def _tag(self, name: str, value: str) -> None:
        match name:
            case "pause":
                self._pause(self._value(seconds, value, PAUSE_WANTED))
            case "rate":
                self._restyle(replace(self._style, rate=self._value(rate, value, RATE_WANTED)))
            case "voice":
                self._restyle(replace(self._style, voice=self._voice(value)))
            case _:
                raise self._error(f"this is no tag; there are {_KNOWN}; write \\[ for a bracket")

    def _pause(self, asked_s: float) -> None:
        self._silence_s += asked_s
        if self._silence_s > MOST_SILENCE_S:
            raise self._error(f"all pauses together may last {MOST_SILENCE_S:g} s")
        self.marks.append(Paused(self._length, asked_s))

    def _restyle(self, style: Style) -> None:
        if style != self._style:
            self.marks.append(Restyled(self._length, style))
        self._style = style

    def _voice(self, name: str) -> str | None:
        try:
            return voice(name, self._before.resolve)
        except ValueError as unknown:
            raise self._error(str(unknown)) from None

    def _value(self, parse: Callable[[str], float], value: str, wanted: str) -> float:
        try:
            return parse(value)
        except ValueError:
            raise self._error(f"write {wanted}") from None

    def _say(self, count: int) -> bool:
        """So many characters are text."""
        said = self._source[self._at : self._at + count]
        self._at += count
        if self._tagged and self._spaced:
            said = said.lstrip()
        if said:
            self.text.append(said)
            self._length += len(said)
            self._spaced, self._tagged = said[-1].isspace(), False
        return True

    def _error(self, what: str) -> MarkupError:
        return MarkupError(f"character {self._before.place + self._at + 1}", what)
