"""The log asked over HTTP, and many turns brought in at once."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pyarrow as pa
import pytest
from fastapi import FastAPI

from analytics.library import library
from analytics.plots import PLOTS
from analytics.scope import Scope
from gateway.app import create_app
from gateway.routes.analytics import own, scope
from gateway.settings import Settings
from tests.api.door import MAX_TEXT, Door, refused
from tests.fakes import LocalSystem, ids
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, heard, opening

LAST = 9
HERE = "/v1/analytics"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("data")
    c1 = [*opening(), heard(1, "ann", "Hi", NOON, NOON), heard(2, "bob", "Ho", NOON, None)]
    c2 = [*opening(), heard(1, "ann", "secret", NOON, NOON)]
    logs.write_segments(folder, logs.recorded({"c1": c1, "c2": c2}))
    settings = Settings(
        data_dir=folder, analytics_seconds=1, analytics_memory_mb=128, analytics_rows=20
    )
    return create_app(LocalSystem(), settings, ids("new"))


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


async def test_the_views_are_listed_with_what_they_mean(client: httpx.AsyncClient) -> None:
    listed = (await client.get(f"{HERE}/views")).json()
    assert [view["name"] for view in listed["data"]] == sorted(v.name for v in library())
    assert all(view["summary"] and view["definition"] for view in listed["data"])


async def test_a_view_of_one_conversation_or_all(client: httpx.AsyncClient) -> None:
    whole = await client.get(f"{HERE}/views/turns")
    assert whole.json()["rows"] == 3
    assert (whole.json()["object"], whole.json()["truncated"]) == ("list", False)
    assert whole.json()["position"] == LAST == int(whole.headers["x-log-position"])
    one = await client.get(f"{HERE}/views/turns", params={"conversation_id": "c1"})
    assert [(t["turn"], t["text"]) for t in one.json()["data"]] == [(1, "Hi"), (2, "Ho")]
    none = await client.get(f"{HERE}/views/turns", params={"conversation_id": "nobody"})
    assert (none.status_code, none.json()["data"]) == (200, [])


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("json", "application/json"),
        ("csv", "text/csv; charset=utf-8"),
        ("arrow", "application/vnd.apache.arrow.stream"),
        ("parquet", "application/vnd.apache.parquet"),
    ],
)
async def test_every_format_says_what_it_is(
    form: str, kind: str, client: httpx.AsyncClient
) -> None:
    answer = await client.get(f"{HERE}/views/talk_share", params={"format": form})
    assert answer.headers["content-type"] == kind
    assert (answer.headers["x-rows"], answer.headers["x-truncated"]) == ("3", "false")
    if form == "arrow":
        assert pa.ipc.open_stream(answer.content).read_all().num_rows == 3


async def test_sql_with_values(client: httpx.AsyncClient) -> None:
    body = {
        "sql": "SELECT count(*) AS n FROM turns WHERE speaker_id = $who",
        "params": {"who": "bob"},
    }
    answer = await client.post(f"{HERE}/sql", json=body)
    assert answer.json()["data"] == [{"n": 1}]
    cut = await client.post(f"{HERE}/sql", json={"sql": "FROM range(100)"})
    assert (cut.json()["rows"], cut.json()["truncated"]) == (20, True)


async def test_whoever_may_see_less_sees_less(app: FastAPI, client: httpx.AsyncClient) -> None:
    app.dependency_overrides[own] = lambda: Scope.of("c1")
    app.dependency_overrides[scope] = lambda: Scope.of()
    try:
        everything = await client.post(f"{HERE}/sql", json={"sql": "SELECT data FROM events"})
        assert everything.json()["rows"] == 5
        assert "secret" not in everything.text
        for path in (f"{HERE}/views/turns", f"{HERE}/views/events"):
            other = await client.get(path, params={"conversation_id": "c2"})
            assert "secret" not in other.text
    finally:
        app.dependency_overrides.clear()


@pytest.mark.parametrize(
    ("sql", "status", "code", "words"),
    [
        ("SELEC 1", 400, "invalid_sql", 'syntax error at or near "SELEC"'),
        ("SELECT nope FROM turns", 400, "invalid_sql", "LINE 1: SELECT nope"),
        ("SELECT ? + ?", 400, "invalid_sql", "param"),
        ("FROM turm", 400, "sql_not_allowed", "there is no view 'turm'; there is turns"),
        ("DROP VIEW turns", 400, "sql_not_allowed", "nothing was changed"),
        ("FROM read_text('/etc/passwd')", 400, "sql_not_allowed", "read_text is not allowed"),
        ("SELECT length(repeat('x', 2000000000))", 422, "sql_limit_exceeded", "ask for less"),
    ],
)
async def test_what_cannot_be_asked_is_said(
    sql: str, status: int, code: str, words: str, client: httpx.AsyncClient
) -> None:
    answer = await client.post(f"{HERE}/sql", json={"sql": sql})
    assert words in refused(answer, status, code, "sql")
    assert sys.prefix not in answer.text


async def test_names_that_there_are_not(client: httpx.AsyncClient) -> None:
    view = await client.get(f"{HERE}/views/talkshare")
    assert "talk_share" in refused(view, 404, "view_not_found", "name")
    plot = await client.get(f"{HERE}/plots/pie.svg")
    assert "timeline" in refused(plot, 404, "plot_not_found", "name")
    form = await client.get(f"{HERE}/views/turns", params={"format": "xml"})
    refused(form, 422, "invalid_value", "format")


async def test_a_plot_in_light_and_dark(client: httpx.AsyncClient) -> None:
    listed = (await client.get(f"{HERE}/plots")).json()["data"]
    assert [plot["name"] for plot in listed] == list(PLOTS)
    where = {"conversation_id": "c1"}
    light = await client.get(f"{HERE}/plots/timeline.svg", params=where)
    dark = await client.get(f"{HERE}/plots/timeline.svg", params={**where, "theme": "dark"})
    assert light.headers["content-type"] == "image/svg+xml"
    assert light.headers["x-log-position"] == str(LAST)
    assert ElementTree.fromstring(light.content).tag.endswith("svg")  # noqa: S314
    assert light.content != dark.content


async def test_without_matplotlib_a_plot_is_refused_in_a_sentence(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError('matplotlib')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = await client.get(f"{HERE}/plots/latency.svg")
    assert answer.status_code == 501
    assert answer.json()["error"]["code"] == "plots_not_installed"
    assert "extra `plots`" in answer.json()["error"]["message"]


def line(number: int, **more: object) -> dict[str, object]:
    return {"turn_id": f"u{number}", "speaker_id": "bob", "text": f"Line {number}.", **more}


async def bring(door: Door, *turns: dict[str, object], to: str = "c") -> httpx.Response:
    return await door.post(f"/v1/conversation/{to}/listen/batch", {"turns": turns})


async def test_many_turns_at_once_in_their_order(door: Door) -> None:
    told = (await bring(door, *(line(n) for n in range(1, 101)))).json()
    assert [(t["turn_id"], t["turn"]) for t in told["data"]] == [
        (f"u{n}", n) for n in range(1, 101)
    ]
    state = (await door.get("/v1/conversation/c")).json()
    assert state["turn_count"] == 100
    assert told["version"] == state["version"]


async def test_a_batch_sent_again_is_recorded_once(door: Door) -> None:
    first = (await bring(door, line(1), line(2))).json()
    again = (await bring(door, line(1), line(2), line(3))).json()
    assert again["data"][:2] == first["data"]
    assert door.events().count("turn_heard") == 3


async def test_a_turn_that_is_refused_leaves_the_others(door: Door) -> None:
    await bring(door, line(1))
    told = await bring(
        door,
        line(1, text="Other words."),
        line(2, speaker_id="nobody"),
        line(3, started_at="2026-03-01T12:00:01Z", ended_at="2026-03-01T12:00:00Z"),
        line(4, text="x" * (MAX_TEXT + 1)),
        line(5),
    )
    codes = [t["error"] and t["error"]["code"] for t in told.json()["data"]]
    assert codes == [
        "turn_id_conflict",
        "speaker_not_found",
        "times_reversed",
        "text_too_long",
        None,
    ]
    assert told.json()["data"][4]["turn"] == 2


async def test_a_batch_that_cannot_be_taken_is_refused_as_a_whole(door: Door) -> None:
    unknown = await bring(door, line(1), to="nowhere")
    refused(unknown, 404, "conversation_not_found", "conversation_id")
    unnamed = await bring(door, {"speaker_id": "bob", "text": "Hi."})
    refused(unnamed, 422, "invalid_value", "turns.0.turn_id")
    await door.post("/v1/conversation/c/end")
    refused(await bring(door, line(1)), 409, "conversation_ended", "conversation_id")
    assert door.events().count("turn_heard") == 0
