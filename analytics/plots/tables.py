"""The rows of views, as far as the views and their columns are there."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from analytics.sandbox_base import names

Row: TypeAlias = Mapping[str, Any]


class Database(Protocol):
    """A connection on which the views are defined."""

    def execute(self, sql: str) -> Any: ...


class Tables:
    """What plots read. Answers are kept: several plots ask for the same.

    Args:
        of_one: Whether the rows are those of a single conversation.
        position: The last position of the log that they know.
    """

    def __init__(self, database: Database, *, of_one: bool, position: int) -> None:
        self._database = database
        self._kept: dict[str, list[Row]] = {}
        self.of_one = of_one
        self.position = position

    def rows(self, view: str, *needed: str) -> Sequence[Row]:
        """The rows of a view in which none of the needed columns is null, or missing."""
        if view not in self._kept:
            self._kept[view] = self._read(view)
        return [
            row for row in self._kept[view] if all(row.get(name) is not None for name in needed)
        ]

    def _read(self, view: str) -> list[Row]:
        if view not in names():
            return []
        answer = self._database.execute(f'FROM "{view}" ORDER BY ALL')
        columns = [column[0] for column in answer.description]
        return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
