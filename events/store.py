"""The log's file: DuckDB, met only here. Everything in it blocks, so it runs in threads."""

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from events import rows
from events.envelope import Recorded
from events.heads import Head
from events.high_water import HighWater, Mark
from events.log import LogCorrupt, LogError, LogInUse, LogTooNew, LogTruncated, LogUnavailable

FORMAT = 1
"""The newest format of the file that this release can read."""

HIGH_WATER_SUFFIX = ".high-water"

_SETTINGS = {
    # A checkpoint stalls commits: at 16 MiB, the default, often. Quiet moments are used instead.
    "wal_autocheckpoint": "256MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_QUIET_WAL_BYTES = 1 << 20
_TABLES = {"events", "openings", "log_format"}
_SCAN_ROWS = 20_000

_logger = logging.getLogger(__name__)


class Store:
    """An open log file, owned by this object alone.

    `write`, `settle` and `close` belong to one thread at a time; the reads may run in any.
    """

    def __init__(self, path: Path, root: Any, high_water: HighWater) -> None:
        self.path = path
        self.opening = 0
        self.invalid = False
        """Whether DuckDB has given the file up, reads too: it must be opened anew."""
        self._root = root
        self._appender: Any = None
        self._high_water = high_water

    @classmethod
    def open(cls, path: Path, *, now: datetime) -> "Store":
        """Open the log, made if it is not there, and check that it ends where it should.

        Raises:
            LogInUse: another process has it.
            LogTooNew: a newer release made it.
            LogTruncated: acknowledged events are missing at its end.
            LogCorrupt: it cannot be read, or is no log.
            LogUnavailable: its directory or file cannot be read and written.
        """
        if not path.parent.is_dir():
            raise LogUnavailable(f"there is no directory {path.parent}: make it, or choose another")
        high_water = HighWater.take(path.with_name(path.name + HIGH_WATER_SUFFIX))
        try:
            store = cls(path, _connect(path, high_water.mark), high_water)
            try:
                store._begin(now)
            except BaseException:
                store._root.close()
                raise
        except BaseException:
            high_water.close()
            raise
        return store

    @classmethod
    def look_at(cls, path: Path) -> "Store":
        """Open a log only to read it, unchecked.

        Raises:
            LogInUse, LogTruncated, LogCorrupt, LogUnavailable: as for `open`.
        """
        if not path.is_file():
            raise LogUnavailable(f"there is no log {path}")
        high_water = HighWater.take(path.with_name(path.name + HIGH_WATER_SUFFIX))
        try:
            store = cls(path, _connect(path, high_water.mark), high_water)
        except BaseException:
            high_water.close()
            raise
        if not store.is_log():
            store.close()
            raise _foreign(path)
        return store

    def is_log(self) -> bool:
        """Whether the tables of a log are there."""
        return self._tables() >= _TABLES

    @property
    def last_position(self) -> int:
        return self._high_water.mark.position

    def heads(self) -> list[Head]:
        owners = dict(self._rows(rows.OWNERS))
        return [rows.head(row, owners) for row in self._rows(rows.HEADS)]

    def write(self, events: Sequence[Recorded]) -> None:
        """Store events durably, all or none.

        Raises:
            LogUnavailable: it is not known whether they were stored; the file must be opened anew.
        """
        try:
            # Buffered here, stored by `flush` as one statement, which is one transaction.
            self._appender.append_rows(rows.rows(events))
            self._appender.flush()
            last = events[-1]
            self._high_water.raise_to(Mark(self.opening, last.position, last.chain))
        except (duckdb.Error, OSError) as error:
            raise LogUnavailable(f"the log cannot be written: {_first_line(error)}") from error

    def settle(self) -> None:
        """Tidy up in a quiet moment."""
        try:
            self._high_water.flush()
            if _size(_wal(self.path)) >= _QUIET_WAL_BYTES:
                self._query("CHECKPOINT")
        except duckdb.TransactionException:
            _logger.info("a reader kept the log from being checkpointed; the next pause will do")
        except (duckdb.Error, OSError) as error:
            raise LogUnavailable(f"the log cannot be written: {_first_line(error)}") from error

    def conversation(
        self, head: Head, *, after: int = 0, limit: int | None = None
    ) -> tuple[Recorded, ...]:
        """Events of a conversation above a version, oldest first."""
        bounds = (head.first_position, head.last_position)
        return self._events(rows.CONVERSATION, [head.conversation_id, *bounds, after, limit])

    def between(self, first: int, last: int) -> tuple[Recorded, ...]:
        """Events of all conversations from one position to another, both included."""
        return self._events(rows.BETWEEN, [first, last])

    def scan(self) -> Iterator[Recorded]:
        """Every event in the order in which they are stored, whatever their positions say."""
        top = self._rows("SELECT max(rowid) FROM events")[0][0]
        for first in range(0, -1 if top is None else top + 1, _SCAN_ROWS):
            yield from self._events(rows.STORED, [first, min(first + _SCAN_ROWS - 1, top)])

    def export(self, after: int, last: int, path: Path) -> None:
        """Write the events above `after` up to `last` as Parquet: all of the file, or none."""
        unfinished = path.with_name(f".{path.name}.unfinished")
        target = str(unfinished).replace("'", "''")
        try:
            self._rows(rows.EXPORT.format(first=after + 1, last=last, target=target))
            unfinished.replace(path)
        except OSError as error:
            raise LogUnavailable(f"{path} cannot be written: {error.strerror}") from error
        finally:
            unfinished.unlink(missing_ok=True)

    def close(self) -> None:
        """Checkpoint and close; nothing else may be under way."""
        self._appender = None
        with suppress(duckdb.Error):
            self._root.close()
        self._high_water.close()

    def _begin(self, now: datetime) -> None:
        try:
            self._create_or_check()
            last = self._check_end()
        except duckdb.Error as error:
            raise LogCorrupt(f"{self.path} cannot be read: {_first_line(error)}") from error
        try:
            self.opening = self._count_opening(now)
            # Only now: a log that is refused must be left as it was found, its WAL included.
            self._root.execute("PRAGMA enable_checkpoint_on_shutdown")
            if _size(_wal(self.path)):
                self._root.execute("CHECKPOINT")
            self._high_water.raise_to(Mark(self.opening, last.position, last.chain))
            self._high_water.flush()
            self._appender = self._root.cursor().appender("events")
        except (duckdb.Error, OSError) as error:
            raise LogUnavailable(f"{self.path} cannot be written: {_first_line(error)}") from error

    def _create_or_check(self) -> None:
        tables = self._tables()
        if not tables:
            schema = files("events").joinpath("schema.sql").read_text()
            self._root.execute(f"BEGIN; {schema} COMMIT; CHECKPOINT;")
        elif not tables >= _TABLES:
            raise _foreign(self.path)
        found = self._query("SELECT max(format) FROM log_format")[0][0]
        if found > FORMAT:
            raise LogTooNew(
                f"{self.path} has format {found}, this release reads up to {FORMAT}: upgrade"
            )

    def _tables(self) -> set[str]:
        return {name for (name,) in self._query("SELECT table_name FROM duckdb_tables()")}

    def _check_end(self) -> Mark:
        """The end of the log, if it is not before the one that was promised."""
        promised = self._high_water.mark
        found = self._mark("max(position)")
        if found.position < promised.position:
            raise LogTruncated(found.position, promised.position)
        if promised.position and self._mark(str(promised.position)).chain != promised.chain:
            raise LogCorrupt(
                f"{self.path} was altered: position {promised.position} is not what was written"
            )
        if found.position and not promised.position:
            _logger.warning("the log had no proof of where it ended", extra={"path": self.path})
        return found

    def _mark(self, position: str) -> Mark:
        at = f"SELECT {position} FROM events"  # noqa: S608
        found = self._query(f"SELECT position, chain FROM events WHERE position = ({at} LIMIT 1)")  # noqa: S608
        return Mark(0, *found[0]) if found else Mark()

    def _count_opening(self, now: datetime) -> int:
        stored = self._query("SELECT coalesce(max(opening), 0) FROM openings")[0][0]
        # The mark may know of openings that a cut-off WAL has lost; epochs must still grow.
        opening = int(max(stored, self._high_water.mark.opening)) + 1
        self._query("INSERT INTO openings VALUES (?, ?)", [opening, now.replace(tzinfo=None)])
        return opening

    def _events(self, query: str, values: Sequence[object]) -> tuple[Recorded, ...]:
        return tuple(map(rows.event, self._rows(query, values)))

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._query(query, values)
        except duckdb.Error as error:
            self.invalid = self.invalid or isinstance(error, duckdb.FatalException)
            raise LogUnavailable(f"the log cannot be read: {_first_line(error)}") from error

    def _query(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        with closing(self._root.cursor()) as cursor:
            return list(cursor.execute(query, values).fetchall())


def _connect(path: Path, promised: Mark) -> Any:
    if promised.position and not _size(path):
        raise LogTruncated(0, promised.position)
    if path.exists() and not _size(path):
        path.unlink()  # killed before it was made: DuckDB would call it no database
    try:
        root = duckdb.connect(str(path), config=_SETTINGS)
    except duckdb.Error as error:
        raise _refusal(path, error) from error
    root.execute("PRAGMA disable_checkpoint_on_shutdown")
    return root


def _refusal(path: Path, error: duckdb.Error) -> LogError:
    """Why a file did not open, asked of the system rather than of the error's text."""
    if not os.access(path if path.exists() else path.parent, os.R_OK | os.W_OK):
        return LogUnavailable(f"{path} cannot be read and written: change its owner or its mode")
    if not path.is_file():
        return LogUnavailable(f"{path} cannot be made: {_first_line(error)}")
    if _locked(path):
        return LogInUse(f"another process has {path} open: stop it, or choose another log")
    return LogCorrupt(f"{path} cannot be read: {_first_line(error)}")


def _foreign(path: Path) -> LogCorrupt:
    return LogCorrupt(f"{path} is a database, but not a log of conversations: choose another log")


def _locked(path: Path) -> bool:
    # Danger: closing the file gives up every lock that this process has on it. It has none: its
    # own logs exclude one another by the high-water file.
    try:
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
