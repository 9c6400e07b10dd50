"""History by day: the same answers as the segments, whole or not at all, and made again."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from analytics import archive
from analytics.archive import newest, script
from analytics.compaction import compact, rebuild
from analytics.warehouse import Warehouse, rows
from events.envelope import Recorded
from events.segments import DIRECTORY, segments
from tests.unit.analytics import dialogues, logs

LINES = dialogues.lines({f"c{seed}": dialogues.made_up(seed, 12, 2) for seed in range(4)})


def over_days(lines: list[Recorded]) -> list[Recorded]:
    """A day passes with each conversation but the last, which begins on the third one's."""

    def day(line: Recorded) -> int:
        return min(2, int(line.conversation_id[1:]))

    return [
        replace(line, recorded_at=line.recorded_at + timedelta(days=day(line))) for line in lines
    ]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return logs.write_segments(tmp_path, over_days(LINES), size=10)


def directory(data_dir: Path) -> Path:
    return data_dir / DIRECTORY / archive.DIRECTORY


def answers(data_dir: Path) -> dict[str, list[tuple[object, ...]]]:
    warehouse = Warehouse.open(data_dir)
    return {name: rows(warehouse.relation(name)) for name in archive.MADE}


def test_history_lies_by_day_and_says_the_same(data_dir: Path) -> None:
    before = answers(data_dir)
    assert compact(data_dir) == len(LINES)
    generation = newest(directory(data_dir))
    assert generation is not None
    assert generation.position == len(LINES)
    assert generation.days() == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert Warehouse.open(data_dir).archived == len(LINES)
    assert answers(data_dir) == before


def test_it_can_be_asked_without_the_segments(data_dir: Path) -> None:
    before = answers(data_dir)
    compact(data_dir)
    for path in segments(data_dir / DIRECTORY):
        path.unlink()
    assert answers(data_dir) == before


@pytest.mark.parametrize("steps", [[5, 20, 40], [30, 31], [1]])
def test_in_steps_it_becomes_what_it_is_at_once(data_dir: Path, steps: list[int]) -> None:
    before, lines = answers(data_dir), over_days(LINES)
    for step in [*steps, len(lines)]:
        logs.write_segments(data_dir, lines[:step], size=10)
        assert compact(data_dir) == step
        assert compact(data_dir) == step
    assert answers(data_dir) == before
    assert len(list(directory(data_dir).glob("[0-9]*"))) == 2


def test_an_archive_by_other_definitions_is_not_believed_and_made_anew(data_dir: Path) -> None:
    before = answers(data_dir)
    compact(data_dir)
    made = newest(directory(data_dir))
    assert made is not None
    (made.path / "definitions").write_text("of an earlier release")
    assert Warehouse.open(data_dir).archived == 0
    assert answers(data_dir) == before
    compact(data_dir)
    assert Warehouse.open(data_dir).archived == len(LINES)


def test_days_that_did_not_grow_are_not_written_again(data_dir: Path) -> None:
    lines = over_days(LINES)
    last_of_c0 = max(line.position for line in lines if line.conversation_id == "c0")
    logs.write_segments(data_dir, lines[:last_of_c0], size=10)
    compact(data_dir)
    first = newest(directory(data_dir))
    logs.write_segments(data_dir, lines, size=10)
    compact(data_dir)
    second = newest(directory(data_dir))
    assert first is not None
    assert second is not None
    old, new = (g.file("turns", "2026-03-01") for g in (first, second))
    assert old.stat().st_ino == new.stat().st_ino


def test_what_was_left_unfinished_is_not_read(data_dir: Path) -> None:
    compact(data_dir)
    unfinished = directory(data_dir) / ".unfinished" / "events"
    unfinished.mkdir(parents=True)
    assert newest(directory(data_dir)) is not None
    rebuild(data_dir)
    assert not unfinished.exists()


def test_an_archive_of_another_log_is_not_believed(data_dir: Path) -> None:
    compact(data_dir)
    other = [replace(line, chain=bytes(31) + b"x") for line in over_days(LINES)]
    logs.write_segments(data_dir, other, size=10)
    assert Warehouse.open(data_dir).archived == 0
    assert rebuild(data_dir) == len(LINES)
    assert Warehouse.open(data_dir).archived == len(LINES)


def test_any_duckdb_can_open_it(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = answers(data_dir)
    compact(data_dir)
    monkeypatch.chdir(directory(data_dir) / "current")
    shell = duckdb.connect()
    shell.execute(script())
    found = shell.sql("SELECT * FROM turn_taking ORDER BY ALL").fetchall()
    assert found == before["turn_taking"]
    assert shell.sql("FROM act_ngrams(n := 2)").fetchall()
    position, at = shell.sql("SELECT position, recorded_at FROM as_of").fetchall()[0]
    assert (position, type(at)) == (len(LINES), datetime)
    monkeypatch.chdir("/")
    elsewhere = duckdb.connect()
    elsewhere.execute(script(directory(data_dir) / "current"))
    assert elsewhere.sql("SELECT * FROM turn_taking ORDER BY ALL").fetchall() == found
