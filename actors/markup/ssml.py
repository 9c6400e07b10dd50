"""The everyday part of SSML 1.1 (W3C, 2010), read whole.

Danger: XML can declare entities that grow without bound, or that are files. No document that
declares anything is read.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from xml.parsers import expat

from actors.markup import elements
from actors.markup.marks import (
    MOST_SILENCE_S,
    PLAIN,
    Mark,
    Marked,
    MarkupError,
    Paused,
    Restyled,
    Said,
)
from actors.markup.values import Resolve

T = TypeVar("T")

DEEPEST = 32
"""Elements within one another."""

_OUTSIDE = "all of the text stands within <speak> and </speak>"


def ssml(text: str, resolve: Resolve) -> Marked:
    """The words of an SSML document, and what it asks of them.

    White space is one space, and between paragraphs and sentences one line break.

    Args:
        text: The document.
        resolve: The voice that a name means.

    Raises:
        MarkupError: it is not well-formed, declares something, or asks what nobody obeys.
    """
    return _Document(resolve).read(text)


class _Document:
    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._written = _Written()
        self._marks: list[Mark] = []
        self._styles = [PLAIN]
        self._open: list[tuple[str, int, int]] = []
        """Elements, with the place of their text and of its first piece."""
        self._replacing: Mapping[str, str] = {}
        """Attributes of the element in whose place something is said."""
        self._silence_s = 0.0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._declared
        self._parser.EntityDeclHandler = self._declared
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._finish
        self._parser.CharacterDataHandler = self._say

    def read(self, text: str) -> Marked:
        if not text.lstrip().startswith("<"):
            raise MarkupError(_place(1, 0), _OUTSIDE)
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            what = f"this is not XML ({why}); close each element, and write & as &amp;, < as &lt;"
            raise MarkupError(_place(error.lineno, error.offset), what) from None
        return Marked(self._written.text().rstrip(), tuple(self._marks))

    def _declared(self, *_: Any) -> None:
        raise self._error("nothing may be declared, neither a document type nor an entity")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._require(name)
        self._asked(elements.require_attributes, name, attributes)
        self._open.append((name, self._written.length, self._written.pieces))
        if name in ("p", "s"):
            self._written.part()
        elif name == "break":
            self._pause(self._asked(elements.silence, attributes))
        elif name in elements.STYLES:
            around, resolve = self._styles[-1], self._resolve
            self._styles.append(self._asked(elements.styled, name, attributes, around, resolve))
            self._restyle()
        elif name in elements.REPLACED:
            self._replacing = attributes

    def _finish(self, name: str) -> None:
        _, begin, piece = self._open.pop()
        if name in ("p", "s"):
            self._written.part()
        elif name in elements.STYLES:
            self._styles.pop()
            self._restyle()
        elif name in elements.REPLACED:
            word = self._written.text(piece)
            said = self._asked(elements.said, name, self._replacing, word)
            self._marks.append(Said(begin, self._written.length, said))

    def _require(self, name: str) -> None:
        around = self._open[-1][0] if self._open else None
        if around is None and name != "speak":
            raise self._error(_OUTSIDE)
        if name not in elements.ATTRIBUTES or (name == "speak" and around is not None):
            known = ", ".join(f"<{each}>" for each in elements.ATTRIBUTES if each != "speak")
            raise self._error(f"there is no such element here; there are {known}")
        if around in (*elements.REPLACED, "break"):
            raise self._error(f"no element may stand within <{around}>")
        if len(self._open) >= DEEPEST:
            raise self._error(f"elements may stand {DEEPEST} deep within one another")

    def _asked(self, read: Callable[..., T], *particulars: Any) -> T:
        try:
            return read(*particulars)
        except ValueError as wrong:
            raise self._error(str(wrong)) from None

    def _say(self, data: str) -> None:
        if self._open[-1][0] == "break" and data.strip():
            raise self._error('no words may stand within <break>; write <break time="0.5s"/>')
        self._written.add(data)

    def _pause(self, asked_s: float) -> None:
        self._silence_s += asked_s
        if self._silence_s > MOST_SILENCE_S:
            raise self._error(f"all breaks together may last {MOST_SILENCE_S:g} s")
        self._marks.append(Paused(self._written.length, asked_s))

    def _restyle(self) -> None:
        self._marks.append(Restyled(self._written.length, self._styles[-1]))

    def _error(self, what: str) -> MarkupError:
        return MarkupError(
            _place(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber), what
        )


class _Written:
    """The text of a document, as far as it was read."""

    def __init__(self) -> None:
        self.length = 0
        self._pieces: list[str] = []
        self._end = "\n"
        """Its last character."""

    @property
    def pieces(self) -> int:
        return len(self._pieces)

    def text(self, first: int = 0) -> str:
        """All of it, or from a piece on."""
        return "".join(self._pieces[first:])

    def add(self, data: str) -> None:
        """More of it, with one space for each run of white space."""
        words = " ".join(data.split())
        before, after = data[:1].isspace(), bool(words) and data[-1:].isspace()
        self._append(f"{' ' * (before and not self._end.isspace())}{words}{' ' * after}")

    def part(self) -> None:
        """A paragraph or sentence begins or ends here."""
        if self._end == " ":
            self._pieces[-1] = f"{self._pieces[-1][:-1]}\n"
            self._end = "\n"
        elif self._end != "\n":
            self._append("\n")

    def _append(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self.length += len(text)
            self._end = text[-1]


def _place(line: int, column: int) -> str:
    return f"line {line}, column {column + 1}"
