"""kill -9 on anything, in the middle of a turn: nothing acknowledged is missing afterwards."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.system.serving import Server, kill

LONG = "I would like to tell you a rather long story about a small house. " * 60
TURN = {"text": LONG, "speaker_id": "ann", "turn_id": "long", "response_format": "pcm"}
AGAIN_WITHIN_S = 30
ACTORS = (
    "WorkerProcess",
    "ConversationActor",
    "ScribeProcess",
    "PoolProcess",
    "DirectoryProcess",
    "ArchiveProcess",
)


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("victim") / "data").start()
    yield server
    server.stop()


def begin(server: Server, conversation: str) -> tuple[httpx.Client, httpx.Response]:
    """A long turn, of which the caller has the first piece."""
    opening = {"participants": ["ann", "ben"], "conversation_id": conversation}
    server.post("/v1/conversation/start", opening)
    client = server.client()
    request = client.build_request("POST", f"/v1/conversation/{conversation}/speak", json=TURN)
    response = client.send(request, stream=True)
    assert response.status_code == 200
    return client, response


def ask_again(server: Server, conversation: str) -> httpx.Response:
    """The same turn, asked for until the system is up again."""
    deadline = time.monotonic() + AGAIN_WITHIN_S
    while True:
        with server.client() as client, suppress(httpx.TransportError):
            response = client.post(f"/v1/conversation/{conversation}/speak", json=TURN)
            if response.status_code == 200 or time.monotonic() > deadline:
                return response
        assert time.monotonic() < deadline, "the turn could not be asked for again"
        time.sleep(0.2)


@pytest.mark.parametrize("name", ACTORS)
def test_an_actor_may_be_killed_in_the_middle_of_a_turn(victim: Server, name: str) -> None:
    conversation = f"killed-{name}"
    client, response = begin(victim, conversation)
    before = victim.get(f"/v1/conversation/{conversation}/events")["data"]
    doomed = victim.actors(name)
    assert doomed
    for pid in doomed:
        kill(pid)
    with suppress(httpx.TransportError):
        response.read()
    client.close()

    again = ask_again(victim, conversation)

    assert again.status_code == 200
    assert len(again.content) > 48_000 * 60
    after = victim.get(f"/v1/conversation/{conversation}/events")["data"]
    assert after[: len(before)] == before
    turn = victim.get(f"/v1/conversation/{conversation}/turns/long")
    assert turn["status"] == "completed"
    assert len(turn["words"]) == len(LONG.split())
    verified = victim.get("/v1/log/verify")
    assert verified["content"], verified


def test_the_server_may_be_killed_in_the_middle_of_a_turn(tmp_path: Path) -> None:
    server = Server(tmp_path / "data").start()
    client, response = begin(server, "cut")
    acknowledged = []
    stop = threading.Event()

    def listen() -> None:
        with suppress(httpx.TransportError), server.client() as other:
            while not stop.is_set():
                heard = {"speaker_id": "ben", "text": f"word {len(acknowledged)}"}
                answer = other.post("/v1/conversation/cut/listen", json=heard)
                acknowledged.append(answer.raise_for_status().json()["version"])

    listener = threading.Thread(target=listen)
    listener.start()
    next(response.iter_raw())
    server.kill()
    stop.set()
    listener.join()
    client.close()

    server.start()
    try:
        versions = [e["version"] for e in server.get("/v1/conversation/cut/events")["data"]]
        assert set(acknowledged) <= set(versions)
        assert versions == list(range(1, len(versions) + 1))
        assert ask_again(server, "cut").status_code == 200
        assert server.get("/v1/log/verify")["content"]
    finally:
        server.stop()
