"""Values that callers send, each checked wherever it stands."""

import json
import math
import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
Markup = Literal["none", "tags", "ssml"]
"""What stands in a text beside its words."""

_UNSPEAKABLE = {"Cc": "control character", "Cs": "half of a surrogate pair,"}


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:~@+-]{1,128}", value):
        raise ValueError("1 to 128 letters, digits or . _ : ~ @ + - are allowed")
    return value


def _name(value: str) -> str:
    if not value.strip() or len(value) > 128 or not value.isprintable():
        raise ValueError("1 to 128 printable characters are needed")
    return value


def _as_written(value: object) -> object:
    # Bytes of a header are handed to us as Latin-1, and are mostly UTF-8.
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _words(value: str) -> str:
    for place, character in enumerate(value):
        kind = _UNSPEAKABLE.get(unicodedata.category(character))
        if kind and character not in "\t\n\r":
            raise ValueError(f"{kind} U+{ord(character):04X} at position {place}; leave it out")
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a finite number is needed")
    return value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError("a number from 0, the plain engine, to 1, full expression, is needed")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment between the years 1 and 9999, in UTC, is needed") from None


DEEPEST = 32
"""Levels of nested metadata."""


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        inner = [v.values() if isinstance(v, dict) else v for v in level]
        level = [v for values in inner for v in values if isinstance(v, dict | list)]
    if level:
        raise ValueError(f"it may be nested {DEEPEST} levels deep")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair; leave it out") from None
    return value


Identifier = Annotated[str, AfterValidator(_identifier)]
Name = Annotated[str, AfterValidator(_name)]
NameInHeader = Annotated[Name, BeforeValidator(_as_written)]
Words = Annotated[str, AfterValidator(_words)]
Intensity = Annotated[
    float, AfterValidator(_share), Field(json_schema_extra={"minimum": 0, "maximum": 1})
]
Speed = Annotated[float, Field(ge=0.25, le=4), AfterValidator(_finite)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Metadata = Annotated[dict[str, Any], AfterValidator(_plain)]
