"""Sources with a turn in each row: JSON lines, CSV and ConvoKit's utterances."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from analytics.imports.utterances import Broken, Utterance, Wrong, utterance

Parsed: TypeAlias = Iterator[Utterance | Broken]

NAMES: Mapping[str, tuple[str, ...]] = {
    "conversation_id": ("conversation_id", "conversation", "dialogue_id", "dialog_id"),
    "id": ("turn_id", "id", "utterance_id"),
    "speaker": ("speaker", "speaker_id", "participant", "user"),
    "text": ("text", "utterance", "content", "transcript"),
    "start": ("start_s", "start", "started_at", "start_time"),
    "end": ("end_s", "end", "ended_at", "stop", "end_time"),
}
"""What each field may be called where nobody says otherwise."""


class NoSuchColumn(Exception):
    """A column that was named is not there, or one that is needed was not found."""


def json_lines(lines: Iterable[str], name: str, columns: Mapping[str, str]) -> Parsed:
    """An object a line; without a conversation's name, all are one of the source's own name."""
    for number, row in _objects(lines):
        yield row if isinstance(row, Broken) else _turn(number, _fields(row, columns), name)


def comma_separated(lines: Iterable[str], name: str, columns: Mapping[str, str]) -> Parsed:
    """Rows under a header.

    Raises:
        NoSuchColumn: of the header.
    """
    reader = csv.DictReader(lines)
    header = reader.fieldnames or ()
    for field in ("speaker", "text", *columns):
        known = (columns[field],) if field in columns else NAMES[field]
        if not set(known) & set(header):
            there = ", ".join(header) or "none"
            raise NoSuchColumn(
                f"no column is called {' or '.join(known)}; there is {there}: "
                f"name one with --map {field}=COLUMN"
            )
    rows = iter(reader)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Broken(reader.line_num, f"it is not CSV: {error}")
            continue
        if None in row or None in row.values():
            yield Broken(reader.line_num, f"it has not the {len(header)} fields of the header")
            continue
        yield _turn(reader.line_num, _fields(row, columns), name)


def convokit(lines: Iterable[str], name: str, _: Mapping[str, str]) -> Parsed:
    """Utterances of a ConvoKit corpus; its `timestamp` is when an utterance began."""
    named = {"conversation_id": "conversation_id", "start": "timestamp", "id": "id"}
    for number, row in _objects(lines):
        if isinstance(row, Broken):
            yield row
            continue
        fields = _fields(row, named)
        fields["conversation_id"] = row.get("conversation_id") or row.get("root")
        fields["end"] = None
        yield _turn(number, fields, name)


def _objects(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
    """The object of each line that has one, and what is wrong with the others but empty ones."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = Broken(number, "it is not JSON")
        else:
            row = row if isinstance(row, dict) else Broken(number, "it is not a JSON object")
        yield number, row


def _fields(row: Mapping[str, object], columns: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field, names in NAMES.items():
        known = (columns[field],) if field in columns else names
        found[field] = next((row[name] for name in known if row.get(name) is not None), None)
    return found


def _turn(number: int, fields: Mapping[str, object], name: str) -> Utterance | Broken:
    try:
        return utterance(number, fields, conversation_id=name)
    except Wrong as wrong:
        return Broken(number, str(wrong))
