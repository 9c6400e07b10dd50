"""Some conversations of a log in a database of their own, in which no others are."""

from collections.abc import Collection
from typing import Any

from analytics import archive
from analytics.databases import connect
from analytics.library import View, library, needed
from analytics.scope import Scope
from analytics.warehouse import Warehouse, answering


class Part:
    """What a warehouse has of some conversations, each table taken once a view wants it.

    The archive's rows are taken over; what belongs to conversations that have grown since, in the
    schema `live`, is computed from their events.
    """

    def __init__(self, warehouse: Warehouse, scope: Scope) -> None:
        self.connection = connect()
        """In which the views are."""
        self._warehouse = warehouse
        self._there: set[str] = set()
        self._computed: set[str] = set()
        with answering():
            # Of the types that Arrow has not, JSON would arrive as text.
            warehouse.connection.execute("SET arrow_lossless_conversion = true")
            self._seen = scope.condition(warehouse.owners())
            self._grown = warehouse.generation is None or warehouse.have_grown(self._seen)
            self.connection.execute("CREATE SCHEMA live")

    def define(self, reads: Collection[str]) -> None:
        """Have these views there, and what they read."""
        tables, views = _wanted(reads)
        with answering():
            for table in sorted(tables - self._there):
                self._take(table)
            for view in views:
                if view.name not in self._there:
                    kept = view.name in archive.MADE
                    _execute(self.connection, view.macro() if kept else view.statements())
            self._there |= tables | {view.name for view in views}

    def close(self) -> None:
        self.connection.close()

    def _take(self, table: str) -> None:
        root = self.connection
        if table == "as_of":
            self._insert(f"CREATE TABLE main.{table} AS", self._warehouse.last(self._seen))
            return
        if self._grown:
            self._compute(table)
        if self._warehouse.generation is None:
            root.execute(f'CREATE VIEW main."{table}" AS FROM live."{table}"')
            return
        archived = self._warehouse.unchanged(table, self._seen)
        self._insert(f'CREATE TABLE main."{table}" AS', archived)
        if self._grown:
            root.execute(f'INSERT INTO main."{table}" BY NAME FROM live."{table}"')

    def _compute(self, table: str) -> None:
        if not self._computed:
            events = self._warehouse.select(self._warehouse.of_grown(self._seen))
            self._insert("CREATE TABLE live.events AS", events)
            self._computed.add("events")
        self.connection.execute("USE live")
        for view in needed(table):
            if view.name not in self._computed:
                _execute(self.connection, view.macro("live"))
                made = f'CREATE TABLE live."{view.name}" AS {view.query("live")}'
                self.connection.execute(made)
                self._computed.add(view.name)
        self.connection.execute("USE main")

    def _insert(self, into: str, query: str) -> None:
        """Bring rows over from the warehouse, whose files this database cannot open."""
        rows = self._warehouse.connection.sql(query).to_arrow_table()
        self.connection.register("brought", rows)
        self.connection.execute(f"{into} FROM brought")
        self.connection.unregister("brought")


def _wanted(reads: Collection[str]) -> tuple[set[str], list[View]]:
    """The tables that are taken for some views, and the views to be defined over them."""
    wanted = set(reads)
    for view in reversed(library()):
        # A macro can be called with other parameters than those of the table.
        if view.name in wanted and (view.name not in archive.MADE or view.parameters):
            wanted |= view.sources
    tables = wanted & {*archive.TABLES, "as_of"}
    views = [v for v in library() if v.name in wanted]
    return tables, [v for v in views if v.name not in archive.MADE or v.parameters]


def _execute(root: Any, statements: Collection[str]) -> None:
    for statement in statements:
        root.execute(statement)
