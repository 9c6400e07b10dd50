"""`python -m tests.benchmarks [NAME …]` measures, prints one table, and writes bench.json."""

import json
import os
import platform
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.figures import Figure

SUITES = ("log", "fold", "door")
OUTPUT = Path("bench.json")


def main(names: list[str]) -> int:
    """Run the suites named, or all; 1 if a bar was missed."""
    console = Console()
    figures: list[Figure] = []
    for name in names or SUITES:
        with console.status(f"measuring: {name} …"):
            figures += import_module(f"tests.benchmarks.bench_{name}").run()
    console.print(_table(figures))
    OUTPUT.write_text(json.dumps(_report(figures), indent=2) + "\n")
    missed = [figure for figure in figures if not figure.met]
    console.print(f"{len(figures) - len(missed)} of {len(figures)} bars met; figures in {OUTPUT}")
    return 1 if missed else 0


def _table(figures: list[Figure]) -> Table:
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
