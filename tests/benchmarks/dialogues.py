"""Annotated dialogues, read turn by turn as a conversation would."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from actors.understanding.reader import Line, Reading, TextReader
from events.state import State, evolve
from events.turns import TurnHeard
from tests.benchmarks.figures import Skipped

VARIABLE = "BENCH_DIALOGUES"
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
A_TURN = timedelta(seconds=4)
"""Where nobody told the times."""

Row = Mapping[str, Any]
Dialogue = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Read:
    row: Row
    reading: Reading


def dialogues(name: str) -> list[Dialogue]:
    """All dialogues of a corpus, from the directory that `BENCH_DIALOGUES` names.

    Raises:
        Skipped: they are not there.
    """
    path = Path(os.environ.get(VARIABLE, "")) / f"{name}.jsonl.gz"
    if not os.environ.get(VARIABLE) or not path.is_file():
        raise Skipped(f"Set {VARIABLE} to a directory with {name}.jsonl.gz.")
    found: dict[str, list[Row]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            found.setdefault(row["conversation_id"], []).append(row)
    return list(found.values())


def read(dialogue: Dialogue, *, alone: bool = False) -> Iterator[Read]:
    """Each turn with what was read of it; `alone`, as if nothing had been said before."""
    state = State("c")
    for number, row in enumerate(dialogue, start=1):
        now = _time(row) or MIDNIGHT + number * A_TURN
        line = Line(row["speaker"], row["text"], now, now)
        reading = _reader().read(State("c") if alone else state, line)
        yield Read(row, reading)
        state = evolve(state, _heard(number, line, reading))


@cache
def _reader() -> TextReader:
    return TextReader()


def _heard(number: int, line: Line, reading: Reading) -> TurnHeard:
    return TurnHeard(
        turn=number,
        turn_id=f"t{number}",
        speaker_id=line.speaker_id,
        text=line.text,
        heard_at=line.now,
        affect=reading.affect,
        act=reading.act,
        topic=reading.topic,
    )


def _time(row: Row) -> datetime | None:
    if "end_s" in row:
        return MIDNIGHT + timedelta(seconds=row["end_s"])
    if "end" not in row:
        return None
    hours, minutes, seconds = row["end"].replace(",", ".").split(":")
    return MIDNIGHT + timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
