"""What happened, asked in SQL: DuckDB over the exported log, met only here.

Archive and segments are read as they were when the warehouse was opened: what is exported later
does not change an answer. Nothing is ever written to them.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from analytics import archive, sources
from analytics.archive import Generation
from analytics.databases import connect
from analytics.library import View, library, needed
from analytics.refusals import (
    AnalyticsError,
    BadParameter,
    NoDataDir,
    UnknownView,
    Unreadable,
    Unwritable,
)
from analytics.sources import Parameter, literal, read
from events.segments import DIRECTORY, segments

__all__ = [
    "AnalyticsError",
    "BadParameter",
    "NoDataDir",
    "Parameter",
    "Relation",
    "UnknownView",
    "Unreadable",
    "Unwritable",
    "Warehouse",
    "answering",
    "rows",
    "write_parquet",
]

Relation: TypeAlias = duckdb.DuckDBPyRelation
"""The answer to a question, computed each time it is asked for: by `rows`, `.fetchall()`, …"""

SHORTAGES = (duckdb.OutOfMemoryException, duckdb.IOException)
"""What DuckDB raises for want of memory, or of a file that was there."""

_FEW = 200_000
"""Events, whose turns and what is made of them fit into some 500 MB."""

_AT_HAND = 16
"""Conversations whose events are kept in memory, so that the next question finds them."""


class Warehouse:
    """The views over a log, up to one position of it. Belongs to one thread at a time."""

    def __init__(self, files: Sequence[Path], generation: Generation | None) -> None:
        """Not for use: see `open`."""
        self._root = connect()
        self._ready: set[str] = set()
        self._archived: set[str] = set()
        self._conversations: OrderedDict[str, tuple[Any, set[str]]] = OrderedDict()
        with answering():
            self.generation = generation if self._holds(generation, files) else None
            self.archived = self.generation.position if self.generation else 0
            """The last position that the archive holds; 0 without one."""
            self._tail = sources.tail(files, self.archived)
            self.position = self._last_position()
            """The last position of the log that the answers know; 0 for an empty one."""
            self._define_sources()

    @classmethod
    def open(cls, data_dir: Path) -> "Warehouse":
        """Open the views over what has been exported of a log; all are empty if nothing was.

        Raises:
            NoDataDir: there is no such directory.
            Unreadable: a segment is damaged.
        """
        NoDataDir.unless_there(data_dir)
        directory = data_dir / DIRECTORY
        return cls(segments(directory), archive.newest(directory / archive.DIRECTORY))

    def views(self) -> tuple[str, ...]:
        """Names of all views, in alphabetical order."""
        return tuple(sorted(view.name for view in library()))

    def relation(
        self, name: str, conversation_id: str | None = None, **parameters: Parameter
    ) -> Relation:
        """A view, ordered by its columns; of one conversation, as if there were no other.

        Raises:
            UnknownView: nothing has that name.
            BadParameter: the view does not take that.
            Unreadable: a segment was removed.
        """
        view = next((view for view in library() if view.name == name), None)
        if view is None:
            raise UnknownView(name, self.views())
        asked = sources.call(view, parameters)
        with answering():
            root = self._defined(needed(name), conversation_id)
            relation: Relation = root.sql(f"FROM {asked}").order(view.order)
            return relation

    def sql(
        self, statement: str, reads: Sequence[str], conversation_id: str | None = None
    ) -> Relation:
        """The answer to a statement of ours over the views that it names in `reads`."""
        with answering():
            root = self._defined((), conversation_id)
            for name in reads:
                root = self._defined(needed(name), conversation_id)
            relation: Relation = root.sql(statement)
            return relation

    def select(self, where: str) -> str:
        """A query for the events that meet a condition, for a connection of its own."""
        parts = []
        if self.position > self.archived:
            parts.append(f"SELECT * FROM {read(self._tail)} WHERE {self._new}")  # noqa: S608
        if self.generation:
            files = [self.generation.file("events", day) for day in self.generation.days()]
            parts.append(f"SELECT * FROM {read(files)}")  # noqa: S608
        source = " UNION ALL BY NAME ".join(parts)
        return f"SELECT * FROM ({source}) WHERE {where}" if parts else "FROM nothing"  # noqa: S608

    def owners(self) -> str:
        """A query for whose the conversations are; a `condition` may ask it."""
        view = next(view for view in library() if view.name == "owners")
        fresh = f"WITH events AS (FROM new_events) {view.code}"
        if self.generation is None:
            return fresh
        # Of a fork that was cut in two by the archive's end, the later part tells.
        anew = "SELECT conversation_id FROM new_events WHERE type IN ('started', 'forked')"
        self._define_archived("owners")
        before = f"FROM archived.owners ANTI JOIN ({anew}) USING (conversation_id)"
        return f"SELECT * {before} UNION ALL BY NAME SELECT * FROM ({fresh})"  # noqa: S608

    def have_grown(self, condition: str) -> bool:
        """Whether there is anything of these conversations that the archive does not hold."""
        asked = f"SELECT 1 FROM new_events WHERE {condition} LIMIT 1"  # noqa: S608
        return bool(self._root.execute(asked).fetchall())

    def of_grown(self, condition: str) -> str:
        """The condition that chooses from these conversations those that have grown."""
        grown = "SELECT conversation_id FROM new_events"
        return f"{condition} AND conversation_id IN ({grown})"

    def unchanged(self, table: str, condition: str) -> str:
        """A query for the archive's rows of those of these conversations that have not grown."""
        self._define_archived(table)
        return (
            f'SELECT * FROM archived."{table}" ANTI JOIN grown USING (conversation_id) '  # noqa: S608
            f"WHERE {condition}"
        )

    def last(self, condition: str) -> str:
        """A query for the position and the time of the last event of these conversations."""
        new = f"SELECT position, recorded_at FROM new_events WHERE {condition}"  # noqa: S608
        if self.generation is None:
            return f"{new} ORDER BY position DESC LIMIT 1"
        self._define_archived("sessions")
        self._define_archived("events")
        position = f"(SELECT max(last_position) FROM archived.sessions WHERE {condition})"  # noqa: S608
        before = f"SELECT position, recorded_at FROM archived.events WHERE position = {position}"  # noqa: S608
        return f"FROM ({new} UNION ALL {before}) ORDER BY position DESC LIMIT 1"

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """What the views are defined in, for whoever has statements of their own."""
        return self._root

    def close(self) -> None:
        for root in (self._root, *(root for root, _ in self._conversations.values())):
            root.close()

    def _holds(self, generation: Generation | None, files: Sequence[Path]) -> bool:
        """Whether an archive is of this log: the chain is the same at the last common position."""
        if generation is None or not generation.is_by_these_definitions():
            return False
        if not files:
            return True
        holding = sources.holding(files, generation.position)
        if holding is None:
            return False
        here = self._root.execute(
            f"SELECT position, chain FROM {read([holding])} "  # noqa: S608
            f"WHERE position <= {generation.position} ORDER BY position DESC LIMIT 1"
        ).fetchone()
        if here is None:
            return False
        archived = [generation.file("events", day) for day in generation.days()]
        there = [generation.as_of] if here[0] == generation.position else archived
        found = self._root.execute(
            f"SELECT position, chain FROM {read(there)} WHERE position = {here[0]}"  # noqa: S608
        ).fetchone()
        return bool(found == here)

    def _last_position(self) -> int:
        if not self._tail:
            return self.archived
        found = self._root.execute(f"SELECT max(position) FROM {read(self._tail)}").fetchone()  # noqa: S608
        return max(self.archived, int(found[0] or 0))

    @property
    def _new(self) -> str:
        return f"position BETWEEN {self.archived + 1} AND {self.position}"

    def _define_sources(self) -> None:
        """The events, those that the archive does not hold, and up to where both go."""
        root, tail = self._root, read(self._tail) if self._tail else "nothing"
        root.execute(f"CREATE TABLE nothing ({sources.EVENTS})")
        root.execute(f"CREATE VIEW new_events AS SELECT * FROM {tail} WHERE {self._new}")  # noqa: S608
        root.execute("CREATE SCHEMA archived")
        if self.generation:
            root.execute("CREATE TABLE grown AS SELECT DISTINCT conversation_id FROM new_events")
        archived = read([self.generation.as_of]) if self.generation else "nothing"
        last = "new_events" if self.position > self.archived else archived
        root.execute(
            f"CREATE TABLE as_of AS SELECT position, recorded_at FROM {last} "  # noqa: S608
            f"WHERE position = {self.position}"
        )

    def _defined(self, views: Sequence[View], conversation_id: str | None) -> Any:
        """Where these views can be asked."""
        if conversation_id is not None:
            root, ready = self._of_one(conversation_id)
        else:
            root, ready = self._root, self._ready
            self._define_events()
        for view in views:
            if view.name in ready:
                continue
            if view.name not in archive.MADE:
                _execute(root, view.statements())
            elif conversation_id is None and self.generation:
                self._define_archived(view.name)
                _define_joined(root, view, self._few)
            else:
                _define_made(root, view, "main", self._few or conversation_id is not None)
            ready.add(view.name)
        return root

    def _define_events(self) -> None:
        """The events, and those of conversations that have grown."""
        if "events" in self._ready:
            return
        self._ready.add("events")
        if self.generation is None:
            self._root.execute("CREATE VIEW events AS FROM new_events")
            return
        self._define_archived("events")
        self._root.execute("CREATE SCHEMA live")
        both = "FROM archived.events UNION ALL BY NAME FROM new_events"
        self._root.execute(f"CREATE VIEW events AS {both}")
        self._root.execute(
            "CREATE VIEW live.events AS SELECT * FROM archived.events "
            "SEMI JOIN main.grown USING (conversation_id) UNION ALL BY NAME FROM main.new_events"
        )

    def _define_archived(self, table: str) -> None:
        """What the archive holds of a view; to open its files takes time."""
        assert self.generation is not None, "there is an archive"  # noqa: S101
        if table not in self._archived:
            files = [self.generation.file(table, day) for day in self.generation.days()]
            self._root.execute(f'CREATE VIEW archived."{table}" AS FROM {read(files)}')
            self._archived.add(table)

    @property
    def _few(self) -> bool:
        """Whether what the archive does not hold is little enough to be kept in memory."""
        return self.position - self.archived <= _FEW

    def _of_one(self, conversation_id: str) -> tuple[Any, set[str]]:
        """A database of one conversation, all in memory, and the views that it has."""
        if conversation_id not in self._conversations:
            while len(self._conversations) >= _AT_HAND:
                self._conversations.popitem(last=False)[1][0].close()
            root = connect()
            root.execute(f"CREATE TABLE nothing ({sources.EVENTS})")
            chosen = self.select(f"conversation_id = {literal(conversation_id)}")
            root.execute(f"CREATE TABLE events AS FROM ({chosen}) ORDER BY version")
            root.execute(
                "CREATE TABLE as_of AS SELECT position, recorded_at FROM events "
                "ORDER BY version DESC LIMIT 1"
            )
            self._conversations[conversation_id] = root, set()
        self._conversations.move_to_end(conversation_id)
        return self._conversations[conversation_id]


