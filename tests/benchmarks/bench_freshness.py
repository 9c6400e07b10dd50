"""How far the exported log is behind its commits, and what exporting costs whoever writes.

The same writers, with and without an export beside them, in turns, so that a busy disk slows both.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from actors.cluster.record import EXPORT_EVERY_S
from analytics.upkeep import compact_beside
from events.durable import DuckDBLog
from events.envelope import Append
from events.segments import DIRECTORY, Follower
from tests.benchmarks.bench_log import LINE, new_id, now
from tests.benchmarks.figures import Figure, percentile

WRITERS = 16
PAUSE_S = 0.04
"""Of each writer between two appends: some 300 events a second, which is a busy server."""
STRETCH_S = 6.0
ROUNDS = 3
ALREADY = 30_000
"""Events in the log before: the last segment is written anew with each export."""


def run() -> list[Figure]:
    with TemporaryDirectory(prefix="bench-freshness-") as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> list[Figure]:
    log = await DuckDBLog.connect(folder / "log.duckdb", clock=now, new_id=new_id)
    epoch = (await log.open("before")).epoch
    for version in range(0, ALREADY, 1000):
        await log.append(Append("before", version, epoch, f"b{version}", (LINE,) * 1000))
    writing = _Writing(log, {f"c{n}": (await log.open(f"c{n}")).epoch for n in range(WRITERS)})
    following = _Following(log, folder / DIRECTORY, writing)
    alone: list[float] = []
    exported: list[float] = []
    compacted: list[float] = []
    for _ in range(ROUNDS):
        alone += await writing.for_a_while()
        async with following.running():
            exported += await writing.for_a_while()
            async with _beside(compact_beside(folder)):
                compacted += await writing.for_a_while()
    await log.close()
    bare = percentile(alone, 99) * 1e3
    return [
        Figure("export behind the commit, at most", max(following.lags), "s", 5, "less"),
        _slowed("  the writer's p99 with it", exported, bare, 1.1),
        _slowed("  and while the archive is made", compacted, bare, 1.1),
    ]


def _slowed(what: str, waits: list[float], bare: float, bar: float) -> Figure:
    slow = percentile(waits, 99) * 1e3
    return Figure(what, slow / bare, "x", bar, "less", 1, f"{slow:.1f} ms against {bare:.1f} ms")


class _Writing:
    def __init__(self, log: DuckDBLog, epochs: dict[str, int]) -> None:
        self._log = log
        self._epochs = epochs
        self._versions = dict.fromkeys(epochs, 0)
        self.committed: list[tuple[float, int]] = []
        """When each append was acknowledged, and its last position at the least."""

    async def for_a_while(self) -> list[float]:
        """Seconds that each append took."""
        waits: list[float] = []
        until = perf_counter() + STRETCH_S
        await asyncio.gather(*(self._write(name, until, waits) for name in self._epochs))
        return waits

    async def _write(self, name: str, until: float, waits: list[float]) -> None:
        while perf_counter() < until:
            version = self._versions[name]
            began = perf_counter()
            append = Append(name, version, self._epochs[name], f"{name}/{version}", (LINE,))
            await self._log.append(append)
            waits.append(perf_counter() - began)
            self._versions[name] += 1
            self.committed.append((perf_counter(), ALREADY + sum(self._versions.values())))
            await asyncio.sleep(PAUSE_S)


class _Following:
    """As the scribe's process does it."""

    def __init__(self, log: DuckDBLog, directory: Path, writing: _Writing) -> None:
        self._follower = Follower(log, directory)
        self._writing = writing
        self.lags: list[float] = []
        """Of each export: how long its oldest event had been committed."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._follower.catch_up()
        self._writing.committed.clear()
        async with _beside(self._follow()):
            yield

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(EXPORT_EVERY_S)
            position = await self._follower.catch_up()
            done = perf_counter()
            there = [at for at, last in self._writing.committed if last <= position]
            self.lags += [done - at for at in there[:1]]
            del self._writing.committed[: len(there)]


@asynccontextmanager
async def _beside(work: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


if __name__ == "__main__":
    for figure in run():
        print(figure)
