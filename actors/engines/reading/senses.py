"""English words of two readings, what each sounds like, and what gives it away."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from actors.engines.reading.grammar import Part

_CUES = ("before", "after", "near")
_TABLE = Path(__file__).with_name("homographs.toml")


@dataclass(frozen=True, slots=True)
class Sense:
    """One reading of a word."""

    american: str
    british: str
    part: Part | None
    bias: int
    """For it from the start, in the unit of all evidence."""
    before: frozenset[str]
    """Words just before it that tell this reading."""
    after: frozenset[str]
    near: frozenset[str]
    """Words of what a sentence with this reading is about."""


@cache
def senses() -> Mapping[str, tuple[Sense, ...]]:
    """By the word in lower case; the first sense is read where nothing tells."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {word: tuple(map(_sense, entries)) for word, entries in table.items()}


def _sense(entry: Mapping[str, Any]) -> Sense:
    before, after, near = (frozenset(entry.get(cue, "").split()) for cue in _CUES)
    return Sense(
        american=entry["american"],
        british=entry.get("british", entry["american"]),
        part=entry.get("part"),
        bias=entry.get("bias", 0),
        before=before,
        after=after,
        near=near,
    )
