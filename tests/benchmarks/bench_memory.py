"""Memory over thousands of turns: what is over leaves nothing behind."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tests.benchmarks.bench_door import served
from tests.benchmarks.bench_live import Talk, talking
from tests.benchmarks.figures import Figure
from tests.system.serving import Server, command_line, descendants

WARM_UP = 3000
TURNS = 5000
TURNS_EACH = 50
"""Of one conversation; then another begins."""
TALKERS = 6
WORDS = "Good morning, ", "and welcome to you."
QUIET_S = 10.0
"""Until the log has used a pause to put in order what it still had in memory."""
KINDS = {
    "ConversationActor": "conversations",
    "WorkerProcess": "workers",
    "PoolProcess": "the pool",
    "ScribeProcess": "the scribe",
    "EarProcess": "the ear",
    "ArchiveProcess": "the archive",
    "DirectoryProcess": "the directory",
}


def run() -> list[Figure]:
    with served(max_awake=TALKERS, warm=TALKERS) as (server, _):
        return asyncio.run(_measure(server))


async def _measure(server: Server) -> list[Figure]:
    names = (f"talk-{number}" for number in count())
    await _turns(server, WARM_UP, names)
    await asyncio.sleep(QUIET_S)
    before = _resident_mb(server)
    began = time.perf_counter()
    await _turns(server, TURNS, names)
    took = time.perf_counter() - began
    await asyncio.sleep(QUIET_S)
    after = _resident_mb(server)
    each = f"{TURNS:,} turns after {WARM_UP:,}, {TURNS / took:.0f} a second"
    whole = _figure("all processes", sum(before.values()), sum(after.values()), each)
    return [whole, *(_figure(kind, before[kind], after[kind], each) for kind in before)]


def _figure(kind: str, before_mb: float, after_mb: float, each: str) -> Figure:
    grown = 100 * (after_mb - before_mb) / before_mb
    note = f"{before_mb:.1f} to {after_mb:.1f} MB; {each}"
    return Figure(f"resident memory of {kind}, grown by", grown, "%", 2, "less", note=note)


async def _turns(server: Server, turns: int, names: Iterator[str]) -> None:
    left = iter(range(turns // TURNS_EACH))

    async def talk() -> None:
        for _ in left:
            await talking(server, next(names), _converse)

    await asyncio.gather(*(talk() for _ in range(TALKERS)))


async def _converse(talk: Talk) -> None:
    for _ in range(TURNS_EACH):
        await talk.begin(WORDS[0])
        await talk.end(WORDS[1])
        await talk.until("turn.completed")


def _resident_mb(server: Server) -> dict[str, float]:
    """Of each kind of process."""
    sums: dict[str, float] = defaultdict(float)
    sums["the gateway"] = _resident_kb(server.pid) / 1024
    for pid in descendants(server.pid):
        name = command_line(pid).removeprefix("ray::").split(".")[0].strip()
        if name in KINDS:
            sums[KINDS[name]] += _resident_kb(pid) / 1024
    return dict(sums)


def _resident_kb(pid: int) -> int:
    """Of the process alone: what all have of Ray's object store is as large as its setting."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Rss")}
    return sizes.get("RssAnon", 0) + sizes.get("RssFile", 0)
