"""`colloquy models`: where Kokoro's files are, getting them, and whether they are whole."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from actors.engines.choice import choose_engine
from actors.engines.fetching import PUBLISHED_AT, fetch
from actors.engines.models import MANIFEST, PREPARED, check, find_models
from gateway.commands.refusals import WRONG
from gateway.commands.views import aside, console, plain_table
from gateway.settings import read_settings

PROGRESS_OF_STEPS = ("[progress.description]{task.description}", BarColumn())

app = typer.Typer(help="The files of the Kokoro voice model.", no_args_is_help=True)

ModelDir = Annotated[
    Path | None, typer.Option("--model-dir", help="Where the model files are looked for.")
]


@app.command("list")
def _list(model_dir: ModelDir = None) -> None:
    """Say what is where, and who would speak."""
    list_models(_chosen(model_dir))


@app.command("fetch")
def _fetch(
    model_dir: ModelDir = None,
    source: Annotated[
        str, typer.Option("--from", metavar="URL", help="Where the files are published.")
    ] = PUBLISHED_AT,
) -> None:
    """Fetch the files, 354 MB.

    Only what is not there yet, going on where an earlier attempt ended.
    """
    fetch_models(_chosen(model_dir), source)


@app.command("prepare")
def _prepare(
    model_dir: ModelDir = None,
    voices: Annotated[
        bool, typer.Option(help="Also make each voice fit for an early first sound.")
    ] = True,
) -> None:
    """Take the model apart, once, so that it loads faster, keeps less memory and can be directed.

    Serving does it by itself at first use, and a voice when it is first spoken with.
    """
    prepare_models(_chosen(model_dir), voices=voices)


@app.command("check")
def _check(model_dir: ModelDir = None) -> None:
    """Compare the files with those published.

    Ends with 1 if one of them is not right.
    """
    if not check_models(_chosen(model_dir)):
        raise typer.Exit(WRONG)


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
    out = aside()
    speed = TransferSpeedColumn()
    with Progress(*columns, speed, console=out, disable=not out.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(name: str, done: int, size: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=size)
            bars.update(tasks[name], completed=done)

        files = fetch(model_dir, source, progress)
    for path in (files.model, files.voices):
        console().out(f"{path} is there, and its checksum is right.", highlight=False)


def prepare_models(model_dir: Path, *, voices: bool = False) -> None:
    """Prepare the model with a progress bar, and say how far it could be opened.

    With `voices`, do so for each voice too: 20 seconds of a core.

    Raises:
        ModelMissing: there is none in the directory.
        EngineError: it is not whole, or nothing can be written beside it.
    """
    from actors.engines.kokoro_graph import Rung, prepare

    files = choose_engine("kokoro", model_dir).models
    assert files is not None, "kokoro is not chosen without its files"  # noqa: S101
    out = aside()
    with Progress(*PROGRESS_OF_STEPS, console=out, disable=not out.is_terminal) as bars:
        task = bars.add_task("preparing", total=None)

        def progress(step: str, done: int, steps: int) -> None:
            bars.update(task, description=step, completed=done, total=steps)

        prepared = prepare(files.model, files.model.parent / PREPARED, progress)
    console().out(f"{files.model} is prepared: {prepared.rung}.", highlight=False)
    for rung, why in prepared.missed.items():
        console().out(f"Not {rung}: {why}", highlight=False)
    if voices and prepared.directory is not None and prepared.rung is Rung.OPENED:
        _calibrate(prepared.directory, files.voices)


def _calibrate(prepared: Path, voices: Path) -> None:
    from actors.engines.kokoro.calibrating import calibrated

    out, early, late = aside(), 0, []
    columns = (*PROGRESS_OF_STEPS, MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal) as bars:
        task = bars.add_task("voices", total=None)
        for name, calibration, count in calibrated(prepared, voices, os.cpu_count() or 1):
            bars.update(task, advance=1, total=count)
            if calibration.passed:
                early += 1
            else:
                late.append(f"{name} ({calibration.distance:.1f} dB)")
    console().out(f"{early} voices can be heard before a line is finished.", highlight=False)
    if late:
        console().out(f"These are spoken whole: {', '.join(sorted(late))}.", highlight=False)


def _chosen(model_dir: Path | None) -> Path:
    return model_dir or read_settings().model_dir


def _style(ok: bool) -> str:
    return "green" if ok else "red"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
