"""History as files: what the views are made of, in Parquet by day, for anybody to open.

    analytics/archive/00000000000000400000/   a generation: the log up to that position
        as_of.parquet                         the position, when it was recorded, its chain
        definitions                           of the views, as a digest
        turns/day=2026-03-01/turns.parquet    one directory a table, one file a day
    analytics/archive/current                 a link to the newest

A conversation lies whole under the day of its first event. A generation appears whole or not at
all, by renaming, and never changes; the one before it is kept for those who are reading it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from analytics.library import library
from analytics.sources import literal

DIRECTORY = "archive"
"""Of the generations, beside the segments."""

MADE = (
    "owners",
    "turn_events",
    "turns",
    "letters",
    "speech_units",
    "floor",
    "floor_turns",
    "floor_transfers",
    "silences",
    "overlaps",
    "interruptions",
    "backchannels",
    "turn_taking",
    "function_words",
    "coordination",
    "entrainment",
    "balance",
    "recoveries",
    "affect_summary",
    "voice_uses",
    "sessions",
    "waits",
)
"""The views that are kept as tables beside the events, each after those that it reads. A row of
theirs depends on the events of its own conversation alone."""

TABLES = ("events", *MADE)

_DEFINITIONS = "definitions"
_UNFINISHED = ".unfinished"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Generation:
    """The archive as it was made at one time."""

    path: Path
    position: int
    """The last position of the log that it holds."""

    @property
    def as_of(self) -> Path:
        return self.path / "as_of.parquet"

    def is_by_these_definitions(self) -> bool:
        """Whether its tables are what the views are in this release."""
        path = self.path / _DEFINITIONS
        return path.exists() and path.read_text() == definitions()

    def days(self) -> list[str]:
        """In order, as `2026-03-01`."""
        found = (self.path / "events").glob("day=*")
        return sorted(path.name.removeprefix("day=") for path in found)

    def file(self, table: str, day: str) -> Path:
        return self.path / table / f"day={day}" / f"{table}.parquet"


def newest(directory: Path) -> Generation | None:
    """The generation to read; None if there is none."""
    whole = [path for path in directory.glob("[0-9]*") if len(path.name) == 20]
    if not whole:
        return None
    last = max(whole, key=lambda path: path.name)
    return Generation(last, int(last.name))


@cache
def definitions() -> str:
    """What tells the views of one release, as far as they are kept, from those of another."""
    kept = "\0".join(view.code for view in library() if view.name in MADE)
    return sha256(kept.encode()).hexdigest()


@contextmanager
def in_the_making(directory: Path) -> Iterator[Generation]:
    """An empty generation, for one maker at a time. What is left unfinished is removed."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = directory / _UNFINISHED
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        try:
            yield Generation(path, 0)
        finally:
            shutil.rmtree(path, ignore_errors=True)


def keep(made: Generation, source: Generation, day: str) -> None:
    """Take over a day that has not changed, without copying it."""
    for table in TABLES:
        target = made.file(table, day)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source.file(table, day), target)


def publish(made: Generation, position: int) -> Generation:
    """Give a finished generation its name, and let go of all but the one before it."""
    directory = made.path.parent
    (made.path / _DEFINITIONS).write_text(definitions())
    finished = Generation(directory / f"{position:020d}", position)
    shutil.rmtree(finished.path, ignore_errors=True)
    made.path.replace(finished.path)
    link = directory / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(finished.path.name)
    link.replace(directory / "current")
    for old in sorted(directory.glob("[0-9]*"))[:-2]:
        shutil.rmtree(old, ignore_errors=True)
    return finished


def clear(directory: Path) -> None:
    """Remove every generation."""
    (directory / "current").unlink(missing_ok=True)
    for path in directory.glob("[0-9]*"):
        shutil.rmtree(path)


def script(place: Path = Path()) -> str:
    """SQL that defines all views in any DuckDB.

    Args:
        place: A generation, or the link to one; without it, DuckDB is started within one.
    """
    lines = [f"CREATE VIEW as_of AS FROM {literal(str(place / 'as_of.parquet'))};"]
    for table in TABLES:
        places = literal(str(place / table / "*" / "*.parquet"))
        files = f"read_parquet({places}, hive_partitioning = false)"
        lines.append(f'CREATE VIEW "{table}" AS FROM {files};')
    for view in library():
        defined = view.macro() if view.name in MADE else view.statements()
        lines += [f"{statement.rstrip()};" for statement in defined]
    return "\n".join(lines)