def _define_made(root: Any, view: View, schema: str, keep: bool) -> None:
    """One of the views that others read: as a table, if there is room: some do so often."""
    _execute(root, view.macro(schema))
    kind = "TABLE" if keep else "VIEW"
    root.execute(f'CREATE {kind} {schema}."{view.name}" AS {view.query(schema)}')


def _define_joined(root: Any, view: View, keep: bool) -> None:
    """What the archive holds and, computed now, what belongs to conversations that have grown."""
    root.execute("USE live")
    _define_made(root, view, "live", keep)
    root.execute("USE main")
    _execute(root, view.macro())
    root.execute(
        f'CREATE VIEW "{view.name}" AS SELECT * FROM archived."{view.name}" '  # noqa: S608
        f'ANTI JOIN grown USING (conversation_id) UNION ALL BY NAME FROM live."{view.name}"'
    )


def _execute(root: Any, statements: Sequence[str]) -> None:
    for statement in statements:
        root.execute(statement)


def rows(relation: Relation) -> list[tuple[Any, ...]]:
    """The rows of an answer, computed now and all at once. Raises `Unreadable`."""
    with answering():
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
        with answering():
            relation.write_parquet(str(unfinished), compression="zstd")
        unfinished.replace(path)
    except OSError as error:
        raise Unwritable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


@contextmanager
def answering() -> Iterator[None]:
    """Turn what DuckDB finds wrong with a file into a sentence. Raises `Unreadable`."""
    try:
        yield
    except duckdb.Error as error:
        why = str(error).partition("\n")[0]
        raise Unreadable(f"the exported log cannot be read: {why}") from error
