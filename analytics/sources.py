"""SQL as text: files to read, values, calls."""

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from math import isfinite
from pathlib import Path
from typing import TypeAlias

from analytics.library import View
from analytics.refusals import BadParameter
from events.segments import first_position

Parameter: TypeAlias = str | int | float

EVENTS = (
    "position UBIGINT, conversation_id VARCHAR, version UBIGINT, event_id VARCHAR, type VARCHAR, "
    "schema_version INTEGER, epoch UBIGINT, command_id VARCHAR, recorded_at TIMESTAMP, "
    "chain BLOB, data VARCHAR"
)
"""The columns of an event."""

_POSITIVE = {"window_s", "step_s", "half_life_s", "n"}
_CHOICES = {
    "reading": ("act", "emotion"),
    "alphabet": ("act", "mood", "emotion", "speaker"),
    "feature": (
        "words_per_s",
        "f0_median_hz",
        "f0_range_st",
        "loudness_lufs",
        "rate_syll_s",
        "pauses_s",
        "valence",
        "arousal",
    ),
}
_NEVER_NEGATIVE = {"per_1000_characters", "per_synthesis_hour", "quiet_s"}


def literal(value: Parameter) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def read(files: Sequence[Path]) -> str:
    """A table of the rows of some Parquet files, in their order."""
    names = ", ".join(literal(str(file)) for file in files)
    return f"read_parquet([{names}], hive_partitioning = false)"


def tail(files: Sequence[Path], archived: int) -> list[Path]:
    """Of the segments, in order, those that may hold a position above that of the archive."""
    begin = [first_position(file.name) or 0 for file in files]
    return [
        file
        for file, following in zip_longest(files, begin[1:])
        if following is None or following > archived + 1
    ]


def holding(files: Sequence[Path], position: int) -> Path | None:
    """The segment in which a position lies, or would lie if it were the last."""
    before = [file for file in files if (first_position(file.name) or 0) <= position]
    return before[-1] if before else None


def call(view: View, parameters: Mapping[str, Parameter]) -> str:
    """What to select from for a view with these parameters.

    Raises:
        BadParameter: it does not take them, or not with these values.
    """
    for name, value in parameters.items():
        _check(view, name, value)
    changed = {
        name: value
        for name, value in parameters.items()
        if _plain(value) != view.parameters[name]  # what is told by default is the view itself
    }
    told = ", ".join(f"{name} := {literal(value)}" for name, value in changed.items())
    return f'"{view.name}"({told})' if told else f'"{view.name}"'


def _plain(value: Parameter) -> str:
    return literal(int(value) if isinstance(value, float) and value.is_integer() else value)


def _check(view: View, name: str, value: object) -> None:
    if name not in view.parameters:
        known = ", ".join(view.parameters) or "none"
        raise BadParameter(f"{view.name} takes no {name!r}; its parameters: {known}")
    wants_text = view.parameters[name].startswith("'")
    if wants_text and not isinstance(value, str):
        raise BadParameter(f"{name} is text, not {value!r}")
    if wants_text:
        _check_text(name, str(value))
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadParameter(f"{name} is a number, not {value!r}")
    if (name in _POSITIVE and value <= 0) or (name in _NEVER_NEGATIVE and value < 0):
        raise BadParameter(f"{name} cannot be {value!r}: it has to be above 0")
    if name == "n" and not isinstance(value, int):
        raise BadParameter(f"n is a whole number, not {value!r}")


def _check_text(name: str, value: str) -> None:
    known = _CHOICES.get(name)
    if known and value not in known:
        raise BadParameter(f"there is no {name} {value!r}; there is {', '.join(known)}")
    if name == "pattern":
        try:
            re.compile(value)
        except re.error as error:
            raise BadParameter(f"the pattern {value!r} cannot be read: {error}") from error
