"""Databases kept from one question to the next: the answers of new ones, to the same askers."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.sandbox_base import Base
from analytics.sandbox_kept import Kept
from analytics.scope import EVERYTHING, Scope
from events.segments import DIRECTORY, segments
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, heard, opening

PLENTY = 1 << 30


class Opening:
    """Opens, and counts."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *asked: Any) -> Base:
        self.times += 1
        return Base(*asked)


def write(data_dir: Path, turns: int, word: str = "secret") -> Path:
    said = [heard(n, "ann", f"{word} {n}", NOON, NOON) for n in range(1, turns + 1)]
    lines = {name: [*opening(), *said] for name in ("c1", "c2")}
    return logs.write_segments(data_dir, logs.recorded(dict(lines)))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return write(tmp_path, 1)


@pytest.fixture
def opens() -> Opening:
    return Opening()


@pytest.fixture
def kept(opens: Opening) -> Kept:
    return Kept(PLENTY, opens)


def texts(kept: Kept, data_dir: Path, seen: Collection[str] | None = None) -> list[Any]:
    def read(root: Any, position: int) -> list[Any]:
        found = root.execute("SELECT conversation_id, text FROM turns ORDER BY ALL").fetchall()
        return [position, *found]

    scope = EVERYTHING if seen is None else Scope.of(*seen)
    return kept.ask(read, ["turns"], data_dir, scope)


def test_it_is_opened_once_while_the_log_is_what_it_was(
    kept: Kept, opens: Opening, data_dir: Path
) -> None:
    assert texts(kept, data_dir) == texts(kept, data_dir)
    assert kept.ask(lambda root, _: root.execute("FROM talk_share").fetchall(), ["talk_share"],
                    data_dir)  # fmt: skip
    assert opens.times == 1


def test_what_is_exported_meanwhile_is_in_the_next_answer(kept: Kept, data_dir: Path) -> None:
    assert texts(kept, data_dir)[0] == 8
    write(data_dir, 2)
    assert texts(kept, data_dir) == [
        10, ("c1", "secret 1"), ("c1", "secret 2"), ("c2", "secret 1"), ("c2", "secret 2"),
    ]  # fmt: skip


def test_what_was_erased_is_not_remembered(kept: Kept, data_dir: Path) -> None:
    texts(kept, data_dir)
    texts(kept, data_dir, ["c1"])
    (segment,) = segments(data_dir / DIRECTORY)
    write(data_dir, 1, word="erased")
    assert segments(data_dir / DIRECTORY) == [segment]
    assert texts(kept, data_dir) == [8, ("c1", "erased 1"), ("c2", "erased 1")]
    assert texts(kept, data_dir, ["c1"]) == [8, ("c1", "erased 1")]


def test_askers_do_not_see_what_others_may(kept: Kept, opens: Opening, data_dir: Path) -> None:
    for _ in range(2):
        assert len(texts(kept, data_dir)) == 3
        assert texts(kept, data_dir, ["c1"])[1:] == [("c1", "secret 1")]
    assert opens.times == 2
    assert texts(kept, data_dir, ["c2"])[1:] == [("c2", "secret 1")]
    assert texts(kept, data_dir, [])[1:] == []
    assert opens.times == 4


@pytest.mark.parametrize(
    "change", ["INSERT INTO as_of SELECT * FROM as_of", "DROP VIEW talk_share", "DROP TABLE turns"]
)
def test_nothing_can_be_changed_for_whoever_asks_next(
    kept: Kept, data_dir: Path, change: str
) -> None:
    before = texts(kept, data_dir)
    with pytest.raises(duckdb.Error):
        kept.ask(lambda root, _: root.execute(change), ["turns", "talk_share"], data_dir)
    assert texts(kept, data_dir) == before


@pytest.mark.parametrize("trace", ["CREATE TEMP TABLE turns AS SELECT 1", "SET VARIABLE x = 1"])
def test_nothing_is_left_behind_for_whoever_asks_next(
    kept: Kept, opens: Opening, data_dir: Path, trace: str
) -> None:
    def variable(root: Any, _: int) -> Any:
        return root.execute("SELECT getvariable('x')").fetchone()

    before = texts(kept, data_dir)
    kept.ask(lambda root, _: root.execute(trace) and None, [], data_dir)
    assert texts(kept, data_dir) == before
    assert kept.ask(variable, [], data_dir) == (None,)
    assert opens.times == 1


def test_what_does_not_fit_beside_the_kept_is_tried_once_more_alone(
    kept: Kept, opens: Opening, data_dir: Path
) -> None:
    tries = []

    def greedy(_root: Any, position: int) -> int:
        tries.append(position)
        raise MemoryError

    with pytest.raises(MemoryError):
        kept.ask(greedy, [], data_dir)
    assert len(tries) == 1
    texts(kept, data_dir)
    with pytest.raises(MemoryError):
        kept.ask(greedy, [], data_dir)
    assert len(tries) == 3
    assert opens.times == 3


def test_what_takes_much_memory_is_not_kept(opens: Opening, data_dir: Path) -> None:
    kept = Kept(-1, opens)
    assert texts(kept, data_dir) == texts(kept, data_dir)
    assert opens.times == 2
