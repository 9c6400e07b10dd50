"""Whoever may see some conversations is answered as if there were no others."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.compaction import compact
from analytics.library import library
from analytics.sandbox_base import opened
from analytics.scope import Scope
from analytics.warehouse import Warehouse, rows
from events.envelope import Recorded
from tests.unit.analytics import dialogues, logs

OWNERS = {"c0": "k1", "c1": "k1", "c2": "k2", "c3": "k1", "c'4": None}
FORKED = {"c3": "k2"}
"""Copies of another's conversation: the last word on whose they are is that of their fork."""


def owned(line: Recorded) -> Recorded:
    if line.type != "started":
        return line
    return replace(line, data=json.dumps({"owner": OWNERS[line.conversation_id]}))


def forked(lines: list[Recorded]) -> list[Recorded]:
    """The log, in which the fork of a conversation is the last thing that happens."""
    for name, owner in FORKED.items():
        last = max(line.version for line in lines if line.conversation_id == name)
        data = {"source_conversation_id": "c0", "source_version": last, "owner": owner}
        fork = replace(
            lines[-1], position=len(lines) + 1, conversation_id=name, version=last + 1,
            type="forked", data=json.dumps(data),
        )  # fmt: skip
        lines = [*lines, fork]
    return lines


MADE_UP = {name: dialogues.made_up(seed, 10, 2) for seed, name in enumerate(OWNERS)}
LINES = forked([owned(line) for line in dialogues.lines(MADE_UP)])


def alone(place: Path, names: Iterable[str]) -> Warehouse:
    """What there is to tell of some conversations where no others are."""
    lines = [line for line in LINES if line.conversation_id in names]
    return Warehouse.open(logs.write_segments(place, lines, size=10**6))


def nothing_archived(place: Path) -> Path:
    return logs.write_segments(place, LINES)


def all_archived(place: Path) -> Path:
    compact(nothing_archived(place))
    return place


def partly_archived(place: Path) -> Path:
    compact(logs.write_segments(place, LINES[: len(LINES) // 2]))
    return nothing_archived(place)


def nearly_archived(place: Path) -> Path:
    """All but the fork, so that the archive knows the source's owner alone."""
    compact(logs.write_segments(place, LINES[:-1]))
    return nothing_archived(place)


LOGS = (nothing_archived, all_archived, partly_archived, nearly_archived)
SCOPES = {
    "of a key": (Scope(owner="k1"), {"c0", "c1"}),
    "of the key that forked": (Scope(owner="k2"), {"c2", "c3"}),
    "of one conversation": (Scope.of("c'4"), {"c'4"}),
    "of one that is another's": (Scope.of("c2", owner="k1"), set[str]()),
    "of a key with nothing": (Scope(owner="' OR true --"), set[str]()),
}


@pytest.mark.parametrize("write", LOGS)
@pytest.mark.parametrize("whose", SCOPES)
def test_the_rows_of_what_is_seen(
    whose: str, write: Callable[[Path], Path], tmp_path: Path
) -> None:
    scope, names = SCOPES[whose]
    data_dir = write(tmp_path / "log")
    there = alone(tmp_path / "alone", names)
    views = ("turns", "conversations")
    with opened(data_dir, views, scope) as (root, _):
        for name in views:
            found = root.execute(f'FROM "{name}" ORDER BY ALL').fetchall()
            assert found == rows(there.relation(name).order("ALL")), name


def test_every_view_of_a_key_has_the_rows_and_the_columns_of_the_whole(tmp_path: Path) -> None:
    data_dir = partly_archived(tmp_path / "log")
    names = [view.name for view in library()]
    described = {}
    with opened(data_dir, names) as (root, _):
        for name in names:
            described[name] = root.execute(f'DESCRIBE "{name}"').fetchall()
    there = alone(tmp_path / "alone", ("c0", "c1"))
    with opened(data_dir, names, Scope(owner="k1")) as (root, _):
        for view in library():
            assert root.execute(f'DESCRIBE "{view.name}"').fetchall() == described[view.name]
            found = root.execute(f'FROM "{view.name}" ORDER BY {view.order}').fetchall()
            assert found == rows(there.relation(view.name)), view.name


@pytest.mark.parametrize("write", LOGS)
def test_no_word_of_others_is_in_the_database(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    data_dir = write(tmp_path)
    with opened(data_dir, ["events", "turns", "conversations"], Scope(owner="k2")) as (root, _):
        tables = root.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        assert tables
        for schema, table in tables:
            found = root.execute(f'FROM {schema}."{table}"')
            columns = [column[0] for column in found.description]
            if "conversation_id" in columns:
                place = columns.index("conversation_id")
                assert {row[place] for row in found.fetchall()} <= {"c2", "c3"}
