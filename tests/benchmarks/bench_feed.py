"""The feed: how soon a waiting reader learns of a turn, and what a silent one costs."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from time import time

from tests.benchmarks.bench_door import served
from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.http_caller import Caller
from tests.system.serving import Server

TURNS = 300
SILENT = 1000
LINE = "What would you like to drink today?"


def run() -> list[Figure]:
    with served(max_awake=4, warm=1) as (server, _):
        return asyncio.run(_measure(server))


async def _measure(server: Server) -> list[Figure]:
    caller = await Caller.connect(server.port)
    for name in ("told", "silent"):
        body = {"participants": [{"id": "ann", "role": "human"}], "conversation_id": name}
        assert (await caller.post("/v1/conversation/start", body))[0] == 201
    figures = _figures("", await _told(server, caller))
    before = _resident_kb(server.pid)
    path = "/v1/conversation/silent/events"
    silent = [await Reading.begin(server.port, path) for _ in range(SILENT)]
    each_kb = (_resident_kb(server.pid) - before) / SILENT
    figures += _figures(f" beside {SILENT:,} silent readers", await _told(server, caller))
    figures.append(
        Figure("memory of the gateway for each silent reader", each_kb, "kB", 100, "less")
    )
    for reading in silent:
        reading.close()
    await caller.close()
    return figures


def _figures(where: str, turns: "list[Told]") -> list[Figure]:
    what = f"from before the commit of a turn to its event at a reader{where}"
    lags_ms = [turn.from_recording_ms for turn in turns]
    after_answer = median([turn.from_answer_ms for turn in turns])
    note = f"{after_answer:+.1f} ms after the answer of `listen`, which says that it is committed"
    return [
        Figure(f"{what}, p50", median(lags_ms), "ms", 20, "less", note=note),
        Figure(f"{what}, p95", percentile(lags_ms, 95), "ms", 20, "less"),
    ]


async def _told(server: Server, caller: Caller) -> "list[Told]":
    version = server.get("/v1/conversation/told")["version"]
    reading = await Reading.begin(server.port, f"/v1/conversation/told/events?after={version}")
    everything = await Reading.begin(server.port, "/v1/events")
    turns = []
    for _ in range(TURNS):
        events = [asyncio.create_task(reader.event()) for reader in (reading, everything)]
        body = {"speaker_id": "ann", "text": LINE}
        status, _ = await caller.post("/v1/conversation/told/listen", body)
        answered = time()
        assert status == 200
        for event in events:
            recorded, arrived = await event
            turns.append(Told((arrived - recorded) * 1000, (arrived - answered) * 1000))
    for reader in (reading, everything):
        reader.close()
    return turns


@dataclass(frozen=True, slots=True)
class Told:
    """When an event arrived."""

    from_recording_ms: float
    """After its `recorded_at`, which it is given just before it is committed."""
    from_answer_ms: float
    """After the caller whose turn it is was told; negative if before."""


class Reading:
    """A stream of events."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def begin(cls, port: int, path: str) -> "Reading":
        """A stream that has begun."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"
        writer.write(head.encode())
        await reader.readuntil(b"retry: 500\n\n")
        return cls(reader, writer)

    async def event(self) -> tuple[float, float]:
        """When the next event was recorded, and when it was here, in seconds of the epoch."""
        await self._reader.readuntil(b"\ndata: ")
        data = await self._reader.readuntil(b"\n")
        arrived = time()
        return datetime.fromisoformat(json.loads(data)["recorded_at"]).timestamp(), arrived

    def close(self) -> None:
        self._writer.close()


def _resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
