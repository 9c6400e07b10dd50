"""Scripts: who says what, line by line."""

import re
from dataclasses import dataclass
from itertools import islice

MOST_SPEAKER_CHARS = 128

_SPOKEN_LINE = re.compile(r"([^:]*):(?:\s+(.*)|$)")
"""A colon that ends a speaker's name is followed by space: `at 10:30` names nobody."""


class MalformedScript(ValueError):
    """A line of a script cannot be read; the message says which, and what would be right."""

    def __init__(self, what: str, number: int | None = None) -> None:
        super().__init__(what if number is None else f"Line {number} of the script {what}")
        self.number = number
        """Of the line, from 1; None if the whole script is at fault."""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """Where it stands in the script, from 1."""
    speaker: str
    text: str


def parse_script(text: str) -> list[Line]:
    """Read lines of the form `speaker: text`, each of them a turn.

    A line that names nobody is said by the speaker before. Blank lines, and lines that begin with
    `#`, are left out.

    Raises:
        MalformedScript: names the line, or says that there is none.
    """
    lines: list[Line] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        stripped = raw.strip()
        if stripped and not stripped.startswith("#"):
            lines.append(_line(number, stripped, lines[-1].speaker if lines else None))
    if not lines:
        raise MalformedScript("The script says nothing; write lines such as `ann: Hello.`")
    return lines


def speakers(lines: list[Line]) -> list[str]:
    """Who speaks, in the order of first lines."""
    return list(dict.fromkeys(line.speaker for line in lines))


def _line(number: int, stripped: str, before: str | None) -> Line:
    match = _SPOKEN_LINE.match(stripped)
    if match is None:
        if before is None:
            raise MalformedScript("names no speaker; write it as `speaker: text`.", number)
        return Line(number, before, stripped)
    speaker, text = match[1].strip(), match[2] or ""
    if not speaker:
        raise MalformedScript("names no speaker; put a name before the colon.", number)
    if len(speaker) > MOST_SPEAKER_CHARS or not speaker.isprintable():
        raise MalformedScript(
            f"has no good name; it takes 1 to {MOST_SPEAKER_CHARS} printable characters.", number
        )
    if not text:
        raise MalformedScript("has no text; write some after the colon.", number)
    return Line(number, speaker, text)


def opening_words(text: str, most: int = 6) -> str:
    """The first words of a line, for a progress bar."""
    words = list(islice(text.split(), most + 1))
    return " ".join(words[:most]) + (" …" if len(words) > most else "")
