"""What only a log with a file can do, and survive."""

# ruff: noqa: ASYNC220, ASYNC240  (nothing else runs on these loops)

import asyncio
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from events.durable import DuckDBLog, inspect
from events.high_water import HighWater
from events.log import LogCorrupt, LogInUse, LogTooNew, LogTruncated, LogUnavailable, StaleEpoch
from events.store import HIGH_WATER_SUFFIX, Store
from tests.contracts.logs import an_append, duckdb_log, event, image


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.duckdb"


async def filled(path: Path, events: int = 10) -> DuckDBLog:
    log = await duckdb_log(path)
    await fill(log, "a", events)
    return log


async def fill(log: DuckDBLog, conversation: str, events: int) -> None:
    epoch = (await log.open(conversation)).epoch
    for version in range(events):
        await log.append(an_append(conversation, epoch, version, f"c{version}", (event("hello"),)))


def tamper(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


async def test_a_log_outlives_its_process(path: Path, tmp_path: Path) -> None:
    log = await filled(path)
    events = await log.read_all()
    old = (await log.open("a")).epoch
    killed = image(path, tmp_path / "killed")
    await log.close()
    for left in (killed, path):
        again = await duckdb_log(left)
        assert await again.read_all() == events
        with pytest.raises(StaleEpoch) as refused:
            await again.append(an_append("a", old, 10, "new"))
        assert not refused.value.taken
        opened = await again.open("a")
        assert (opened.epoch > old, opened.events) == (True, events)
        assert await again.append(an_append("a", opened.epoch, 0, "c3")) == (events[3],)
        assert (await again.append(an_append("a", opened.epoch, 10, "new")))[0].position == 11
        assert (await again.verify()).content
        await again.close()


async def test_a_wal_cut_off_at_its_tail_is_noticed(path: Path, tmp_path: Path) -> None:
    log = await filled(path, 30)
    cut = image(path, tmp_path / "cut")
    await log.close()
    wal = cut.with_name(f"{cut.name}.wal")
    before = wal.stat().st_size
    os.truncate(wal, before * 2 // 3)
    with pytest.raises(LogTruncated, match=r"positions \d+ to 30 are missing") as refused:
        await duckdb_log(cut)
    assert 0 < refused.value.found < 30
    assert wal.stat().st_size == before * 2 // 3, "what is refused is left as it was found"
    outcome = await asyncio.to_thread(inspect, cut)
    (damage,) = outcome.damages
    assert damage.position == outcome.last_position + 1 == refused.value.found + 1


async def test_a_flipped_byte_in_the_wal_is_refused(path: Path, tmp_path: Path) -> None:
    log = await filled(path, 30)
    flipped = image(path, tmp_path / "flipped")
    await log.close()
    wal = flipped.with_name(f"{flipped.name}.wal")
    content = bytearray(wal.read_bytes())
    content[content.rindex(b"hello", 0, len(content) // 2)] ^= 0xFF
    wal.write_bytes(content)
    with pytest.raises(LogCorrupt):
        await duckdb_log(flipped)


async def test_a_log_that_vanished_is_noticed(path: Path) -> None:
    await (await filled(path)).close()
    path.unlink()
    with pytest.raises(LogTruncated) as refused:
        await duckdb_log(path)
    assert (refused.value.found, refused.value.promised) == (0, 10)
    assert not path.exists()


@pytest.mark.parametrize(
    ("statement", "damaged"),
    [
        ("UPDATE events SET data = '{}' WHERE position = 4", [(4, "a", 4)]),
        ("UPDATE events SET chain = '\\x00'::BLOB WHERE position = 4", [(4, "a", 4)]),
        ("UPDATE events SET position = 40 WHERE position = 4", [(4, "a", 4)]),
        ("DELETE FROM events WHERE position = 4", [(4, "a", 4)]),
        ("DELETE FROM events WHERE position IN (4, 5, 7)", [(4, "a", 4), (5, "a", 5), (7, "a", 7)]),
        ("INSERT INTO events SELECT * FROM events WHERE position = 4", [(4, "a", 4)]),
    ],
)
async def test_tampering_is_named(
    path: Path, statement: str, damaged: list[tuple[int, str, int]]
) -> None:
    await (await filled(path)).close()
    tamper(path, statement)
    found = inspect(path).damages
    assert [(d.position, d.conversation_id, d.version) for d in found] == damaged


async def test_damage_within_does_not_keep_the_rest_from_being_used(path: Path) -> None:
    await (await filled(path)).close()
    tamper(path, "UPDATE events SET data = '{}' WHERE position = 4")
    log = await duckdb_log(path)
    await fill(log, "b", 3)
    assert [d.position for d in (await log.verify()).damages] == [4]
    await log.close()


async def test_an_altered_end_is_refused(path: Path) -> None:
    await (await filled(path)).close()
    tamper(path, "UPDATE events SET chain = '\\x00'::BLOB WHERE position = 10")
    with pytest.raises(LogCorrupt, match="position 10 is not what was written"):
        await duckdb_log(path)
    assert [d.position for d in inspect(path).damages] == [10]


async def test_a_cut_end_is_refused(path: Path) -> None:
    await (await filled(path)).close()
    tamper(path, "DELETE FROM events WHERE position > 8")
    with pytest.raises(LogTruncated, match="positions 9 to 10 are missing"):
        await duckdb_log(path)


async def test_without_the_proof_a_log_opens_and_epochs_still_grow(path: Path) -> None:
    log = await filled(path)
    old = (await log.open("a")).epoch
    await log.close()
    path.with_name(path.name + HIGH_WATER_SUFFIX).unlink()
    log = await duckdb_log(path)
    assert (await log.open("a")).epoch > old
    await log.close()


async def test_openings_that_the_file_has_lost_are_counted_all_the_same(path: Path) -> None:
    log = await filled(path)
    old = (await log.open("a")).epoch
    await log.close()
    tamper(path, "DELETE FROM openings")
    log = await duckdb_log(path)
    assert (await log.open("a")).epoch > old
    await log.close()


class Lost:
    """A connection to a file that DuckDB has given up."""

    def cursor(self) -> None:
        raise duckdb.FatalException("database has been invalidated")


def test_a_store_knows_that_it_must_be_opened_anew(path: Path) -> None:
    store = Store(path, Lost(), HighWater.take(path.with_suffix(".mark")))
    assert not store.invalid
    with pytest.raises(LogUnavailable, match="cannot be read"):
        store.between(1, 10)
    assert store.invalid


async def test_a_damaged_proof_is_refused(path: Path) -> None:
    await (await filled(path)).close()
    proof = path.with_name(path.name + HIGH_WATER_SUFFIX)
    proof.write_bytes(proof.read_bytes()[:-1] + b"?")
    with pytest.raises(LogCorrupt, match="high-water"):
        await duckdb_log(path)


async def test_one_log_one_owner(path: Path) -> None:
    log = await duckdb_log(path)
    with pytest.raises(LogInUse, match="another"):
        await duckdb_log(path)
    with pytest.raises(LogInUse):
        inspect(path)
    await log.close()
    await (await duckdb_log(path)).close()


async def test_a_foreign_process_in_the_file_is_told_apart(path: Path) -> None:
    await (await filled(path)).close()
    hold = (
        f"import duckdb, sys; c = duckdb.connect({str(path)!r}); print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LogInUse, match="stop it"):
            await duckdb_log(path)
        holder.communicate("\n")
    await (await duckdb_log(path)).close()


async def test_a_newer_format_is_refused(path: Path) -> None:
    await (await filled(path)).close()
    tamper(path, "INSERT INTO log_format VALUES (99)")
    with pytest.raises(LogTooNew, match="format 99"):
        await duckdb_log(path)


GARBAGE = b"shopping list" * 1000


async def test_what_is_no_log_is_refused_with_what_to_do(path: Path) -> None:
    path.write_bytes(GARBAGE)
    with pytest.raises(LogCorrupt, match="is no log: move it away, restore"):
        await duckdb_log(path)
    with pytest.raises(LogCorrupt, match="is no log: move it away, restore"):
        inspect(path)
    assert path.read_bytes() == GARBAGE
    path.unlink()
    tamper(path, "CREATE TABLE groceries (item VARCHAR)")
    with pytest.raises(LogCorrupt, match="not a log"):
        await duckdb_log(path)
    with pytest.raises(LogCorrupt, match="not a log"):
        inspect(path)


@pytest.mark.parametrize("kept", [20, 4096, 5000])
async def test_a_log_that_was_cut_short_is_refused_with_what_to_do(path: Path, kept: int) -> None:
    await (await filled(path)).close()
    os.truncate(path, kept)
    with pytest.raises(LogCorrupt, match=r"is damaged: restore it from a backup"):
        await duckdb_log(path)
    with pytest.raises(LogCorrupt, match=r"is damaged: restore it from a backup"):
        inspect(path)


def test_an_empty_file_is_looked_at_and_left(path: Path) -> None:
    path.touch()
    with pytest.raises(LogUnavailable, match="is empty, nothing was ever recorded"):
        inspect(path)
    assert path.read_bytes() == b""


async def test_an_empty_file_in_the_place_of_a_log_is_a_log_cut_off(path: Path) -> None:
    await (await filled(path)).close()
    os.truncate(path, 0)
    with pytest.raises(LogTruncated, match="positions 1 to 10 are missing"):
        inspect(path)
    with pytest.raises(LogTruncated):
        await duckdb_log(path)
    assert path.read_bytes() == b""


async def test_a_directory_in_the_place_of_a_log_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(LogUnavailable, match="is a directory, not a log: move it away"):
        await duckdb_log(path)
    with pytest.raises(LogUnavailable, match="is a directory"):
        inspect(path)
    assert list(path.parent.iterdir()) == [path]


async def test_a_log_killed_before_it_was_made_is_made(path: Path) -> None:
    path.touch()
    await (await filled(path)).close()


async def test_a_directory_that_is_not_there(path: Path) -> None:
    with pytest.raises(LogUnavailable, match="no directory"):
        await duckdb_log(path.parent / "absent" / "log.duckdb")
    path.mkdir()
    with pytest.raises(LogUnavailable):
        await duckdb_log(path / "")


@contextmanager
def disk_full(at_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (at_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_refuses_and_heals(path: Path) -> None:
    log = await filled(path)
    durable = await log.read_all()
    epoch = (await log.open("a")).epoch
    big = an_append("a", epoch, 10, "big", (event("x" * 1_000_000),))
    wal = path.with_name(f"{path.name}.wal")
    follower = asyncio.ensure_future(anext(aiter(log.follow(after=10))))
    with disk_full(wal.stat().st_size + 100_000):
        waiting = [log.append(big), log.append(big), log.open("a")]
        for outcome in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(outcome, LogUnavailable)
    with disk_full(0), pytest.raises(LogUnavailable):
        await log.last_position()
    with pytest.raises(StaleEpoch) as refused:
        await log.append(big)
    assert not refused.value.taken
    opened = await log.open("a")
    assert opened.events == durable
    assert opened.epoch > epoch
    (recorded,) = await log.append(an_append("a", opened.epoch, 10, "big", big.events))
    assert (recorded.position, await follower) == (11, recorded)
    assert (await log.verify()).content
    await log.close()


async def test_segments_join_without_a_seam(path: Path, tmp_path: Path) -> None:
    log = await filled(path, 25)
    after, files = 0, 0
    while True:
        target = tmp_path / f"segment-{after}.parquet"
        last = await log.export_segment(after, target, 10)
        if last == after:
            break
        after, files = last, files + 1
    assert (after, files) == (25, 3)
    assert sorted(p.name for p in tmp_path.glob("*.parquet*")) == [
        "segment-0.parquet",
        "segment-10.parquet",
        "segment-20.parquet",
    ]
    found = duckdb.sql(
        "SELECT position, event_id, data, recorded_at, chain FROM read_parquet(?) ORDER BY 1",
        params=[f"{tmp_path}/*.parquet"],
    ).fetchall()
    stored = await log.read_all()
    assert found == [
        (e.position, e.event_id, e.data, e.recorded_at.replace(tzinfo=None), e.chain)
        for e in stored
    ]
    with pytest.raises(LogUnavailable):
        await log.export_segment(0, tmp_path / "absent" / "x.parquet", 10)
    await log.close()


async def test_a_conversation_reads_only_its_own(path: Path) -> None:
    log = await duckdb_log(path)
    await asyncio.gather(*(fill(log, name, 7) for name in "abc"))
    for name in "abc":
        events = await log.read(name)
        assert [(e.conversation_id, e.version) for e in events] == [(name, v + 1) for v in range(7)]
        assert {json.loads(e.data)["text"] for e in events} == {"hello"}
    await log.close()
