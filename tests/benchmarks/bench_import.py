"""Dialogues brought in from a file, over HTTP into a started server, beside reading them alone.

The meetings of the directory that `BENCH_DIALOGUES` names or, without it, some that are made up.
"""

import asyncio
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from rich.console import Console

from analytics.imports import Utterance, read
from gateway.commands.importing import bring_to
from tests.benchmarks.dialogues import VARIABLE
from tests.benchmarks.dialogues import read as read_turns
from tests.benchmarks.figures import Figure
from tests.system.serving import Server
from tests.unit.analytics import dialogues

MEETINGS, TURNS = 20, 1500
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        source = _meetings(Path(folder))
        said = [line for line in read(source, "jsonl") if isinstance(line, Utterance)]
        server = Server(Path(folder) / "data").start()
        try:
            rate, cpu_s = _brought(server, source)
        finally:
            server.stop()
    cores = os.cpu_count() or 1
    alone_s = _read_alone(said) / len(said)
    note = f"{cpu_s * 1e6:,.0f} µs of processor time a turn here, {alone_s * 1e6:,.0f} to read it"
    what = f"import of {len(said):,} turns; bare: what reading alone would allow"
    return [Figure(what, rate, "turns/s", 5000, "more", cores / alone_s, note)]


def _meetings(folder: Path) -> Path:
    real = Path(os.environ.get(VARIABLE, "")) / "meetings.jsonl.gz"
    if os.environ.get(VARIABLE) and real.is_file():
        return real
    made_up = folder / "meetings.jsonl"
    lines = (
        {
            "conversation_id": f"m{number}", "speaker": said.speaker, "text": said.text,
            "start_s": said.start_ms / 1e3, "end_s": said.end_ms / 1e3,
        }
        for number in range(MEETINGS)
        for said in dialogues.made_up(number, TURNS, 4)
    )  # fmt: skip
    made_up.write_text("\n".join(map(json.dumps, lines)))
    return made_up


def _brought(server: Server, source: Path) -> tuple[float, float]:
    """Turns a second, and seconds of processor time that the server took for each."""
    before = server.processor_s()
    bringing = bring_to(server.url, None, lambda: read(source, "jsonl"), BEGAN, Console(quiet=True))
    outcome = asyncio.run(bringing)
    assert not outcome.broken
    return outcome.turns / outcome.seconds, (server.processor_s() - before) / outcome.turns


def _read_alone(said: list[Utterance]) -> float:
    """Seconds of processor time that it takes to read them in one process, and to fold."""
    conversations: dict[str, list[dict[str, object]]] = {}
    for line in said:
        row = {"speaker": line.speaker, "text": line.text, "start_s": line.start, "end_s": line.end}
        conversations.setdefault(line.conversation_id, []).append(row)
    began = process_time()
    for rows in conversations.values():
        for _ in read_turns(rows):
            pass
    return process_time() - began
