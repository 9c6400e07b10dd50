"""What a question is asked of: the views, over as much of the log as the asker may see."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics.library import library
from analytics.sandbox_part import Part
from analytics.scope import EVERYTHING, Scope
from analytics.sources import literal
from analytics.warehouse import Warehouse
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
        scope: What may be seen. Of other conversations nothing is in the database at all, nor can
            it open the files that have them.
        bounds: DuckDB's settings, as SQL.

    Raises:
        AnalyticsError: the exported log cannot be read.
    """

    def __init__(self, data_dir: Path, scope: Scope, bounds: Mapping[str, str]) -> None:
        directory = data_dir.resolve()
        self._warehouse = Warehouse.open(directory)
        self._part = None if scope.everything else Part(self._warehouse, scope)
        self.position = self._warehouse.position
        """The last position of the log that its answers know."""
        files = [str(directory / DIRECTORY)] if scope.everything else []
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
        return self._warehouse.connection if self._part is None else self._part.connection

    def _define(self, reads: Collection[str]) -> None:
        if self._part is None:
            views = sorted({*reads} & {view.name for view in library()})
            self._warehouse.sql("SELECT 1", views)  # which defines them
        else:
            self._part.define(reads)


@contextmanager
def opened(
    data_dir: Path, reads: Collection[str], scope: Scope = EVERYTHING
) -> Iterator[tuple[Any, int]]:
    """A connection to a `Base` of one's own, and the position up to which its answers hold."""
    base = Base(data_dir, scope, {})
    try:
        with base.reading(reads) as connection:
            yield connection, base.position
    finally:
        base.close()


def _lock(root: Any, directories: Collection[str], bounds: Mapping[str, str]) -> None:
    for name, value in {**_ALWAYS, **bounds}.items():
        root.execute(f"SET GLOBAL {name} = {value}")
    root.execute(f"SET allowed_directories = [{', '.join(map(literal, directories))}]")
    root.execute("SET enable_external_access = false")
    root.execute("SET lock_configuration = true")
