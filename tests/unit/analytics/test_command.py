"""`python -m analytics`, as a person would use it."""

import asyncio
import csv
import io
import re
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from analytics.__main__ import LOG_FILE, main
from analytics.export import show, write_csv
from events.codec import CODEC
from events.durable import DuckDBLog
from events.envelope import Append
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, heard, opening


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    said = heard(1, "ann", 'Two coffees, "please"\nand a roll', NOON, None)
    logs.write_segments(tmp_path, logs.recorded({"c1": [*opening(), said], "c2": opening()}))
    monkeypatch.setenv("COLLOQUY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def test_without_a_view_it_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert re.search("talk_share +One row per conversation and speaker", capsys.readouterr().out)


def test_a_table_and_up_to_where_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["talk_share", "--conversation", "c1"]) == 0
    told = capsys.readouterr()
    assert told.out.split("\n")[3].split() == ["c1", "ann", "1", "6", "1"]
    assert told.err == "up to position 7 of the log\n"


def test_csv_can_be_read_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["turns", "--format", "csv"]) == 0
    printed = capsys.readouterr().out
    (turn,) = csv.DictReader(io.StringIO(printed))
    assert turn["text"] == 'Two coffees, "please"\nand a roll'
    assert (turn["started_at"], turn["duration_s"]) == ("2026-03-01T12:00:00Z", "")
    assert main(["turns", "--format", "csv", "--output", str(tmp_path / "turns.csv")]) == 0
    assert (tmp_path / "turns.csv").read_text() == printed


def test_parquet_goes_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "turns.parquet"
    assert main(["turns", "--format", "parquet", "--output", str(file)]) == 0
    assert duckdb.read_parquet(str(file)).project("speaker_id").fetchall() == [("ann",)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["turm"], "there is no view 'turm'; there is turns, act_ngrams"),
        (["turns", "--data-dir", "/no/such"], "there is no data directory /no/such: name the one"),
        (["turns", "--format", "parquet"], "Parquet goes to a file: name one with --output"),
        (["turns", "--output", "/no/such/file"], "/no/such/file cannot be written: No such file"),
        (["turns", "--format", "parquet", "--output", "/no/such/file"], "cannot be written: No"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)


def test_what_is_too_wide_for_a_table_is_shown_as_records() -> None:
    console = Console(width=30, file=io.StringIO(), color_system=None)
    show(("turn", "text", "voice"), [(1, "a line too long for its place", None)], console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert [line.split()[0] for line in lines] == ["1", "turn", "text", "place"]


def test_square_brackets_are_words_and_no_markup() -> None:
    console = Console(width=80, file=io.StringIO(), color_system=None)
    show(("text",), [("[laughs] well [/b]",)], console)
    assert "[laughs] well [/b]" in console.file.getvalue()  # type: ignore[attr-defined]


def test_an_empty_answer_has_its_header() -> None:
    file = io.StringIO()
    write_csv(("a", "b"), [], file)
    assert file.getvalue() == "a,b\n"


async def _begin_log(data_dir: Path) -> None:
    ids = (f"00000000-0000-7000-8000-{n:012d}" for n in range(1, 100))
    log = await DuckDBLog.connect(data_dir / LOG_FILE, clock=lambda: NOON, new_id=lambda: next(ids))
    epoch = (await log.open("from the log")).epoch
    events = tuple(CODEC.encode_all(opening()))
    await log.append(Append("from the log", 0, epoch, "command", events))
    await log.close()


def test_everything_is_made_again_from_the_log_by_one_command(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_begin_log(data_dir))
    assert main(["rebuild"]) == 0
    assert main(["sessions", "--format", "csv"]) == 0
    told = capsys.readouterr()
    assert "made the segments and the archive again from nothing, up to position 3" in told.err
    assert [line.split(",")[0] for line in told.out.splitlines()[1:]] == ["from the log"]


def test_without_a_log_the_archive_is_made_of_the_segments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["compact"]) == 0
    assert capsys.readouterr().err == "the archive holds up to position 7 of the log\n"
    assert main(["rebuild"]) == 0
    assert "made the archive again" in capsys.readouterr().err
