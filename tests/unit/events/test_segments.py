import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.segments import Follower, Segment, next_segment, segment_name, segments, whole_until
from tests.contracts.logs import an_append, duckdb_log, event

ROWS = 10


class FakeLog:
    """Positions 1 to `last`, exported as JSON; may be told to fail at a segment."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.written: list[str] = []
        self.fails_at: str | None = None

    async def last_position(self) -> int:
        return self.last

    def _write(self, path: Path, positions: list[int]) -> None:
        path.write_text(json.dumps(positions))

    async def export_segment(self, after: int, path: Path, limit: int) -> int:
        if path.name == self.fails_at:
            path.with_name(f".{path.name}.unfinished").write_text("half")
            raise OSError("no space left")
        end = min(after + limit, self.last)
        self._write(path, list(range(after + 1, end + 1)))
        self.written.append(path.name)
        return end


def held(directory: Path) -> list[int]:
    return [p for path in segments(directory) for p in json.loads(path.read_text())]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_is_named_after_its_first_position() -> None:
    assert next_segment(0, 1) == Segment("events-00000000000000000001.parquet", 0, 20_000)


@pytest.mark.parametrize(
    ("exported", "last", "first"),
    [(0, 0, None), (0, 3, 1), (3, 3, None), (3, 4, 1), (10, 11, 11), (10, 10, None), (25, 90, 21)],
)
def test_what_to_write_next(exported: int, last: int, first: int | None) -> None:
    following = next_segment(exported, last, ROWS)
    assert (following.after + 1 if following else None) == first


@pytest.mark.parametrize(
    ("firsts", "last", "whole"),
    [
        ([], 0, 0),
        ([], 5, 0),
        ([1], 5, 0),
        ([1, 11], 15, 10),
        ([11, 1, 21], 30, 20),
        ([1, 21], 30, 0),  # a gap
        ([11], 15, 0),
        ([1, 11], 10, None),  # a longer log
        ([1], 0, None),
        ([1, 8], 30, None),  # segments of another size
    ],
)
def test_what_the_files_tell(firsts: list[int], last: int, whole: int | None) -> None:
    assert whole_until(firsts, last, ROWS) == whole


async def test_only_the_tail_is_written_again(tmp_path: Path) -> None:
    log = FakeLog(25)
    follower = Follower(log, tmp_path / "analytics", ROWS)
    assert await follower.catch_up() == 25
    assert log.written == [segment_name(1), segment_name(11), segment_name(21)]
    log.written.clear()
    assert await follower.catch_up() == 25
    assert log.written == []
    log.last = 32
    assert await follower.catch_up() == 32
    assert log.written == [segment_name(21), segment_name(31)]


@settings(max_examples=50)
@given(st.lists(st.integers(0, 70), min_size=1), st.data())
async def test_whatever_happens_the_segments_are_the_log(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], data: st.DataObject
) -> None:
    """Growth, replacement by a shorter log, restarts and crashes in the middle."""
    directory = tmp_path_factory.mktemp("log") / "analytics"
    log = FakeLog(0)
    follower = Follower(log, directory, ROWS)
    for length in lengths:
        log.last = length
        log.fails_at = data.draw(st.sampled_from([None, segment_name(1), segment_name(21)]))
        try:
            await follower.catch_up()
        except OSError:
            log.fails_at = None
            follower = Follower(log, directory, ROWS)
            await follower.catch_up()
        assert held(directory) == list(range(1, length + 1))
        assert not list(directory.glob(".*"))
        if data.draw(st.booleans()):
            follower = Follower(log, directory, ROWS)


async def test_a_missing_file_is_written_again(tmp_path: Path) -> None:
    log = FakeLog(45)
    await Follower(log, tmp_path, ROWS).catch_up()
    (tmp_path / segment_name(11)).unlink()
    assert await Follower(log, tmp_path, ROWS).catch_up() == 45
    assert held(tmp_path) == list(range(1, 46))


async def test_rebuilding_writes_everything_again(tmp_path: Path) -> None:
    log = FakeLog(15)
    follower = Follower(log, tmp_path, ROWS)
    await follower.catch_up()
    (tmp_path / segment_name(1)).write_text("[]")
    assert await follower.rebuild() == 15
    assert held(tmp_path) == list(range(1, 16))


async def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / segment_name(91)).write_text("[]")
    await Follower(FakeLog(5), tmp_path, ROWS).catch_up()
    assert names(tmp_path) == [segment_name(1), "notes.txt"]


async def test_it_follows_the_log_that_lasts(tmp_path: Path) -> None:
    log = await duckdb_log(tmp_path / "log.duckdb")
    directory = tmp_path / "analytics"
    directory.mkdir()
    (directory / f".{segment_name(1)}.unfinished").write_text("half")
    epoch = (await log.open("c")).epoch
    appended = await log.append(an_append("c", epoch, events=(event("one"),) * 15))
    assert await Follower(log, directory, ROWS).catch_up() == 15
    await log.close()
    found = duckdb.read_parquet(f"{directory}/*.parquet").project("position, event_id").order("ALL")
    assert found.fetchall() == [(e.position, e.event_id) for e in appended]
    assert names(directory) == [segment_name(1), segment_name(11)]
