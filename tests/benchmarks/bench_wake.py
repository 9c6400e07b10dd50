"""Waking a long conversation through the door, out of a long log."""

import asyncio
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import httpx

from actors.cluster.settings import LOG_FILE
from tests.benchmarks.bench_log import TURNS, write_long_log
from tests.benchmarks.figures import Figure, percentile
from tests.system.serving import Server

WAKINGS = 40
REST_S = 0.3
"""Between two wakings, for a process to be at hand again."""


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-wake-") as directory:
        data = Path(directory) / "data"
        data.mkdir()
        names, _ = asyncio.run(write_long_log(data / LOG_FILE))
        server = Server(data, max_awake=16, warm=4).start()
        try:
            times = _wakings(server, names)
        finally:
            server.stop()
    what = "a state of 1,000 turns asleep in 1M events, over HTTP, p50"
    note = f"p95 {percentile(times, 95):,.0f} ms"
    return [Figure(what, median(times), "ms", 100, "less", note=note)]


def _wakings(server: Server, names: list[str]) -> list[float]:
    times = []
    with httpx.Client(base_url=server.url) as client:
        client.get("/health")
        for name in names[: 2 * WAKINGS : 2]:
            sleep(REST_S)
            began = perf_counter()
            answer = client.get(f"/v1/conversation/{name}")
            times.append((perf_counter() - began) * 1e3)
            assert answer.json()["turn_count"] == TURNS
    return times
