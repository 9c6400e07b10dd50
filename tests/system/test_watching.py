"""What a watcher is told by the real processes: figures, and one trace through all of them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from actors.spread import SOON_S
from gateway.client import Colloquy
from gateway.watching import SOURCES
from tests.system.collector import Collector, Seen
from tests.system.serving import Server, kill

TEXT = "Marmalade elephants gather in the garden. They sing of Persephone, all of them."
PARTS = {
    ("colloquy-conversation", "turn"),
    ("colloquy-conversation", "wait for a worker"),
    ("colloquy-worker", "synthesise"),
    ("colloquy-conversation", "append"),
    ("colloquy-scribe", "commit"),
}
SPEAK = "POST /v1/conversation/{conversation_id}/speak"


def figures(server: Server) -> dict[str, float]:
    page = httpx.get(f"{server.url}/metrics", timeout=10).raise_for_status().text
    lines = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_figures_come_from_all_processes(server: Server) -> None:
    before = figures(server)
    with Colloquy(server.url) as client:
        talk = client.start(["ann", "bob"])
        talk.listen("What is that?", "bob")
        with talk.speak(TEXT, "ann") as speech:
            pcm = speech.read()
    after = figures(server)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0.0)

    assert len(pcm) > 0
    assert more('colloquy_turns_total{kind="heard"}') == 1
    assert more('colloquy_turns_total{kind="spoken"}') == 1
    assert more("colloquy_conversations_started_total") == 1
    assert more("colloquy_turns_completed_total") == 1
    assert more("colloquy_append_seconds_count") >= 4
    assert more("colloquy_admissions_total") == 1
    assert more("colloquy_phrase_wait_seconds_count") >= 2
    assert more("colloquy_synthesis_sound_seconds_total") > 1
    assert more("colloquy_synthesis_work_seconds_total") > 0
    assert more("colloquy_conversations_woken_total") == 1
    assert after["colloquy_synthesis_places"] == 2
    durable = f'colloquy_append_seconds_bucket{{le="{SOON_S[-1]}"}}'
    assert after[durable] == after["colloquy_append_seconds_count"]
    for source in SOURCES:
        assert after[f'colloquy_scrape_failed{{source="{source}"}}'] == 0
    assert not [name for name in after if talk.id in name or "ann" in name.split("{")[-1]]


def test_figures_are_told_when_a_process_is_dead(own_server: Server) -> None:
    own_server.start()
    kill(own_server.actors("PoolProcess")[0])
    at_once = figures(own_server)
    assert at_once['colloquy_scrape_failed{source="scribe"}'] == 0
    assert "colloquy_append_seconds_count" in at_once


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("traced") / "data"
    server = Server(data_dir, traces_to=collector.url).start()
    yield server
    server.stop()


def of_trace(spans: list[Seen], name: str) -> list[Seen]:
    """The spans of the trace that begins with one of this name."""
    roots = [span for span in spans if span.name == name]
    return [span for span in spans if roots and span.trace == roots[0].trace]


def parts(spans: list[Seen]) -> set[tuple[str, str]]:
    return {(span.service, span.name) for span in spans}


def test_one_trace_goes_through_all_processes(collector: Collector, traced: Server) -> None:
    with Colloquy(traced.url) as client:
        talk = client.start(["ann", "bob"], conversation_id="c")
        with talk.speak(TEXT, "ann", turn_id="t1") as speech:
            speech.read()
        with talk.live() as live:
            turn = live.begin("ann", turn_id="t2")
            for word in TEXT.split():
                turn.say(f"{word} ")
            turn.end()
            assert len(b"".join(turn)) > 0

    def whole(spans: list[Seen]) -> bool:
        return all(parts(of_trace(spans, name)) >= PARTS for name in (SPEAK, "live turn"))

    spans = collector.wait_for(whole)
    for name, turn_id in ((SPEAK, "t1"), ("live turn", "t2")):
        ours = of_trace(spans, name)
        known = {span.id for span in ours}
        roots = [span for span in ours if not span.parent]
        assert [(root.service, root.name) for root in roots] == [("colloquy-gateway", name)]
        assert all(span.parent in known for span in ours if span.parent)
        (spoken,) = [span for span in ours if span.name == "turn"]
        assert spoken.attributes["colloquy.turn_id"] == turn_id
        synthesised = [span for span in ours if span.name == "synthesise"]
        assert all(span.parent == spoken.id for span in synthesised)
        sound_s = sum(float(str(span.attributes["colloquy.sound_s"])) for span in synthesised)
        assert spoken.attributes["colloquy.sound_s"] == pytest.approx(sound_s)
    sent = b"".join(collector.payloads).lower()
    assert not [word for word in TEXT.lower().split() if len(word) > 5 and word.encode() in sent]
    assert not [name for name in (b"ann", b"bob", b"/v1/conversation/c/") if name in sent]


def test_a_caller_finds_it_all_in_their_own_trace(collector: Collector, traced: Server) -> None:
    with Colloquy(traced.url) as client:
        client.start(["ann", "bob"], conversation_id="d")
    theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
    httpx.post(
        f"{traced.url}/v1/conversation/d/listen",
        json={"speaker_id": "bob", "text": TEXT},
        headers={"traceparent": f"00-{theirs}-00f067aa0ba902b7-01"},
        timeout=30,
    ).raise_for_status()

    def theirs_of(spans: list[Seen]) -> list[Seen]:
        return [span for span in spans if span.trace == bytes.fromhex(theirs)]

    wanted = {("colloquy-conversation", "append"), ("colloquy-scribe", "commit")}
    collector.wait_for(lambda spans: parts(theirs_of(spans)) >= wanted)


def test_a_dead_collector_is_no_matter(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", traces_to="http://127.0.0.1:9").start()
    try:
        with Colloquy(server.url) as client:
            talk = client.start(["ann", "bob"])
            with talk.speak(TEXT, "ann") as speech:
                assert len(speech.read()) > 0
    finally:
        assert server.stop() == 0
    assert TEXT.split()[0] not in server.complaint()
