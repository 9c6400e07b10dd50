"""Every attack on the query endpoint that is known to us, and what becomes of it."""

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pytest_asyncio

from analytics.sandbox import (
    LimitExceeded,
    Limits,
    NotAllowed,
    Question,
    Sandbox,
    TooManyQuestions,
    WrongSql,
)
from analytics.sandbox_process import discreet
from analytics.scope import EVERYTHING, Scope
from events.segments import DIRECTORY, segment_name
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, heard, opening

pytestmark = pytest.mark.asyncio(loop_scope="module")  # starting a process takes a while

LIMITS = Limits(seconds=20.0, memory_mb=256, rows=50, megabytes=1, threads=1)
ENDLESS = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = {
        name: [*opening(), heard(1, "ann", f"secret of {name}", NOON, NOON)]
        for name in ("c1", "c2")
    }
    return logs.write_segments(tmp_path_factory.mktemp("asked"), logs.recorded(dict(lines)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(data_dir: Path) -> AsyncIterator[Sandbox]:
    asked = Sandbox(data_dir, LIMITS, processes=1)
    yield asked
    await asked.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hurried(data_dir: Path) -> AsyncIterator[Sandbox]:
    asked = Sandbox(data_dir, replace(LIMITS, seconds=0.5), processes=1)
    yield asked
    await asked.close()


async def test_after_a_kill_the_next_question_is_answered(data_dir: Path) -> None:
    sandbox = Sandbox(data_dir, replace(LIMITS, seconds=0.1), processes=1)
    with pytest.raises(LimitExceeded):
        await sandbox.ask(Question("SELECT levenshtein(repeat('ab', 40000), repeat('ba', 40001))"))
    sandbox.limits = LIMITS
    assert await ask(sandbox, "SELECT 1 AS n") == [{"n": 1}]
    await sandbox.close()


async def ask(sandbox: Sandbox, sql: str, params: Any = (), **more: Any) -> list[dict[str, Any]]:
    answer = await sandbox.ask(Question(sql, params, **more))
    data: list[dict[str, Any]] = json.loads(answer.body)["data"]
    return data


async def test_it_answers_with_the_position_up_to_which_it_holds(sandbox: Sandbox) -> None:
    answer = await sandbox.ask(
        Question("SELECT turn, text FROM turns WHERE conversation_id = ?", ["c1"])
    )
    told = json.loads(answer.body)
    assert told["data"] == [{"turn": 1, "text": "secret of c1"}]
    assert [column["name"] for column in told["columns"]] == ["turn", "text"]
    assert (answer.position, answer.rows, answer.truncated) == (8, 1, False)
    assert await ask(sandbox, "SELECT $x + 1 AS n", {"x": 3}) == [{"n": 4}]
    assert await ask(sandbox, "SELECT 1 AS a, 2 AS a -- twice") == [{"a": 1, "a_1": 2}]


async def test_all_kinds_of_values_become_json(sandbox: Sandbox) -> None:
    (row,) = await ask(
        sandbox,
        "SELECT sum(range) AS big, 'nan'::DOUBLE AS nan, 1.5::DECIMAL(5, 2) AS dec, "
        "[1, NULL] AS l, {'a': DATE '2026-03-01'} AS s, 'x'::BLOB AS b, "
        "TIMESTAMPTZ '2026-03-01 12:00:00+02' AS at, "
        "INTERVAL 3 DAY AS i FROM range(3)",
    )
    assert row["big"] == 3
    assert row["nan"] is None
    assert (row["dec"], row["l"], row["s"]) == (1.5, [1, None], {"a": "2026-03-01"})
    assert (row["at"], row["b"]) == ("2026-03-01T10:00:00Z", "78")


async def test_csv_arrow_and_parquet_hold_the_same(sandbox: Sandbox) -> None:
    question = Question("SELECT conversation_id, turn FROM turns ORDER BY ALL")
    csv = (await sandbox.ask(replace(question, format="csv"))).body
    assert csv == b"conversation_id,turn\nc1,1\nc2,1\n"
    arrow = (await sandbox.ask(replace(question, format="arrow"))).body
    parquet = (await sandbox.ask(replace(question, format="parquet"))).body
    rows = [{"conversation_id": "c1", "turn": 1}, {"conversation_id": "c2", "turn": 1}]
    assert pa.ipc.open_stream(arrow).read_all().to_pylist() == rows
    assert pq.read_table(io.BytesIO(parquet)).to_pylist() == rows


READS_FILES = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('{segment}')",
    "SELECT * FROM parquet_metadata('{segment}')",
    "SELECT * FROM parquet_scan('{segment}')",
    "SELECT * FROM '{segment}'",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'https://example.com/a.parquet'",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_duckdb('{segment}')",
    # Allowed by its name where the common table cannot be seen:
    "SELECT * FROM '{segment}', (WITH \"{segment}\" AS (SELECT 1) SELECT 1)",
    "SELECT (SELECT count(*) FROM read_text('/etc/passwd'))",
    "SELECT * FROM turns WHERE text IN (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT 1 UNION ALL SELECT count(*) FROM glob('*')",
    "PIVOT (FROM read_text('/etc/passwd')) ON filename IN ('a') USING count(*)",
    "DESCRIBE SELECT * FROM '{segment}'",
    "SUMMARIZE '{segment}'",
]
CHANGES = [
    "COPY (SELECT 1) TO '{dir}/stolen.csv'",
    "COPY (SELECT 1) TO '{segment}'",
    "EXPORT DATABASE '{dir}/stolen'",
    "ATTACH '{dir}/other.duckdb'",
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '64GB'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET VARIABLE x = 1",
    "RESET memory_limit",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "CALL pragma_version()",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE MACRO m() AS 1",
    "CREATE VIEW turns2 AS SELECT 1",
    "CREATE SECRET s (TYPE s3)",
    "INSERT INTO events SELECT * FROM events",
    "DELETE FROM as_of",
    "UPDATE as_of SET position = 0",
    "DROP VIEW turns",
    "WITH x AS (INSERT INTO as_of VALUES (1, now()) RETURNING *) SELECT * FROM x",
    "WITH x AS (DELETE FROM as_of RETURNING *) SELECT * FROM x",
    "BEGIN",
    "COMMIT; SELECT 1",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW turns",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CHECKPOINT",
    "EXPLAIN ANALYZE SELECT 1",
    "PIVOT turns ON kind USING count(*)",
    "",
    "-- nothing",
]
TELLS_OF_THE_SERVER = [
    "SELECT current_setting('allowed_directories')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_databases()",
    "SELECT sql FROM duckdb_views()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('turns')",
    "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT pg_get_viewdef(1)",
    "SELECT write_log('x')",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SELECT * FROM archived.turns",
    "SELECT * FROM nothing",
]


@pytest.mark.parametrize("attack", [*READS_FILES, *CHANGES, *TELLS_OF_THE_SERVER])
async def test_an_attack_is_refused_and_tells_nothing(
    attack: str, sandbox: Sandbox, data_dir: Path
) -> None:
    segment = data_dir / DIRECTORY / segment_name(1)
    before = segment.read_bytes()
    sql = attack.format(segment=segment, dir=data_dir)
    with pytest.raises((NotAllowed, WrongSql)) as refusal:
        await sandbox.ask(Question(sql))
    told = (
        str(refusal.value).replace(str(segment), "")
        if "{segment}" in attack
        else str(refusal.value)
    )
    assert str(data_dir) not in told
    assert "root:" not in told
    assert segment.read_bytes() == before
    assert os.listdir(data_dir) == [DIRECTORY]


TOO_MUCH = [
    ENDLESS,
    "SELECT count(*) FROM range(100000000) a, range(100000000) b",
    "SELECT levenshtein(repeat('ab', 40000), repeat('ba', 40001))",
    "SELECT length(repeat('x', 2000000000))",
    "SELECT list(range) FROM range(60000000)",
    "SELECT string_agg(range::VARCHAR) FROM range(100000000)",
    "SELECT sleep_ms(60000)",
]


@pytest.mark.parametrize("attack", TOO_MUCH)
async def test_what_takes_too_much_ends_at_the_deadline(attack: str, hurried: Sandbox) -> None:
    async with asyncio.timeout(10):
        with pytest.raises((LimitExceeded, NotAllowed)):
            await hurried.ask(Question(attack))


async def test_an_answer_is_cut_at_so_many_rows_or_bytes_and_says_so(sandbox: Sandbox) -> None:
    many = await sandbox.ask(Question("SELECT * FROM range(10000000)"))
    assert (many.rows, many.truncated) == (LIMITS.rows, True)
    exact = await sandbox.ask(Question("SELECT * FROM range(?)", [LIMITS.rows]))
    assert (exact.rows, exact.truncated) == (LIMITS.rows, False)
    long = await sandbox.ask(Question("SELECT repeat('x', 100000) FROM range(40)"))
    assert long.truncated
    assert 0 < long.rows < 11


@pytest.mark.parametrize(("seen", "count"), [(None, 2), (["c1"], 1), (["c1", "c2"], 2), ([], 0)])
@pytest.mark.parametrize("table", ["turns", "talk_share", "turn_events"])
async def test_what_may_not_be_seen_is_not_there(
    seen: Collection[str] | None, count: int, table: str, sandbox: Sandbox
) -> None:
    sql = "SELECT count(DISTINCT conversation_id) AS n FROM "
    scope = EVERYTHING if seen is None else Scope.of(*seen)
    found = await ask(sandbox, sql + table, scope=scope)
    assert found == [{"n": count}]
    hidden = await ask(
        sandbox, "SELECT data FROM events WHERE contains(data, 'c2')", scope=Scope.of("c1")
    )
    assert hidden == []


async def test_a_name_with_a_quote_is_a_name(sandbox: Sandbox) -> None:
    assert await ask(sandbox, "FROM turns", scope=Scope.of("' OR true --")) == []


async def test_wrong_sql_is_answered_in_duckdbs_words_with_the_place(sandbox: Sandbox) -> None:
    with pytest.raises(WrongSql) as wrong:
        await sandbox.ask(Question("SELECT turn, txt FROM turns"))
    assert 'Referenced column "txt" not found' in str(wrong.value)
    assert "LINE 1: SELECT turn, txt FROM turns\n                     ^" in str(wrong.value)
    with pytest.raises(NotAllowed, match="there is no view 'turms'; there is turns"):
        await sandbox.ask(Question("FROM turms"))
    with pytest.raises(WrongSql, match="depth"):
        await sandbox.ask(Question(f"SELECT {'(' * 2000}1{')' * 2000}"))


async def test_messages_name_no_place_of_this_machine() -> None:
    told = discreet(
        'IO Error: Cannot open "/srv/data/analytics/events-1.parquet" here', "FROM turns"
    )
    assert told == 'IO Error: Cannot open "…" here'
    own = "SELECT '/mine/and/only'::INTEGER"
    assert "/mine/and/only" in discreet("Could not convert string '/mine/and/only'", own)


async def test_a_process_that_was_killed_is_followed_by_another(sandbox: Sandbox) -> None:
    await ask(sandbox, "SELECT 1 AS n")
    (process,) = sandbox._pool._idle
    os.kill(process._process.pid, signal.SIGKILL)
    await process._process.wait()
    assert await ask(sandbox, "SELECT 2 AS n") == [{"n": 2}]


async def test_whoever_gives_up_waiting_leaves_no_process_at_work(data_dir: Path) -> None:
    sandbox = Sandbox(data_dir, replace(LIMITS, seconds=60), processes=1)
    await ask(sandbox, "SELECT 1 AS n")
    (process,) = sandbox._pool._idle
    asked = asyncio.create_task(sandbox.ask(Question(ENDLESS)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not sandbox._pool._idle
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert process._process.returncode == -signal.SIGKILL
    await sandbox.close()


async def test_no_more_wait_than_may(data_dir: Path) -> None:
    sandbox = Sandbox(data_dir, replace(LIMITS, seconds=60), processes=1, most_waiting=0)
    first = asyncio.create_task(sandbox.ask(Question(ENDLESS)))
    await asyncio.sleep(0)
    with pytest.raises(TooManyQuestions):
        await sandbox.ask(Question("SELECT 1"))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await sandbox.close()
