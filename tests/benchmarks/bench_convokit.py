"""Linguistic coordination, as ConvoKit computes it too, over the same dialogues.

Both sides begin with what they keep: a corpus in memory, and an exported log. They count the same
thing by the same formula; their lists of function words are their own, so times are compared and
not the scores.
"""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from analytics.compaction import compact
from analytics.warehouse import Warehouse, rows
from tests.benchmarks.figures import Figure, Skipped
from tests.unit.analytics import dialogues, logs

PYTHON = Path(".bench-venv/bin/python")
"""Of the environment that `make bench` installs; ConvoKit is no dependency of ours."""
SCRIPT = Path("tests/benchmarks/convokit_coordination.py")
MEETINGS, TURNS = 20, 1500
ROUNDS = 3


def run() -> list[Figure]:
    _convokit_or_skip()
    said = {f"m{seed}": dialogues.made_up(seed, TURNS, 4) for seed in range(MEETINGS)}
    with tempfile.TemporaryDirectory(prefix="bench-convokit-") as folder:
        place = Path(folder)
        lines = _as_lines(said, place / "said.jsonl")
        live = logs.write_segments(place / "live", dialogues.lines(said), size=20_000)
        archived = logs.write_segments(place / "archived", dialogues.lines(said), size=20_000)
        compact(archived)
        rounds = [(_theirs(lines), _ours(live), _ours(archived)) for _ in range(ROUNDS)]
    bare = median(theirs["coordination_s"] for theirs, _, _ in rounds)
    read = median(theirs["corpus_s"] for theirs, _, _ in rounds)
    what = f"coordination over {MEETINGS * TURNS:,} turns, from"
    note = f"bare: ConvoKit, which took {read:.1f} s to read its corpus before"
    took = {
        "the exported log": [one[1] for one in rounds],
        "the archive": [one[2] for one in rounds],
    }
    return [
        Figure(f"{what} {where}", median(times), "s", bare, "less", bare, note)
        for where, times in took.items()
    ]


def _as_lines(said: Mapping[str, Sequence[dialogues.Said]], path: Path) -> Path:
    rows = (
        {"conversation_id": name, "speaker": turn.speaker, "text": turn.text}
        for name, turns in said.items()
        for turn in turns
    )
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def _convokit_or_skip() -> None:
    found = [PYTHON, "-c", "import convokit"]
    if not PYTHON.exists() or subprocess.run(found, capture_output=True).returncode:
        raise Skipped("ConvoKit is not installed in .bench-venv; `make bench` installs it.")


def _theirs(lines: Path) -> dict[str, float]:
    told = subprocess.run([PYTHON, SCRIPT, lines], capture_output=True, check=True, text=True)
    figures: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return figures


def _ours(log: Path) -> float:
    """Until every row is there, the log having been opened anew."""
    began = perf_counter()
    warehouse = Warehouse.open(log)
    assert rows(warehouse.relation("coordination"))
    took = perf_counter() - began
    warehouse.close()
    return took
