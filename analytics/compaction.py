"""The archive, made from the segments: what is new, by the days it belongs to, or everything."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analytics import archive
from analytics.archive import Generation
from analytics.databases import connect
from analytics.library import library
from analytics.refusals import NoDataDir
from analytics.sources import literal, read
from analytics.warehouse import Warehouse, answering
from events.segments import DIRECTORY

_ORDER = {"events": "conversation_id, version", "sessions": "conversation_id"}
_ROW_GROUP = 20_000
"""Rows that are read or passed over together; smaller ones find a conversation sooner."""


def compact(data_dir: Path) -> int:
    """Bring the archive up to the segments; returns the position up to which it holds.

    Only days to which a conversation with new events belongs are made anew.

    Raises:
        NoDataDir: there is no such directory.
        Unreadable: a segment is damaged.
        OSError: the archive cannot be written.
    """
    NoDataDir.unless_there(data_dir)
    with archive.in_the_making(_directory(data_dir)) as made:
        warehouse = Warehouse.open(data_dir)
        try:
            if warehouse.position > warehouse.archived:
                _make(warehouse, made)
                archive.publish(made, warehouse.position)
            return warehouse.position
        finally:
            warehouse.close()


def rebuild(data_dir: Path) -> int:
    """Make the archive from nothing, as after an erasure. Returns and raises as `compact`."""
    archive.clear(_directory(data_dir))
    return compact(data_dir)


def _directory(data_dir: Path) -> Path:
    return data_dir / DIRECTORY / archive.DIRECTORY


def _make(warehouse: Warehouse, made: Generation) -> None:
    with answering():
        changed = _days(warehouse)
        for day, places in changed.items():
            _write_day(warehouse, made, day, places)
        as_of = f"FROM ({warehouse.select(f'position = {warehouse.position}')})"
        _copy(connect(), f"SELECT position, recorded_at, chain {as_of}", made.as_of)
    if warehouse.generation:
        for day in set(warehouse.generation.days()) - changed.keys():
            archive.keep(made, warehouse.generation, day)


def _days(warehouse: Warehouse) -> dict[str, tuple[str, int, int]]:
    """The days to be made: which conversations, between which positions, belong to each."""
    grown = "SELECT DISTINCT conversation_id FROM new_events"
    found = warehouse.sql(
        f"""
        WITH firsts AS (
            SELECT conversation_id, min(recorded_at)::DATE::VARCHAR AS day, min(position) AS first
            FROM events SEMI JOIN ({grown}) USING (conversation_id) GROUP BY conversation_id
        )
        SELECT day, list(conversation_id), min(first) FROM firsts GROUP BY day ORDER BY day
        """,  # noqa: S608
        (),
    )
    return {day: (_list(ids), first, warehouse.position) for day, ids, first in found.fetchall()}


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(literal, sorted(names)))}]"


def _write_day(
    warehouse: Warehouse, made: Generation, day: str, places: tuple[str, int, int]
) -> None:
    """All tables of a day, each read by the next from the file that was just written."""
    grown, first, last = places
    root = connect()
    root.execute(f"CREATE TABLE grown AS SELECT unnest({grown}::VARCHAR[]) AS conversation_id")
    root.execute(f"CREATE TABLE as_of AS SELECT {last} AS position")
    where = f"position BETWEEN {first} AND {last} AND conversation_id IN (FROM grown)"
    events = [warehouse.select(where)]
    before = warehouse.generation
    if before and day in before.days():
        unchanged = (
            f"FROM {read([before.file('events', day)])} ANTI JOIN grown USING (conversation_id)"
        )
        events.append(f"SELECT * {unchanged}")
    queries = {"events": " UNION ALL BY NAME ".join(events)}
    made_here = [view for view in library() if view.name in archive.MADE]
    queries |= {view.name: view.query() for view in made_here}
    macros = {view.name: view.macro() for view in made_here}
    for table in archive.TABLES:
        path = made.file(table, day)
        path.parent.mkdir(parents=True)
        for statement in macros.get(table, ()):
            root.execute(statement)
        order = _ORDER.get(table, "ALL")
        _copy(root, f"SELECT * FROM ({queries[table]}) ORDER BY {order}", path)  # noqa: S608
        root.execute(f'CREATE VIEW "{table}" AS FROM {read([path])}')
    root.close()


def _copy(root: Any, query: str, path: Path) -> None:
    root.execute(
        f"COPY ({query}) TO {literal(str(path))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )
