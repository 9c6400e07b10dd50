"""Logs to test with: a clock and ids that can be foretold, and appends in one line."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

from events.durable import DuckDBLog
from events.envelope import Append, NewEvent
from events.memory import MemoryLog


def clock() -> Callable[[], datetime]:
    """A millisecond later each time it is asked."""
    ticks = count()
    return lambda: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(milliseconds=next(ticks))


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: str(UUID(int=next(numbers)))


def memory_log() -> MemoryLog:
    return MemoryLog(clock=clock(), new_id=ids())


async def duckdb_log(path: Path) -> DuckDBLog:
    return await DuckDBLog.connect(path, clock=clock(), new_id=ids(), quiet_s=60)


def event(text: str = "", kind: str = "turn_heard") -> NewEvent:
    return NewEvent(kind, 1, json.dumps({"text": text}))


def an_append(
    conversation: str,
    epoch: int,
    version: int = 0,
    command: str = "command-1",
    events: tuple[NewEvent, ...] = (event("hello"),),
) -> Append:
    return Append(conversation, version, epoch, command, events)


def image(path: Path, into: Path) -> Path:
    """What a killed process would have left behind: its files, as they are now."""
    into.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, into / file.name)
    return into / path.name
