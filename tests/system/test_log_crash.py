"""A log whose process is killed at any moment has kept its word."""

import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

from events.durable import DuckDBLog
from tests.contracts.logs import duckdb_log
from tests.system.appender import BATCH, OPENING

ROOT = Path(__file__).parents[2]


def command(path: Path) -> list[str]:
    return [sys.executable, "-m", "tests.system.appender", str(path)]


def killed_after(path: Path, acknowledgements: int) -> list[str]:
    """Let a process append until it has said so often that it has; kill it; what did it say?"""
    with subprocess.Popen(command(path), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{OPENING}\n"
        said = [process.stdout.readline() for _ in range(acknowledgements)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return [line.strip() for line in said if line.endswith("\n")]


async def check(path: Path, acknowledged: set[str]) -> DuckDBLog:
    log = await duckdb_log(path)
    stored = Counter(e.command_id for e in await log.read_all(limit=1_000_000))
    assert acknowledged <= stored.keys(), "something acknowledged was lost"
    assert set(stored.values()) <= {BATCH}, "part of an append was stored, or it was stored twice"
    outcome = await log.verify()
    assert outcome.content, outcome.damages
    assert outcome.events == sum(stored.values())
    return log


async def test_killed_again_and_again(tmp_path: Path) -> None:
    path, random, acknowledged = tmp_path / "log.duckdb", Random(1), set[str]()  # noqa: S311
    for _ in range(8):
        acknowledged.update(killed_after(path, random.randint(1, 600)))
        log = await check(path, acknowledged)
        await log.close()
    assert len(acknowledged) > 600


def test_killed_while_it_is_made(tmp_path: Path) -> None:
    """Whatever moment of its creation a log dies at, the next process can use it."""
    for moment_ms in range(0, 60, 6):
        path = tmp_path / f"log-{moment_ms}.duckdb"
        with subprocess.Popen(
            command(path), cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"{OPENING}\n"
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=moment_ms / 1000)
            process.kill()
        assert killed_after(path, 1)
