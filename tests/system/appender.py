"""Appends to the log named by its argument, says what was acknowledged, never stops by itself."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import uuid_utils

from events.durable import DuckDBLog
from events.envelope import Append, NewEvent

WRITERS = 20
OPENING = "opening"
"""What is said before the log is opened."""
BATCH = 3
"""Events of one append."""


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid_utils.uuid7())


async def talk(log: DuckDBLog, name: str) -> None:
    opened = await log.open(name)
    version = len(opened.events)
    events = (NewEvent("turn_heard", 1, '{"text":"still here"}'),) * BATCH
    while True:
        command = f"{name}-{version}"
        await log.append(Append(name, version, opened.epoch, command, events))
        # One write of a short line: whole in the pipe, or not there.
        sys.stdout.write(f"{command}\n")
        sys.stdout.flush()
        version += BATCH


async def main(path: Path) -> None:
    sys.stdout.write(f"{OPENING}\n")
    sys.stdout.flush()
    log = await DuckDBLog.connect(path, clock=now, new_id=new_id, quiet_s=0.02)
    await asyncio.gather(*(talk(log, f"conversation-{n}") for n in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
