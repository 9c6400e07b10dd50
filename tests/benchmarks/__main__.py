"""`python -m tests.benchmarks [NAME …]` measures, prints one table, and writes bench.json."""

import json
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.figures import Figure, Skipped, measure

SUITES = (
    "log",
    "fold",
    "door",
    "wake",
    "analytics",
    "freshness",
    "import",
    "convokit",
    "feed",
    "live",
    "memory",
    "understanding",
    "hearing",
    "audible",
    "kokoro",
    "schedule",
)
OUTPUT = Path("bench.json")


def main(names: list[str]) -> int:
    """Run the suites named, or all; 1 if a bar was missed."""
    console = Console(width=None if sys.stdout.isatty() else 170)
    figures: list[Figure] = []
    for name in names or SUITES:
        with console.status(f"measuring: {name} …"), _own_process() as process:
            try:
                figures += process.submit(measure, name).result()
            except Skipped as reason:
                console.print(f"{name} is left out. {reason}")
    console.print(_table(figures))
    OUTPUT.write_text(json.dumps(_report(figures), indent=2) + "\n")
    missed = [figure for figure in figures if not figure.met]
    console.print(f"{len(figures) - len(missed)} of {len(figures)} bars met; figures in {OUTPUT}")
    return 1 if missed else 0


def _own_process() -> ProcessPoolExecutor:
    # What one suite leaves on the heap would slow the next one down.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _table(figures: list[Figure]) -> Table:
    # Wide, also where the output is a file: a figure that is wrapped cannot be read.
    table = Table(title=f"{os.cpu_count()} cores, Python {platform.python_version()}")
    for column in ("what", "measured", "bar", "bare", "", "note"):
        table.add_column(
            column, justify="right" if column in ("measured", "bar", "bare") else "left"
        )
    for figure in figures:
        sign = "≤" if figure.better == "less" else "≥"
        table.add_row(
            figure.what,
            f"{figure.measured:,.4g} {figure.unit}",
            f"{sign} {figure.bar:,g}",
            "" if figure.bare is None else f"{figure.bare:,.4g}",
            "met" if figure.met else "MISSED",
            figure.note,
        )
    return table


def _report(figures: list[Figure]) -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "figures": [{**asdict(figure), "met": figure.met} for figure in figures],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
