"""What a source says of one turn."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite

LONGEST_NAME = 128
_IDENTIFIER = re.compile(r"[A-Za-z0-9._:~@+-]{1,128}")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class Utterance:
    """A turn, as a source has it."""

    line: int
    """Its place in the source: a line or, in subtitles, the line of its times."""
    conversation_id: str
    turn_id: str
    speaker: str
    text: str
    start: float | datetime | None
    """Seconds from any origin of the conversation, or a moment."""
    end: float | datetime | None


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is left out, and why."""

    line: int
    why: str


class Wrong(Exception):
    """What is wrong with a line; the message says what would be right."""


def identifier(text: str) -> str:
    """The name where it can be one here, else one made of it: the same each time."""
    if _IDENTIFIER.fullmatch(text):
        return text
    stem = re.sub(r"[^A-Za-z0-9._~@+-]+", "-", text)[:100].strip("-")
    return f"{stem or 'source'}-{sha256(text.encode(errors='replace')).hexdigest()[:12]}"


def utterance(line: int, fields: Mapping[str, object], *, conversation_id: str) -> Utterance:
    """A turn from its fields.

    Args:
        line: Its place in the source.
        fields: `speaker`, `text` and, where known, `conversation_id`, `id`, `start`, `end`.
        conversation_id: Where the fields name none.

    Raises:
        Wrong: a field is missing, or not what it should be.
    """
    speaker, said = _text(fields, "speaker"), _text(fields, "text")
    if len(speaker) > LONGEST_NAME or not speaker.isprintable():
        raise Wrong("the speaker's name is not 1 to 128 printable characters")
    start, end = moment(fields.get("start")), moment(fields.get("end"))
    if isinstance(start, datetime) != isinstance(end, datetime) and None not in (start, end):
        raise Wrong("its start is a date and its end is none, or the other way round")
    if start is not None and end is not None and end < start:  # type: ignore[operator]
        raise Wrong("it ends before it starts")
    return Utterance(
        line,
        identifier(str(fields.get("conversation_id") or conversation_id)),
        identifier(str(fields["id"])) if fields.get("id") is not None else f"line-{line}",
        speaker,
        said,
        start,
        end,
    )


def moment(value: object) -> float | datetime | None:
    """Seconds, a clock such as `01:02:03,450`, or an ISO date; None where nothing is said.

    Raises:
        Wrong: it is none of these.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong(f"{value!r:.40} is not a time")
    try:
        seconds = float(value)
    except ValueError:
        return _clock(str(value))
    if not isfinite(seconds):
        raise Wrong(f"{value!r} is not a time")
    return seconds


def _clock(text: str) -> float | datetime:
    if found := _CLOCK.fullmatch(text.strip()):
        hours, minutes, seconds, fraction = found.groups(default="0")
        return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Wrong(f"{text!r:.40} is not a time: seconds, h:mm:ss or an ISO date are") from None
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None or not str(value).strip():
        raise Wrong(f"it has no {name}")
    if not isinstance(value, str | int | float):
        raise Wrong(f"its {name} is not text")
    return str(value).strip() if name == "speaker" else _speakable(str(value))


def _speakable(text: str) -> str:
    # Control characters are no words, and would have the whole batch refused.
    kept = "".join(c if c.isprintable() or c in "\t\n" else " " for c in text)
    try:
        kept.encode()
    except UnicodeEncodeError:
        raise Wrong("its text holds half of a surrogate pair") from None
    return kept.strip()
