"""docs/watching.md and docs/grafana.json name the metrics that there are, and no others."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from actors.synthesis.admission import FIRST_SOUND_WITHIN_S
from tests.api.door import Door
from tests.api.test_live import connect

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|([^|]*)\| (.+) \|$", re.MULTILINE)
NAME = re.compile(r"\b(?:colloquy|process)_[a-z_]+\b")
PARTS = re.compile(r"_(bucket|count|sum)$")
NOT_BASE_UNITS = re.compile(
    r"_(ms|millis\w*|micro\w*|nano\w*|minutes|hours|kb|mb|kilo\w*|mega\w*|percent|s)(_|$)"
)
UNITS = {"s", "cps", "reqps", "Bps", "bytes", "none"}


@pytest.fixture
async def families(door: Door) -> list[Metric]:
    """All metrics, after a little of everything that has a label."""
    await door.speak()
    call = await connect(door)
    await door.get("/v1/conversation/nobody")
    page = (await door.get("/metrics")).text
    await call.hang_up()
    return list(text_string_to_metric_families(page))


def exposed(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def documented() -> dict[str, tuple[str, set[str], str]]:
    text = (DOCS / "watching.md").read_text()
    rows = {
        name: (kind, set(re.findall(r"`(\w+)`", labels)), meaning)
        for name, kind, labels, meaning in ROW.findall(text)
    }
    return {name: row for name, row in rows.items() if row[0] in ("counter", "gauge", "histogram")}


async def test_every_metric_is_documented_and_every_documented_one_is_there(
    families: list[Metric],
) -> None:
    ours = {exposed(f): f for f in families if f.name.startswith("colloquy_")}
    assert set(ours) == set(documented())
    for name, (kind, labels, meaning) in documented().items():
        seen = {label for sample in ours[name].samples for label in sample.labels} - {"le"}
        assert (ours[name].type, seen) == (kind, labels), name
        assert meaning.endswith("."), name
    text = (DOCS / "watching.md").read_text()
    of_process = {exposed(family) for family in families} - set(ours)
    assert of_process == {name for name in NAME.findall(text) if name.startswith("process_")}


async def test_names_follow_the_conventions_of_prometheus(families: list[Metric]) -> None:
    for family in families:
        assert re.fullmatch(r"(colloquy|process)(_[a-z]+)+", family.name), family.name
        assert not NOT_BASE_UNITS.search(family.name), family.name
        assert not PARTS.search(family.name), family.name
        assert family.documentation.endswith("."), family.name
        if family.type == "histogram":
            assert family.name.endswith(("_seconds", "_bytes")), family.name
            bounds = [s.labels["le"] for s in family.samples if s.name.endswith("_bucket")]
            assert [float(bound) for bound in bounds] == sorted(map(float, bounds)), family.name
            assert bounds[-1] == "+Inf", family.name


def panels() -> list[dict[str, Any]]:
    board = json.loads((DOCS / "grafana.json").read_text())
    found: list[dict[str, Any]] = board["panels"]
    return found


def queries(part: object) -> Iterator[str]:
    """All expressions of a dashboard, those of its variables included."""
    if isinstance(part, dict):
        yield from (part[key] for key in ("expr", "definition") if isinstance(part.get(key), str))
        for value in part.values():
            yield from queries(value)
    elif isinstance(part, list):
        for value in part:
            yield from queries(value)


async def test_the_dashboard_asks_for_metrics_that_exist(families: list[Metric]) -> None:
    there = {exposed(family): family for family in families}
    asked = [
        name
        for query in queries(json.loads((DOCS / "grafana.json").read_text()))
        for name in NAME.findall(query)
    ]
    for name in asked:
        family = there.get(PARTS.sub("", name)) if PARTS.search(name) else there.get(name)
        assert family is not None, name
        assert bool(PARTS.search(name)) == (family.type == "histogram"), name
    shown = {PARTS.sub("", name) for name in asked}
    assert {name for name in there if name.startswith("colloquy_")} - shown == set()


async def test_the_dashboard_asks_for_labels_that_exist(families: list[Metric]) -> None:
    there = {label for family in families for sample in family.samples for label in sample.labels}
    for query in queries(json.loads((DOCS / "grafana.json").read_text())):
        for labels in re.findall(r"by \(([^)]*)\)", query):
            assert set(labels.split(", ")) <= there, query
        rated = re.findall(r"(rate|increase)\(([a-z_]+)", query)
        assert all(re.search(r"_(total|bucket|count|sum)$", name) for _, name in rated), query


def test_every_panel_has_a_unit_a_meaning_a_place_and_the_readers_prometheus() -> None:
    drawn = [panel for panel in panels() if panel["type"] != "row"]
    assert len({panel["id"] for panel in panels()}) == len(panels())
    for panel in drawn:
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in sources} == {"${datasource}"}, panel["title"]
    for one in drawn:
        others = [panel for panel in panels() if panel["id"] != one["id"]]
        assert [other["title"] for other in others if _overlap(one, other)] == []


def test_first_audio_is_yellow_where_the_scheduler_has_missed_its_aim() -> None:
    (first,) = [panel for panel in panels() if panel["title"] == "First audio"]
    steps = first["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert steps[1] == {"color": "yellow", "value": FIRST_SOUND_WITHIN_S}


def _overlap(one: dict[str, Any], two: dict[str, Any]) -> bool:
    a, b = one["gridPos"], two["gridPos"]
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    return not (beside or below)
