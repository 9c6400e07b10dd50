import re
from dataclasses import replace
from pathlib import Path

import pytest

from analytics import queries
from analytics.library import library, needed
from analytics.warehouse import (
    BadParameter,
    NoDataDir,
    UnknownView,
    Unreadable,
    Unwritable,
    Warehouse,
    write_parquet,
)
from analytics.warehouse import rows as rows_of
from events.segments import DIRECTORY, segment_name, segments
from events.turns import Event, Forked
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, begun, completed, heard, opening

DIALOGUE: list[Event] = [
    *opening(),
    heard(1, "ann", "Hello?", NOON, NOON),
    begun(2, "t2", "bob", "Hi!", NOON),
    completed("t2", 1.5),
]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return logs.write_segments(tmp_path, logs.recorded({"c1": DIALOGUE, "c2": DIALOGUE}), size=5)


def test_each_view_has_a_function_of_its_name_and_says_what_it_is(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    assert {"turns", "speech_units", "conversations"} < set(warehouse.views())
    for view in library():
        assert view.summary.startswith("One row per ")
        assert "Source: " in view.definition
        function = getattr(queries, view.name)
        assert function(warehouse).columns == warehouse.relation(view.name).columns


def test_a_view_comes_after_those_that_it_reads() -> None:
    assert [view.name for view in needed("talk_share")] == ["turn_events", "turns", "talk_share"]


def test_an_empty_directory_gives_empty_views_with_the_same_columns(
    data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    full, empty = Warehouse.open(data_dir), Warehouse.open(tmp_path_factory.mktemp("empty"))
    assert empty.position == 0
    for name in full.views():
        assert rows_of(empty.relation(name)) == []
        assert empty.relation(name).columns == full.relation(name).columns
        assert empty.relation(name).types == full.relation(name).types


def test_no_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoDataDir, match="no data directory"):
        Warehouse.open(tmp_path / "elsewhere")


def test_an_unknown_view_is_answered_with_its_neighbours(data_dir: Path) -> None:
    with pytest.raises(UnknownView, match=r"no view 'turm'; there is turns"):
        Warehouse.open(data_dir).relation("turm")
    with pytest.raises(UnknownView, match=r"there is act_ngrams, act_transitions, "):
        Warehouse.open(data_dir).relation("qqqq")


@pytest.mark.parametrize(
    ("view", "told", "sentence"),
    [
        ("turns", {"n": 1}, "turns takes no 'n'; its parameters: none"),
        ("balance", {"windows": 1}, "takes no 'windows'; its parameters: window_s, step_s"),
        ("balance", {"step_s": 0}, "step_s cannot be 0: it has to be above 0"),
        ("balance", {"step_s": float("nan")}, "step_s is a number, not nan"),
        ("act_ngrams", {"n": 2.5}, "n is a whole number, not 2.5"),
        ("patterns", {"pattern": 3}, "pattern is text, not 3"),
    ],
)
def test_a_parameter_that_cannot_be_is_said(
    data_dir: Path, view: str, told: dict[str, float], sentence: str
) -> None:
    with pytest.raises(BadParameter, match=re.escape(sentence)):
        Warehouse.open(data_dir).relation(view, **told)


def test_a_regular_expression_that_is_none_is_an_error(data_dir: Path) -> None:
    with pytest.raises(BadParameter, match="pattern"):
        rows_of(Warehouse.open(data_dir).relation("patterns", pattern="Q("))


def test_text_in_a_parameter_is_never_sql(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    assert rows_of(warehouse.relation("patterns", pattern="'; DROP VIEW turns; --")) == []


def test_what_is_exported_later_does_not_change_an_answer(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    before = rows_of(queries.turns(warehouse))
    so_far = logs.recorded({"c1": DIALOGUE, "c2": DIALOGUE})
    later = [
        replace(line, position=line.position + len(so_far))
        for line in logs.recorded({"c3": DIALOGUE, "c4": DIALOGUE})
    ]
    logs.write_segments(data_dir, [*so_far, *later], size=5)
    assert rows_of(queries.turns(warehouse)) == before
    assert len(rows_of(queries.turns(Warehouse.open(data_dir)))) == 2 * len(before)


def test_one_conversation_is_asked_as_if_there_were_no_other(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    of_all = queries.voices_used(warehouse).project("turns, audio_s, conversations")
    of_one = queries.voices_used(warehouse, "c2").project("turns, audio_s, conversations")
    assert (of_all.fetchall(), of_one.fetchall()) == ([(2, 3.0, 2)], [(1, 1.5, 1)])
    assert rows_of(queries.turns(warehouse, "c' OR 'x")) == []


def test_what_a_fork_copied_is_marked_and_not_counted_again(tmp_path: Path) -> None:
    fork = [*DIALOGUE, Forked(source_conversation_id="c1", source_version=len(DIALOGUE))]
    lines = logs.recorded({"c1": DIALOGUE, "c2": [*fork, begun(3, "t3", "bob", "New", NOON)]})
    warehouse = Warehouse.open(logs.write_segments(tmp_path, lines))
    copied = queries.turns(warehouse, "c2").project("turn_id, copied").fetchall()
    assert copied == [("t1", True), ("t2", True), ("t3", False)]
    assert queries.voices_used(warehouse).project("turns").fetchall() == [(2,)]


def test_an_erased_conversation_has_no_turns(tmp_path: Path) -> None:
    lines = logs.recorded({"c1": DIALOGUE, "c2": DIALOGUE})
    erased = [replace(line, data="") if line.conversation_id == "c1" else line for line in lines]
    warehouse = Warehouse.open(logs.write_segments(tmp_path, erased))
    found = queries.turns(warehouse).project("conversation_id, role").fetchall()
    assert found == [("c2", "human"), ("c2", "agent")]


def test_a_damaged_segment_is_named(data_dir: Path) -> None:
    (data_dir / DIRECTORY / segment_name(6)).write_bytes(b"not Parquet at all")
    with pytest.raises(Unreadable, match=segment_name(6)):
        Warehouse.open(data_dir)


def test_a_segment_that_was_removed_is_named(data_dir: Path) -> None:
    warehouse = Warehouse.open(data_dir)
    for path in segments(data_dir / DIRECTORY):
        path.unlink()
    with pytest.raises(Unreadable, match="cannot be read"):
        rows_of(queries.turns(warehouse))


def test_parquet_is_written_whole_or_not_at_all(data_dir: Path, tmp_path: Path) -> None:
    turns = queries.turns(Warehouse.open(data_dir))
    write_parquet(turns, tmp_path / "turns.parquet")
    with pytest.raises(Unwritable, match="No such file or directory"):
        write_parquet(turns, tmp_path / "nowhere" / "turns.parquet")
    assert sorted(path.name for path in tmp_path.glob("**/*turns*")) == ["turns.parquet"]
