"""How fast the log takes, gives back and checks what it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TypeVar

import duckdb
import uuid_utils

from events.codec import CODEC
from events.durable import DuckDBLog
from events.envelope import Append, NewEvent
from events.replay import replay
from tests.benchmarks.bench_fold import coffee
from tests.benchmarks.figures import Figure, percentile

LINE = NewEvent(
    "turn_heard",
    1,
    '{"type":"turn_heard","turn_id":"turn-000042","speaker_id":"alice","text":"And so I said to '
    'him that it would not do at all, not on a Sunday.","heard_at":"2026-03-01T09:00:00.000000Z"}',
)
T = TypeVar("T")
EVENTS = 1_000_000
TURNS = 1000


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    return str(uuid_utils.uuid7())


def run() -> list[Figure]:
    with TemporaryDirectory(prefix="bench-log-") as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> list[Figure]:
    one = await _one_at_a_time(folder)
    return [one, *await _producers(folder), *await _long_log(folder)]


async def _connect(path: Path) -> DuckDBLog:
    return await DuckDBLog.connect(path, clock=now, new_id=new_id)


async def _one_at_a_time(folder: Path, appends: int = 400) -> Figure:
    """Ours and the bare thing in turns, so that a busy disk slows both."""
    log = await _connect(folder / "single.duckdb")
    bare = duckdb.connect(str(folder / "bare.duckdb"))
    bare.execute(files("events").joinpath("schema.sql").read_text())
    epoch = (await log.open("a")).epoch
    ours: list[float] = []
    theirs: list[float] = []
    for version in range(appends):
        command, event_id, at = new_id(), new_id(), datetime(2026, 3, 1)
        row = [
            version,
            "a",
            version,
            event_id,
            LINE.type,
            1,
            epoch,
            command,
            at,
            bytes(32),
            LINE.data,
        ]
        began = perf_counter()
        await log.append(Append("a", version, epoch, command, (LINE,)))
        between = perf_counter()
        bare.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        theirs.append(perf_counter() - between)
        ours.append(between - began)
    bare.close()
    await log.close()
    return Figure(
        "durable append, one at a time, against a bare DuckDB commit",
        median(ours) / median(theirs),
        "x",
        2,
        "less",
        1,
        f"{median(ours) * 1000:.2f} ms against {median(theirs) * 1000:.2f} ms",
    )


async def _producers(folder: Path, producers: int = 1000, appends: int = 60) -> list[Figure]:
    log = await _connect(folder / "many.duckdb")
    waits: list[float] = []

    async def produce(name: str, epoch: int) -> None:
        for version in range(appends):
            began = perf_counter()
            await log.append(Append(name, version, epoch, f"{name}-{version}", (LINE,)))
            waits.append(perf_counter() - began)

    names = [f"conversation-{n}" for n in range(producers)]
    epochs = [(await log.open(name)).epoch for name in names]
    began = perf_counter()
    await asyncio.gather(*(produce(n, e) for n, e in zip(names, epochs, strict=True)))
    rate = producers * appends / (perf_counter() - began)
    await log.close()
    return [
        Figure("durable events, 1,000 producers", rate, "/s", 20_000, "more"),
        Figure(
            "  and the slowest in a hundred waited", percentile(waits, 99) * 1e3, "ms", 100, "less"
        ),
    ]


async def _long_log(folder: Path) -> list[Figure]:
    path = folder / "long.duckdb"
    (names, total), took_s = await _timed(lambda: write_long_log(path))
    log, reopened = await _timed(lambda: _connect(path))
    woken = [(await _timed(lambda name=name: _wake(log, name)))[1] for name in names[7::70]]  # type: ignore[misc]
    outcome, checked = await _timed(log.verify)
    assert outcome.content
    assert outcome.events == total
    size = path.stat().st_size / 2**20
    await log.close()
    what, note = "wake a conversation of 1,000 turns out of 1M events", f"{size:.0f} MiB"
    return [
        Figure(what, median(woken) * 1e3, "ms", 100, "less"),
        Figure("open a log of 1M events", reopened * 1e3, "ms", 2000, "less", note=note),
        Figure("append 1M events, three at a time", total / took_s, "events/s", 0, "more"),
        Figure("verify", total / checked, "events/s", 0, "more"),
    ]


async def write_long_log(path: Path) -> tuple[list[str], int]:
    """Write `EVENTS` and a few more: talks of a thousand turns each, mixed evenly.

    Returns the names of the conversations, and the number of events.
    """
    log = await _connect(path)
    talk = CODEC.encode_all(coffee(TURNS))
    names = [f"c{number}" for number in range(-(-EVENTS // len(talk)))]
    await _mixed(log, names, talk)
    await log.close()
    return names, len(names) * len(talk)


async def _mixed(log: DuckDBLog, names: Sequence[str], talk: Sequence[NewEvent]) -> None:
    epochs = {name: (await log.open(name)).epoch for name in names}
    for start in range(0, len(talk), 3):
        events = tuple(talk[start : start + 3])
        await asyncio.gather(
            *(
                log.append(Append(name, start, epoch, _command(name, start), events))
                for name, epoch in epochs.items()
            )
        )


def _command(name: str, version: int) -> str:
    return sha256(f"{name} {version}".encode()).hexdigest()[:32]


async def _wake(log: DuckDBLog, name: str) -> None:
    opened = await log.open(name)
    assert replay(name, opened.events).state.turn_count == TURNS


async def _timed(work: Callable[[], Awaitable[T]]) -> tuple[T, float]:
    began = perf_counter()
    return await work(), perf_counter() - began


if __name__ == "__main__":
    for figure in run():
        print(figure)
