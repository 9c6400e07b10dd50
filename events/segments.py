"""The log in pieces that others may read: Parquet files of a fixed number of events each.

The log's own file is locked by the process that writes it. Beside it lie copies, named after their
first position. All but the last are whole and never change; the last, the tail, is written anew as
the log grows. Files appear whole or not at all, so that a reader needs nobody's leave.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DIRECTORY = "analytics"
"""Of the segments, in the data directory."""

SEGMENT_ROWS = 20_000
"""Events of a whole segment. Another number makes a follower begin from nothing."""

_NAME = re.compile(r"events-(\d{20})\.parquet")
_UNFINISHED = ".events-*.unfinished"


class Exportable(Protocol):
    """What a follower needs of a log."""

    async def last_position(self) -> int: ...

    async def export_segment(self, after: int, path: Path, limit: int) -> int:
        """Write up to `limit` events above `after`, whole or not at all; returns the last one."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    """A file to be written."""

    name: str
    after: int
    """The position before its first event."""
    limit: int
    """The most events that it may hold."""


def segment_name(first: int) -> str:
    return f"events-{first:020d}.parquet"


def first_position(name: str) -> int | None:
    """The position with which a segment begins; None if the file is none."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def segments(directory: Path) -> list[Path]:
    """The segments of a directory in the order of their positions; none if it is not there."""
    if not directory.is_dir():
        return []
    return sorted(path for path in directory.iterdir() if first_position(path.name))


def whole_until(firsts: Iterable[int], last: int, rows: int = SEGMENT_ROWS) -> int | None:
    """The last position of the whole segments, told by the first positions of all.

    The tail does not count: how far it reaches can be read only inside. Nor does what lies behind
    a gap. None if the files cannot be of a log that ends at `last`: there are others, or longer
    ones.
    """
    ordered = sorted(firsts)
    if any(first > last or first % rows != 1 % rows for first in ordered):
        return None
    steps = range(1, last + 1, rows)
    unbroken = sum(1 for first, step in zip(ordered, steps, strict=False) if first == step)
    return max(0, unbroken - 1) * rows


def next_segment(exported: int, last: int, rows: int = SEGMENT_ROWS) -> Segment | None:
    """What to write next when the segments hold the log up to `exported` and it ends at `last`."""
    if exported >= last:
        return None
    after = exported - exported % rows
    return Segment(segment_name(after + 1), after, rows)


class Follower:
    """Keeps the segments of a log up to date, in a directory that is its own.

    What it knows after a restart is what the files say: a tail is written once more, a file that a
    killed process left unfinished is removed, and segments of a log that was longer are given up.
    """

    def __init__(self, log: Exportable, directory: Path, rows: int = SEGMENT_ROWS) -> None:
        self._log = log
        self._directory = directory
        self._rows = rows
        self._exported: int | None = None
        self._turn = asyncio.Lock()

    async def catch_up(self) -> int:
        """Export what is new; returns the position up to which the segments hold the log.

        Raises:
            LogUnavailable: the log cannot be read, or a segment not be written.
            OSError: the directory cannot be made or tidied.
        """
        async with self._turn:
            return await self._export(await self._log.last_position())

    async def rebuild(self) -> int:
        """Begin from nothing, as after an erasure. Raises as `catch_up`."""
        async with self._turn:
            await asyncio.to_thread(self._clear)
            self._exported = 0
            return await self._export(await self._log.last_position())

    async def _export(self, last: int) -> int:
        if self._exported is None:
            self._exported = await asyncio.to_thread(self._take_stock, last)
        elif self._exported > last:
            await asyncio.to_thread(self._clear)
            self._exported = 0
        while (segment := next_segment(self._exported, last, self._rows)) is not None:
            path = self._directory / segment.name
            written = await self._log.export_segment(segment.after, path, segment.limit)
            if written <= self._exported:
                break  # the log has become shorter since we asked; the next time will tell
            self._exported = written
        return self._exported

    def _take_stock(self, last: int) -> int:
        self._directory.mkdir(parents=True, exist_ok=True)
        for unfinished in self._directory.glob(_UNFINISHED):
            unfinished.unlink(missing_ok=True)
        firsts = [first_position(path.name) or 0 for path in segments(self._directory)]
        whole = whole_until(firsts, last, self._rows)
        if whole is None:
            self._clear()
        return whole or 0

    def _clear(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        for path in reversed(segments(self._directory)):
            path.unlink(missing_ok=True)
