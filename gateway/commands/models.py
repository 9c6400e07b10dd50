"""`colloquy models`: where Kokoro's files are, getting them, and whether they are whole."""

from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TransferSpeedColumn
from rich.text import Text

from actors.engines.choice import choose_engine
from actors.engines.models import MANIFEST, check, fetch, find_models
from gateway.commands.views import aside, console, plain_table


def list_models(model_dir: Path) -> None:
    """What is found, and who would speak."""
    out = console()
    found = find_models(model_dir)
    paths = [found.model, found.voices] if found else [model_dir / f.name for f in MANIFEST]
    table = plain_table("file", "size", right=("size",))
    for path in paths:
        table.add_row(Text(str(path)), _megabytes(path.stat().st_size) if found else "missing")
    out.print(table)
    out.print(choose_engine("auto", model_dir).sentence, markup=False)


def check_models(model_dir: Path) -> bool:
    """Compare the files with what was published; whether all of them are right."""
    findings = check(model_dir)
    table = plain_table("file", "found")
    for finding in findings:
        table.add_row(Text(str(finding.file)), Text(finding.problem or "whole", _style(finding.ok)))
    console().print(table)
    return all(finding.ok for finding in findings)


def fetch_models(model_dir: Path, source: str) -> None:
    """Fetch what is not there yet, with progress bars; raises as `actors.engines.models.fetch`."""
    columns = ("[progress.description]{task.description}", BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=aside()) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(name: str, done: int, size: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=size)
            bars.update(tasks[name], completed=done)

        files = fetch(model_dir, source, progress)
    out = console()
    for path in (files.model, files.voices):
        out.print(f"{path} is there, and its checksum is right.", markup=False, soft_wrap=True)


def _style(ok: bool) -> str:
    return "green" if ok else "red"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
