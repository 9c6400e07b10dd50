"""Readers who wait while the scribe is killed: nothing missed, nothing twice."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from gateway.client import Colloquy, Event, Patience
from tests.system.serving import Server, kill

ROUNDS = 3
TURNS_EACH = 10
TOLD_WITHIN_S = 60


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data").start()
    yield server
    server.stop()


class Following(threading.Thread):
    """A client that reads in a thread: a conversation to its end, or all until one has ended."""

    def __init__(self, server: Server, conversation_id: str | None) -> None:
        super().__init__(daemon=True)
        self._url = server.url
        self._conversation_id = conversation_id
        self.events: list[Event] = []
        self.start()

    def run(self) -> None:
        with Colloquy(self._url, patience=Patience(retries=50)) as client:
            for event in self._stream(client):
                self.events.append(event)
                if event.type == "ended" and self._conversation_id is None:
                    return

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + TOLD_WITHIN_S
        while len(self.events) < count:
            assert time.monotonic() < deadline, f"{len(self.events)} of {count} events were told"
            time.sleep(0.01)

    def _stream(self, client: Colloquy) -> Iterator[Event]:
        if self._conversation_id is None:
            return client.follow_events(0)
        return client.conversation(self._conversation_id).follow_events()


def listen(server: Server, turn_id: str) -> None:
    """Until it is acknowledged."""
    heard = {"speaker_id": "ben", "text": "Yes.", "turn_id": turn_id}
    deadline = time.monotonic() + TOLD_WITHIN_S
    while True:
        with suppress(httpx.TransportError), server.client() as client:
            answer = client.post("/v1/conversation/told/listen", json=heard)
            if answer.status_code == 200:
                return
        assert time.monotonic() < deadline, "the turn could not be told"
        time.sleep(0.05)


def test_the_scribe_may_be_killed_while_readers_wait(victim: Server) -> None:
    opening = {"participants": ["ann", "ben"], "conversation_id": "told"}
    begun = victim.post("/v1/conversation/start", opening)["version"]
    victim.post("/v1/conversation/start", {"participants": ["eve"], "conversation_id": "quiet"})
    one, everything = Following(victim, "told"), Following(victim, None)
    one.wait_for(begun)
    for round_ in range(ROUNDS):
        for turn in range(TURNS_EACH):
            listen(victim, f"{round_}-{turn}")
        for pid in victim.actors("ScribeProcess"):
            kill(pid)
    listen(victim, "last")
    victim.post("/v1/conversation/told/end", {})
    for reader in (one, everything):
        reader.join(TOLD_WITHIN_S)
        assert not reader.is_alive(), "the stream ends with the conversation"
    recorded = victim.get("/v1/conversation/told/events")["data"]
    assert [e.event_id for e in one.events] == [e["event_id"] for e in recorded]
    assert [e.version for e in one.events] == list(range(1, begun + ROUNDS * TURNS_EACH + 3))
    recorded = victim.get("/v1/events")["data"]
    assert [e.event_id for e in everything.events] == [e["event_id"] for e in recorded]


def test_the_server_ends_at_once_although_readers_wait(own_server: Server) -> None:
    own_server.start()
    own_server.post("/v1/conversation/start", {"participants": ["ann"], "conversation_id": "c"})
    with own_server.client() as client:
        accept = {"Accept": "text/event-stream"}
        with client.stream("GET", "/v1/conversation/c/events", headers=accept) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "id: 0"
            stopping = threading.Thread(target=own_server.stop)
            stopping.start()
            assert "event: started" in list(lines), "the stream came to its end in good order"
            stopping.join()
