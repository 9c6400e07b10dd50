"""What happened, asked in SQL: DuckDB over the segments of the log, met only here.

The segments are read as they were when the warehouse was opened: what is exported later does not
change an answer. Nothing is ever written to them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from analytics.library import library, needed
from events.segments import DIRECTORY, segments

Relation: TypeAlias = duckdb.DuckDBPyRelation
"""The answer to a question, computed each time it is asked for: by `rows`, `.fetchall()`, …"""

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # The tail is replaced under its name while we read: keep no pages of its predecessor.
    "enable_external_file_cache": "false",
}

_COLUMNS = (
    "position UBIGINT, conversation_id VARCHAR, version UBIGINT, event_id VARCHAR, type VARCHAR, "
    "schema_version INTEGER, epoch UBIGINT, command_id VARCHAR, recorded_at TIMESTAMP, "
    "chain BLOB, data VARCHAR"
)


class AnalyticsError(Exception):
    """What cannot be asked, or not be answered."""


class NoDataDir(AnalyticsError):
    """There is no data directory of that name."""


class UnknownView(AnalyticsError):
    """No view has that name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name, known)
        self.name = name
        self.nearest = get_close_matches(name, known, n=3, cutoff=0.4) or list(known)

    def __str__(self) -> str:
        return f"there is no view {self.name!r}; there is {', '.join(self.nearest)}"


class Unreadable(AnalyticsError):
    """A segment is damaged, or was removed while it was read."""


class Unwritable(AnalyticsError):
    """The answer cannot be written where it was to go."""


class Warehouse:
    """The views over a log, up to one position of it. Belongs to one thread at a time."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Not for use: see `open`."""
        self._files = [_literal(str(file)) for file in files]
        self._root = _connect()
        self.position = self._last_position()
        """The last position of the log that the answers know; 0 for an empty one."""
        self._define_events(self._root, "true")

    @classmethod
    def open(cls, data_dir: Path) -> "Warehouse":
        """Open the views over what has been exported of a log; all are empty if nothing was.

        Raises:
            NoDataDir: there is no such directory.
            Unreadable: a segment is damaged.
        """
        if not data_dir.is_dir():
            raise NoDataDir(f"there is no data directory {data_dir}: name the one of the server")
        return cls(segments(data_dir / DIRECTORY))

    def views(self) -> tuple[str, ...]:
        """Names of all views, in alphabetical order."""
        return tuple(sorted(view.name for view in library()))

    def relation(self, name: str, conversation_id: str | None = None) -> Relation:
        """A view, ordered by its columns; of one conversation, as if there were no other.

        Raises:
            UnknownView: nothing has that name.
            Unreadable: a segment was removed.
        """
        if name not in self.views():
            raise UnknownView(name, self.views())
        root = self._root
        if conversation_id is not None:
            root = _connect()
            self._define_events(root, f"conversation_id = {_literal(conversation_id)}")
        with _answering():
            for view in needed(name):
                root.execute(f'CREATE VIEW IF NOT EXISTS "{view.name}" AS {view.sql}')
            relation: Relation = root.view(name).order("ALL")
            return relation

    def close(self) -> None:
        self._root.close()

    def _last_position(self) -> int:
        if not self._files:
            return 0
        with _answering():
            found = self._root.execute(f"SELECT max(position) FROM {self._exported}").fetchone()  # noqa: S608
        return int(found[0] or 0)

    def _define_events(self, root: Any, where: str) -> None:
        kept = f"position <= {self.position} AND {where}"
        with _answering():
            if self._files:
                root.execute(f"CREATE VIEW events AS SELECT * FROM {self._exported} WHERE {kept}")  # noqa: S608
            else:
                root.execute(f"CREATE TABLE events ({_COLUMNS})")

    @property
    def _exported(self) -> str:
        return f"read_parquet([{', '.join(self._files)}])"


def rows(relation: Relation) -> list[tuple[Any, ...]]:
    """The rows of an answer, computed now and all at once. Raises `Unreadable`."""
    with _answering():
        found: list[tuple[Any, ...]] = relation.fetchall()
        return found


def write_parquet(relation: Relation, path: Path) -> None:
    """Write an answer to a file, whole or not at all.

    Raises:
        Unwritable: the file cannot be made.
        Unreadable: the answer cannot be computed.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        unfinished.touch()
        with _answering():
            relation.write_parquet(str(unfinished), compression="zstd")
        unfinished.replace(path)
    except OSError as error:
        raise Unwritable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _connect() -> Any:
    root = duckdb.connect(":memory:", config=_SETTINGS)
    root.execute("SET TimeZone = 'UTC'")
    return root


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        why = str(error).partition("\n")[0]
        raise Unreadable(f"the exported log cannot be read: {why}") from error


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
