"""How fast the log is asked: every view over one long conversation and over a large history.

The history is 36 days of meetings, 1.1 million speech units; the dashboard's is ten million events.
Both are made up by SQL from the same seeded meetings, compacted, and asked as a user would.
"""

import asyncio
import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb

from analytics.compaction import compact
from analytics.library import library
from analytics.sandbox import Question, Sandbox
from analytics.scope import Scope
from analytics.warehouse import Warehouse
from events.segments import DIRECTORY, SEGMENT_ROWS, segment_name
from tests.benchmarks.figures import Figure
from tests.unit.analytics import dialogues, logs

UNITS = int(os.environ.get("BENCH_UNITS", "1100000"))
EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
TURNS = 1000

DASHBOARD = ("daily", "latency_daily", "voices_used", "conversations")
"""What a dashboard shows: days, the latency of each, voices and engines, and conversations."""


def run() -> list[Figure]:
    with TemporaryDirectory(prefix="bench-analytics-") as folder:
        history = _history(Path(folder) / "units", UNITS, TURNS)
        one = _of_one(history)
        history, took = _compacted(history, UNITS)
        first = asyncio.run(_first_asked(history))
        return [one, first, took, *_of_all(history), *_dashboard(Path(folder) / "events")]


def _history(data_dir: Path, turns: int, of_one: int, a_day: int = 30) -> Path:
    """Copies of a meeting, so many a day, until there are as many turns."""
    seed = logs.write_segments(
        data_dir / "seed", dialogues.lines({"m": dialogues.made_up(1, of_one, 4)}), size=10**6
    )
    directory = data_dir / DIRECTORY
    directory.mkdir(parents=True)
    root = duckdb.connect()
    root.execute(f"CREATE TABLE seed AS FROM '{seed / DIRECTORY}/*.parquet'")
    long = root.execute("SELECT count(*) FROM seed").fetchall()[0][0]
    copies = -(-turns // of_one)
    for start in range(0, copies * long, SEGMENT_ROWS):
        first, last = start // long, min(copies - 1, (start + SEGMENT_ROWS) // long)
        query = f"""
            SELECT * REPLACE (
                (copy * {long} + position)::UBIGINT AS position,
                'm' || copy AS conversation_id,
                recorded_at + to_days((copy // {a_day})::INTEGER) AS recorded_at
            )
            FROM (SELECT unnest(range({first}, {last + 1})) AS copy), seed
            WHERE copy * {long} + position BETWEEN {start + 1} AND {start + SEGMENT_ROWS}
            ORDER BY 1
        """  # noqa: S608
        chosen = root.sql(query).select("* EXCLUDE (copy)")
        chosen.write_parquet(str(directory / segment_name(start + 1)))
    return data_dir


def _compacted(data_dir: Path, turns: int) -> tuple[Path, Figure]:
    began = perf_counter()
    compact(data_dir)
    rate = turns / (perf_counter() - began)
    return data_dir, Figure("archive from nothing", rate, "turns/s", 0, "more")


def _seconds(warehouse: Warehouse, name: str, conversation_id: str | None = None) -> float:
    """Until every row has been computed, sorted and read once, columns and all."""
    began = perf_counter()
    relation = warehouse.relation(name, conversation_id)
    relation.query("answer", "SELECT bit_xor(hash(answer)) FROM answer").fetchall()
    return perf_counter() - began


def _of_one(data_dir: Path) -> Figure:
    """The best of three: from the second on, the conversation's events are at hand."""
    seed = Warehouse.open(data_dir / "seed")
    took, first = {}, {}
    for view in library():
        times = [_seconds(seed, view.name, "m") for _ in range(3)]
        took[view.name], first[view.name] = min(times), _first(data_dir / "seed", view.name)
    slowest = max(took, key=lambda name: took[name])
    what = f"any view over one conversation of {TURNS:,} turns"
    note = f"slowest: {slowest}; with nothing at hand, {max(first.values()) * 1e3:.0f} ms at most"
    return Figure(what, took[slowest] * 1e3, "ms", 50, "less", note=note)


async def _first_asked(data_dir: Path) -> Figure:
    """Of the query endpoint: each view of a conversation that nobody has asked for before."""
    sandbox = Sandbox(data_dir)
    await sandbox.prepare()
    took = {}
    for number, view in enumerate(library()):
        asked = Question(f'FROM "{view.name}" ORDER BY ALL', scope=Scope.of(f"m{number}"))
        began = perf_counter()
        await sandbox.ask(asked)
        took[view.name] = perf_counter() - began
        await asyncio.sleep(0.1)  # as people do
    await sandbox.close()
    slowest = max(took, key=lambda name: took[name])
    what = "  asked of the endpoint for the first time, from the archive, p50"
    note = f"{took[slowest] * 1e3:.0f} ms at most: {slowest}"
    return Figure(what, median(took.values()) * 1e3, "ms", 50, "less", note=note)


def _first(data_dir: Path, name: str) -> float:
    """Until the first answer after opening."""
    began = perf_counter()
    warehouse = Warehouse.open(data_dir)
    _seconds(warehouse, name, "m")
    took = perf_counter() - began
    warehouse.close()
    return took


def _of_all(data_dir: Path) -> list[Figure]:
    warehouse = Warehouse.open(data_dir)
    took = {view.name: min(_seconds(warehouse, view.name) for _ in range(2)) for view in library()}
    ordered = sorted(took, key=lambda name: -took[name])
    whole = f"any view over {UNITS:,} turns"
    return [
        Figure(whole, took[ordered[0]], "s", 2, "less", note=f"slowest: {ordered[0]}"),
        *(Figure(f"  {name}", took[name], "s", 2, "less") for name in ordered[:6]),
    ]


def _dashboard(data_dir: Path) -> list[Figure]:
    per_meeting = len(dialogues.lines({"m": dialogues.made_up(1, 100, 3)}))
    history = _history(data_dir, EVENTS * 100 // per_meeting, 100, a_day=1000)
    compact(history)
    warehouse = Warehouse.open(history)
    rounds = [sum(_seconds(warehouse, name) for name in DASHBOARD) for _ in range(3)]
    note = f"first, after opening: {rounds[0]:.2f} s"
    what = f"a dashboard's {len(DASHBOARD)} queries over {warehouse.position:,} events"
    return [Figure(what, min(rounds), "s", 1, "less", note=note)]


if __name__ == "__main__":
    for figure in run():
        print(figure)
