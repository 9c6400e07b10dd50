"""Answers for people and for other programs."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDEST = 48
"""Characters of a cell in a table; longer ones are cut, but not those of a record."""


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], to: TextIO) -> None:
    """Write a header and the rows; null is an empty field, times are RFC 3339 in UTC."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([None if cell is None else _exact(cell) for cell in row] for row in rows)


def show(columns: Sequence[str], rows: Iterable[Sequence[object]], console: Console) -> None:
    """Print a table or, where it would be wider than the console, a record for each row."""
    cells = [[_readable(cell) for cell in row] for row in rows]
    if not cells:
        console.print("no rows")
        return
    table = _table(columns, cells)
    if (
        table.__rich_measure__(console, console.options.update(max_width=10_000)).maximum
        <= console.width
    ):
        console.print(table)
    else:
        _show_records(columns, cells, console)


def _table(columns: Sequence[str], cells: Sequence[Sequence[Text]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True, overflow="ellipsis", max_width=_WIDEST)
    for row in cells:
        table.add_row(*row)
    return table


def _show_records(
    columns: Sequence[str], cells: Sequence[Sequence[Text]], console: Console
) -> None:
    """Leaves out what is null: most of a turn that was heard."""
    for number, row in enumerate(cells, start=1):
        console.rule(f"{number}", align="left", style="dim", characters="-")
        record = Table(box=None, show_header=False, pad_edge=False)
        record.add_column(style="dim", no_wrap=True)
        record.add_column(overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            if cell.plain:
                record.add_row(column, Text(cell.plain))
        console.print(record)


def _exact(cell: object) -> object:
    return f"{cell.isoformat()}Z" if isinstance(cell, datetime) else cell


def _readable(cell: object) -> Text:
    match cell:
        case None:
            return Text("")
        case bool():
            return Text("yes" if cell else "no")
        case int():
            return Text(f"{cell:,}", justify="right")
        case float():
            return Text(f"{cell:,.3f}", justify="right")
        case datetime():
            return Text(f"{cell.isoformat(sep=' ', timespec='milliseconds')}Z")
        case _:
            return Text(str(cell))
