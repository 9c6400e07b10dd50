"""What docs/analytics.md tells people to type, typed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from analytics.compaction import compact
from tests.unit.analytics import dialogues, logs

DOCUMENT = (Path(__file__).parents[3] / "docs" / "analytics.md").read_text()


def block(language: str, holding: str) -> str:
    """The one block of the document in a language that has these words."""
    blocks = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.S)
    (found,) = [text for text in blocks if holding in text]
    return str(found)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where somebody works who has a log beside them."""
    place = tmp_path_factory.mktemp("desk")
    said = {f"c{seed}": dialogues.made_up(seed, 10, 2) for seed in range(3)}
    compact(logs.write_segments(place / "data", dialogues.lines(said)))
    return place


@pytest.fixture(scope="module")
def views(place: Path) -> str:
    """What the first line for the shell writes to `views.sql`."""
    assert block("sh", "duckdb -init").startswith("python -m analytics script > views.sql\n")
    told = [sys.executable, "-m", "analytics", "--data-dir", "data", "script"]
    written = subprocess.run(told, cwd=place, capture_output=True, text=True, check=True).stdout
    (place / "views.sql").write_text(written)
    return written


@pytest.fixture
def shell(views: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as shell:
        shell.execute(views)
        yield shell


def test_the_shell(shell: duckdb.DuckDBPyConnection) -> None:
    (question,) = re.findall(r"^D (.*;)$", block("sh", "duckdb -init"), re.M)
    assert shell.sql(question).fetchall()


def test_the_notebook(views: str, place: Path) -> None:
    cells = block("python", "views.sql").replace(".df()", ".fetchall()")  # pandas is theirs to have
    code = f"{cells}\nassert log.sql('FROM turns').fetchall()"
    told = [sys.executable, "-W", "ignore::ResourceWarning", "-c", code]
    done = subprocess.run(told, cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_dashboard(shell: duckdb.DuckDBPyConnection) -> None:
    asked = shell.sql(block("sql", "latency_daily"))
    assert asked.columns == ["time", "engine", "p50_ms", "p99_ms"]
    asked.fetchall()


def test_a_model_of_dbt(place: Path) -> None:
    (location,) = re.findall(r'external_location: "(.*)"', block("yaml", "sources:"))
    archive = place / "data" / "analytics" / "archive"
    turns = location.replace("/srv/colloquy/data/analytics/archive", str(archive))
    model = re.sub(r"{{ source\('colloquy', '(\w+)'\) }}", lambda found: turns.replace(
        "{name}", found[1]), block("sql", "source("))  # fmt: skip
    with duckdb.connect() as root:
        assert root.sql(model).fetchall()
