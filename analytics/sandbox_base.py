"""What a question is asked of: the views, over as much of the log as the asker may see."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics import archive
from analytics.library import library, needed
from analytics.sources import EVENTS, literal
from analytics.warehouse import Warehouse, answering, connect
from events.segments import DIRECTORY

_ALWAYS = {
    "temp_directory": "''",
    "max_temp_directory_size": "'0B'",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}


def names() -> tuple[str, ...]:
    """All that can be read, in alphabetical order."""
    return tuple(sorted({"events", "as_of", *(view.name for view in library())}))


class Base:
    """A database with the views and nothing else, locked.

    Args:
        data_dir: Where the log is kept.
        visible: Ids of the conversations that may be seen; None stands for all. The events of the
            others are not in the database at all, nor can it open the files that have them.
        bounds: DuckDB's settings, as SQL.

    Raises:
        AnalyticsError: the exported log cannot be read.
    """

    def __init__(
        self, data_dir: Path, visible: Collection[str] | None, bounds: Mapping[str, str]
    ) -> None:
        directory = data_dir.resolve()
        self._warehouse = Warehouse.open(directory)
        self._part = None if visible is None else _part(self._warehouse, visible)
        self._defined: set[str] = set()
        self.position = self._warehouse.position
        """The last position of the log that its answers know."""
        files = [str(directory / DIRECTORY)] if visible is None else []
        _lock(self._root, files, bounds)

    @contextmanager
    def reading(self, reads: Collection[str]) -> Iterator[Any]:
        """A connection of one's own for what only reads; what it leaves behind goes with it.

        Args:
            reads: Names of the views that are going to be read; each takes time to define.
        """
        self._define(reads)
        cursor = self._root.cursor()
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        try:
            yield cursor
        finally:
            cursor.close()

    def held_bytes(self) -> int:
        """Memory that it takes while nothing is asked."""
        asked = "SELECT sum(memory_usage_bytes) FROM duckdb_memory()"
        return int(self._root.execute(asked).fetchone()[0])

    def close(self) -> None:
        if self._part is not None:
            self._part.close()
        self._warehouse.close()

    @property
    def _root(self) -> Any:
        return self._warehouse.connection if self._part is None else self._part

    def _define(self, reads: Collection[str]) -> None:
        if self._part is None:
            self._warehouse.sql("SELECT 1", sorted(reads))  # which defines them
            return
        wanted = {view.name for name in reads for view in needed(name)} - self._defined
        for view in library():
            if view.name in wanted:
                _make(self._part, view)
                self._defined.add(view.name)


@contextmanager
def opened(
    data_dir: Path, reads: Collection[str], visible: Collection[str] | None = None
) -> Iterator[tuple[Any, int]]:
    """A connection to a `Base` of one's own, and the position up to which its answers hold."""
    base = Base(data_dir, visible, {})
    try:
        with base.reading(reads) as connection:
            yield connection, base.position
    finally:
        base.close()


def _part(warehouse: Warehouse, visible: Collection[str]) -> Any:
    root = connect()
    where = f"conversation_id IN ({', '.join(map(literal, visible))})" if visible else "false"
    with answering():
        root.execute(f"CREATE TABLE nothing ({EVENTS})")
        root.execute(f"CREATE TABLE events AS {warehouse.select(where)}")
        root.execute(
            "CREATE TABLE as_of AS SELECT position, recorded_at FROM events "
            "ORDER BY position DESC LIMIT 1"
        )
    return root


def _make(root: Any, view: Any) -> None:
    if view.name in archive.MADE:
        # Others read it, some of them often: computed once, it is at hand.
        for statement in view.macro():
            root.execute(statement)
        root.execute(f'CREATE TABLE "{view.name}" AS {view.query()}')
        return
    for statement in view.statements():
        root.execute(statement)


def _lock(root: Any, directories: Collection[str], bounds: Mapping[str, str]) -> None:
    for name, value in {**_ALWAYS, **bounds}.items():
        root.execute(f"SET GLOBAL {name} = {value}")
    root.execute(f"SET allowed_directories = [{', '.join(map(literal, directories))}]")
    root.execute("SET enable_external_access = false")
    root.execute("SET lock_configuration = true")
