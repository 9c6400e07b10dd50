"""Every view equals its written definition, on meetings with ties, live and archived."""

import math
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.compaction import compact
from analytics.library import library
from analytics.warehouse import Warehouse, rows
from tests.properties import measures
from tests.unit.analytics import dialogues, logs
from tests.unit.analytics.dialogues import Said

MEETINGS = {f"m{seed}": dialogues.made_up(seed, turns, 1 + seed % 5) for seed, turns in
            enumerate((120, 90, 60, 1, 2, 3))} | dialogues.real()  # fmt: skip


def assert_same(got: Sequence[Sequence[Any]], wanted: Sequence[Sequence[Any]]) -> None:
    assert len(got) == len(wanted)
    for row, expected in zip(got, wanted, strict=True):
        assert len(row) == len(expected)
        assert all(map(close, row, expected)), f"{row} is not {expected}"


def close(got: Any, wanted: Any) -> bool:
    if isinstance(got, float) and isinstance(wanted, int | float):
        return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-6)
    return bool(got == wanted)


@pytest.fixture(scope="module", params=["live", "archived", "both"])
def warehouse(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    data_dir, lines = tmp_path_factory.mktemp(request.param), dialogues.lines(MEETINGS)
    if request.param == "both":  # the archive ends within a meeting
        logs.write_segments(data_dir, lines[: len(lines) // 3], size=200)
        compact(data_dir)
    logs.write_segments(data_dir, lines, size=200)
    if request.param == "archived":
        compact(data_dir)
    return Warehouse.open(data_dir)


@pytest.mark.parametrize("name", measures.OF_ONE)
def test_a_view_is_its_definition(warehouse: Warehouse, name: str) -> None:
    wanted = [(c, *row) for c in sorted(MEETINGS) for row in measures.OF_ONE[name](MEETINGS[c])]
    assert_same(rows(warehouse.relation(name)), wanted)
    for one in ("m0", "m3"):
        of_one = [row for row in wanted if row[0] == one]
        assert_same(rows(warehouse.relation(name, one)), of_one)


@pytest.mark.parametrize("what", ["act", "emotion"])
def test_transitions_and_their_lift(warehouse: Warehouse, what: str) -> None:
    got = rows(warehouse.relation(f"{what}_transitions"))
    assert rows(warehouse.relation("transitions", reading=what)) == got
    few = {c: MEETINGS[c] for c in ("m0", "m1")}
    assert sum(row[3] for row in got) > 100
    for c, said in few.items():
        of_one = rows(warehouse.relation(f"{what}_transitions", c))
        assert_same(of_one, measures.transitions({c: said}, what))
    if len(MEETINGS) < 10:
        assert_same(got, measures.transitions(MEETINGS, what))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_sequences_of_acts(warehouse: Warehouse, n: int) -> None:
    if len(MEETINGS) < 10:
        assert_same(rows(warehouse.relation("act_ngrams", n=n)), measures.ngrams(MEETINGS, n))
    for c in ("m0", "m4"):
        of_one = rows(warehouse.relation("act_ngrams", c, n=n))
        assert_same(of_one, measures.ngrams({c: MEETINGS[c]}, n))


def test_style_against_the_voices_own_level(warehouse: Warehouse) -> None:
    got = rows(warehouse.relation("style_consistency"))
    assert_same(got, measures.style_consistency(MEETINGS))


def classes() -> dict[str, set[str]]:
    sql = next(view.sql for view in library() if view.name == "function_words")
    lists = re.findall(r"list_has_any\(words, \[(.*?)\]\) AS (\w+)", sql, re.DOTALL)
    return {
        name: {word.replace("''", "'") for word in re.findall(r"'((?:[^']|'')*)'", words)}
        for words, name in lists
    }


def test_coordination(warehouse: Warehouse) -> None:
    assert len(classes()) == 8
    wanted = [
        (c, *row) for c in sorted(MEETINGS) for row in measures.coordination(MEETINGS[c], classes())
    ]
    assert_same(rows(warehouse.relation("coordination")), wanted)


@pytest.mark.parametrize("half_life_s", [0.2, 5, 180])
def test_the_half_life_can_be_any(warehouse: Warehouse, half_life_s: float) -> None:
    wanted = measures.emotion_trajectory(MEETINGS["m0"], half_life_s)
    got = rows(warehouse.relation("emotion_trajectory", "m0", half_life_s=half_life_s))
    assert_same([row[1:] for row in got], wanted)


@pytest.mark.parametrize("pattern", ["Q.*A", "^S", "B+", "Q[^A]*$", "S*", "[SF](B)", "Q|A"])
def test_patterns(warehouse: Warehouse, pattern: str) -> None:
    got = rows(warehouse.relation("patterns", "m0", pattern=pattern))
    assert_same([row[1:] for row in got], measures.patterns(MEETINGS["m0"], pattern))


@pytest.mark.parametrize("feature", ["f0_median_hz", "loudness_lufs"])
def test_entrainment_of_any_feature(warehouse: Warehouse, feature: str) -> None:
    got = rows(warehouse.relation("entrainment", "m1", feature=feature))
    assert_same([row[1:] for row in got], measures.entrainment(MEETINGS["m1"], feature))


def test_all_views_give_the_same_rows_in_every_run(warehouse: Warehouse) -> None:
    again = Warehouse(warehouse._tail, warehouse.generation)
    for name in warehouse.views():
        assert rows(again.relation(name)) == rows(warehouse.relation(name)), name


SAID = st.builds(
    Said,
    speaker=st.sampled_from("ab"),
    start_ms=st.integers(0, 20).map(lambda n: n * 100),
    end_ms=st.integers(0, 20).map(lambda n: n * 100),
    text=st.sampled_from([*dialogues.TEXTS, "", "."]),
    act=st.sampled_from(dialogues.ACTS),
)


@settings(max_examples=6)
@given(st.lists(SAID, min_size=1, max_size=8))
def test_whatever_the_times_nothing_is_made_up(
    tmp_path_factory: pytest.TempPathFactory, said: list[Said]
) -> None:
    lines = dialogues.lines({"c": said})
    asked = Warehouse.open(logs.write_segments(tmp_path_factory.mktemp("odd"), lines))
    for name in asked.views():
        for row in rows(asked.relation(name)):
            assert not any(isinstance(x, float) and not math.isfinite(x) for x in row), name
    for name in ("speech_units", "floor", "floor_turns", "silences", "overlaps", "turn_taking"):
        wanted = [("c", *row) for row in measures.OF_ONE[name](said)]
        assert_same(rows(asked.relation(name)), wanted)
