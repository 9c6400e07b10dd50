from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from analytics.plots import PLOTS, Theme
from analytics.plots.tables import Row, Tables
from analytics.report import sentences, write
from gateway.cli import app
from tests.unit.analytics import logs


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    said = logs.heard(1, "ann", "Hello <you>", logs.NOON, logs.NOON.replace(second=2))
    lines = logs.recorded({"c1": [*logs.opening(), said], "c2": logs.opening()})
    return logs.write_segments(tmp_path_factory.mktemp("told"), lines)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


class Given(Tables):
    def __init__(self, *, of_one: bool = True, **views: Sequence[Row]) -> None:
        self._views = views
        self.of_one, self.position = of_one, 1234

    def rows(self, view: str, *needed: str) -> Sequence[Row]:
        found = self._views.get(view, ())
        return [row for row in found if all(row.get(name) is not None for name in needed)]


def turn(number: int, speaker: str, **more: Any) -> Row:
    return {
        "conversation_id": "c", "turn": number, "speaker_id": speaker, "status": "completed",
        "cause": None, "cut_by": None, "heard_text": "", "unheard_text": None, **more,
    }  # fmt: skip


TALK = Given(
    turns=[
        turn(1, "ann"),
        turn(2, "<script>", status="interrupted", heard_text="a <b>", unheard_text="c d",
             cause="barge_in", cut_by="ann"),
    ],
    talk_share=[
        {"conversation_id": "c", "speaker_id": "ann", "share": 0.75, "speech_s": 3.0},
        {"conversation_id": "c", "speaker_id": "<script>", "share": 0.25, "speech_s": 1.0},
    ],
    floor_transfers=[{"transfer_s": 0.5}],
    interruptions=[{"kind": "barge_in"}],
    adjacency=[{"turn": 1, "answered": False}, {"turn": 2, "answered": True}],
    latency=[{"first_audio_ms": 100.0}, {"first_audio_ms": 200.0}],
)  # fmt: skip


class Parsed(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [v or "" for k, v in attrs if k in ("src", "srcset", "href")]


def drawn(name: str, _: Tables, theme: Theme) -> bytes:
    return f"<svg>{name} {theme}</svg>".encode()


def test_the_sentences_say_what_the_tables_come_to() -> None:
    assert list(sentences(TALK)) == [
        "2 speakers took 2 turns.",
        "ann spoke most: 75% of all speech, where an even share would be 50%.",
        "The floor changed hands 1 time, half of them within +0.50 s of the last speaker's end: "
        "later than people in meetings do (+0.14 s).",
        "1 interruption, 1 of them of turns that we spoke.",
        "2 questions, 1 of them without an answer.",
        "Of 2 spoken turns, half sounded within 150 ms and nine in ten within 200 ms of being "
        "asked for.",
        "2 words of 1 turn were not heard by anybody.",
    ]


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert list(sentences(Given())) == ["Nothing has been said."]
    assert list(sentences(Given(turns=[turn(1, "ann")]))) == ["1 speaker took 1 turn."]


def test_the_file_needs_no_other_and_runs_nothing() -> None:
    html = write(TALK, "Conversation <c>", drawn)
    parsed = Parsed(html)
    assert "script" not in parsed.tags
    assert "b" not in parsed.tags
    assert len(parsed.links) == 2 * len(PLOTS)
    assert all(link.startswith("data:image/svg+xml;base64,") for link in parsed.links)
    assert "Conversation &lt;c&gt;" in html
    assert "position 1,234" in html
    assert write(TALK, "Conversation <c>", drawn) == html


def test_of_several_conversations_only_what_can_be_drawn_of_several() -> None:
    parsed = Parsed(write(Given(of_one=False, turns=[turn(1, "ann")]), "All", drawn))
    assert len(parsed.links) == 2 * sum(not plot.of_one for plot in PLOTS.values())


def test_without_matplotlib_it_says_what_is_missing() -> None:
    assert "extra <code>plots</code>" in write(TALK, "c", None)


def test_a_report_by_command(data_dir: Path, tmp_path: Path) -> None:
    for name, asked in {"one": ["c1"], "all": ["--since", "2026-03-01T00:00:00Z"]}.items():
        file = tmp_path / f"{name}.html"
        told = run("report", *asked, "--data-dir", data_dir, "--output", file)
        assert told.exit_code == 0, told.output
        assert "up to position 7" in told.output
        assert "1 speaker took 1 turn." in file.read_text()
    assert "2 conversations since 2026-03-01 00:00" in (tmp_path / "all.html").read_text()


def test_a_plot_by_command(data_dir: Path, tmp_path: Path) -> None:
    svg, png = tmp_path / "t.svg", tmp_path / "t.png"
    for file in (svg, png):
        told = run("plot", "timeline", "c1", "--data-dir", data_dir, "--output", file)
        assert told.exit_code == 0, told.output
    assert svg.read_bytes().startswith(b"<?xml")
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["report"], "Name a conversation, or say --since when."),
        (["report", "nobody"], "No turn of nobody is in the exported log"),
        (["report", "--since", "2099-01-01"], "Nothing was recorded since then."),
        (["report", "c1", "--output", "/no/such/file"], "/no/such/file cannot be written: No such"),
        (["plot", "pie"], "There is no plot 'pie'; there is timeline,"),
        (["plot", "latency", "--theme", "blue"], "There is no theme 'blue'; there is light and"),
        (["plot", "latency", "--output", "x.gif"], "x.gif is neither SVG nor PNG"),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(
    arguments: list[str], sentence: str, data_dir: Path
) -> None:
    told = run(*arguments, "--data-dir", data_dir)
    assert told.exit_code == 2
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
