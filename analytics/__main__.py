"""Ask the log: `python -m analytics` lists the views, `python -m analytics VIEW` answers one.

`python -m analytics compact` brings the archive up to the log, `rebuild` makes everything that the
answers are read from again, and `script` prints the views as SQL for any DuckDB over the archive.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from uuid_utils import uuid7

from analytics.archive import DIRECTORY as ARCHIVE
from analytics.archive import script
from analytics.compaction import compact, rebuild
from analytics.export import show, write_csv
from analytics.library import library
from analytics.warehouse import (
    AnalyticsError,
    Relation,
    UnknownView,
    Unwritable,
    Warehouse,
    rows,
    write_parquet,
)
from events.durable import DuckDBLog
from events.log import LogError, LogInUse
from events.segments import DIRECTORY, Follower

LOG_FILE = "log.duckdb"
GENTLY = 19
"""Niceness of what nobody waits for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 2 for what could not be asked or answered."""
    asked = _parser().parse_args(arguments)
    errors = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        if asked.view is None:
            _list_views()
        elif asked.view in _UPKEEP:
            if asked.gently:
                os.nice(GENTLY)
            errors.print(_UPKEEP[asked.view](asked.data_dir))
        else:
            position = _answer(asked)
            errors.print(f"up to position {position:,} of the log")
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (AnalyticsError, LogError, OSError) as error:
        errors.print(f"analytics: {error}")
        return 2
    return 0


def _compact(data_dir: Path) -> str:
    return f"the archive holds up to position {compact(data_dir):,} of the log"


def _rebuild(data_dir: Path) -> str:
    """Segments too, if no server has the log open; else those that it keeps up to date."""
    log = data_dir / LOG_FILE
    again = "the archive"
    if log.exists():
        try:
            asyncio.run(_export(log, data_dir / DIRECTORY))
            again = "the segments and the archive"
        except LogInUse:
            again = "the archive, not the segments, which the server that has the log open keeps,"
    return f"made {again} again from nothing, up to position {rebuild(data_dir):,}"


async def _export(log_file: Path, directory: Path) -> None:
    log = await DuckDBLog.connect(
        log_file, clock=lambda: datetime.now(UTC), new_id=lambda: str(uuid7())
    )
    try:
        await Follower(log, directory).rebuild()
    finally:
        await log.close()


def _script(data_dir: Path) -> str:
    place = data_dir.resolve() / DIRECTORY / ARCHIVE / "current"
    print(script(place))  # noqa: T201
    return f"views over {place}, wherever it is run"


_UPKEEP: dict[str, Callable[[Path], str]] = {
    "compact": _compact,
    "rebuild": _rebuild,
    "script": _script,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analytics", description="Ask the log.")
    parser.add_argument(
        "view",
        nargs="?",
        metavar="VIEW",
        help="what to ask; none lists them all; or compact, rebuild, script",
    )
    parser.add_argument("--conversation", metavar="ID", help="only this one")
    parser.add_argument("--format", choices=("table", "csv", "parquet"), default="table")
    parser.add_argument("--gently", action="store_true", help="give way to all that runs here")
    parser.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        default=Path(os.environ.get("COLLOQUY_DATA_DIR") or "data"),
        help="where the server keeps the log (default: COLLOQUY_DATA_DIR, or data)",
    )
    return parser


def _list_views() -> None:
    views = sorted(library(), key=lambda view: view.name)
    show(("view", "a row is"), [(view.name, view.summary) for view in views], Console())


def _answer(asked: argparse.Namespace) -> int:
    if asked.format == "parquet" and asked.output is None:
        raise Unwritable("Parquet goes to a file: name one with --output")
    known = sorted(view.name for view in library())
    if asked.view not in known:
        raise UnknownView(asked.view, known)
    warehouse = Warehouse.open(asked.data_dir)
    relation = warehouse.relation(asked.view, asked.conversation)
    if asked.format == "parquet":
        write_parquet(relation, asked.output)
    else:
        _write_text(relation, asked)
    return warehouse.position


def _write_text(relation: Relation, asked: argparse.Namespace) -> None:
    try:
        opened = asked.output.open("w", newline="") if asked.output else nullcontext(sys.stdout)
    except OSError as error:
        raise Unwritable(f"{asked.output} cannot be written: {error.strerror}") from error
    with opened as file:
        if asked.format == "csv":
            write_csv(relation.columns, rows(relation), file)
        else:
            show(relation.columns, rows(relation), Console(file=file))


if __name__ == "__main__":
    sys.exit(main())
