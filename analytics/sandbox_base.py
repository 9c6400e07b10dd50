"""What a question is asked of: the views, over as much of the log as the asker may see."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analytics import archive
from analytics.library import library, needed
from analytics.sources import EVENTS, literal
from analytics.warehouse import Warehouse, connect
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


@contextmanager
def opened(
    data_dir: Path,
    reads: Collection[str],
    visible: Collection[str] | None = None,
    **bounds: str,
) -> Iterator[tuple[Any, int]]:
    """A database with the views and nothing else, locked; and the position up to which they hold.

    Args:
        data_dir: Where the log is kept.
        reads: Names of the views that are going to be read; each takes time to define.
        visible: Ids of the conversations that may be seen; None stands for all. The events of the
            others are not in the database at all, nor can it open the files that have them.
        bounds: DuckDB's settings, as SQL.

    Raises:
        AnalyticsError: the exported log cannot be read.
    """
    warehouse = Warehouse.open(data_dir.resolve())
    try:
        if visible is None:
            root, files = _whole(warehouse, reads), [str(data_dir.resolve() / DIRECTORY)]
        else:
            root, files = _part(warehouse, reads, visible), []
        _lock(root, files, bounds)
        yield root, warehouse.position
    finally:
        warehouse.close()


def _whole(warehouse: Warehouse, reads: Collection[str]) -> Any:
    warehouse.sql("SELECT 1", sorted(reads))  # which defines them
    return warehouse.connection


def _part(warehouse: Warehouse, reads: Collection[str], visible: Collection[str]) -> Any:
    root = connect()
    where = f"conversation_id IN ({', '.join(map(literal, visible))})" if visible else "false"
    root.execute(f"CREATE TABLE nothing ({EVENTS})")
    root.execute(f"CREATE TABLE events AS {warehouse.select(where)}")
    root.execute(
        "CREATE TABLE as_of AS SELECT position, recorded_at FROM events "
        "ORDER BY position DESC LIMIT 1"
    )
    wanted = {view.name for name in reads for view in needed(name)}
    for view in library():
        if view.name in wanted and view.name in archive.MADE:
            # Others read it, some of them often: computed once, it is at hand.
            root.execute(f'CREATE TABLE "{view.name}" AS {view.sql}')
        elif view.name in wanted:
            for statement in view.statements():
                root.execute(statement)
    return root


def _lock(root: Any, directories: Collection[str], bounds: dict[str, str]) -> None:
    for name, value in (_ALWAYS | bounds).items():
        root.execute(f"SET GLOBAL {name} = {value}")
    root.execute(f"SET allowed_directories = [{', '.join(map(literal, directories))}]")
    root.execute("SET enable_external_access = false")
    root.execute("SET lock_configuration = true")
