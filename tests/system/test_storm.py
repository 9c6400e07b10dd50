"""A storm of kill -9 over a busy system: it gets well, and what it acknowledged is there."""

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.serving import Server, kill

KILLS = int(os.environ.get("STORM_KILLS", "8"))
SEED = int(os.environ.get("STORM_SEED", "1"))
EVERY_S = 1.5
WELL_WITHIN_S = 60
TALKERS = 6
KINDS = (
    "ConversationActor",
    "ConversationActor",
    "WorkerProcess",
    "ScribeProcess",
    "PoolProcess",
    "DirectoryProcess",
    "ArchiveProcess",
)


class Talker(threading.Thread):
    """Tells and asks, turn after turn, and asks again in the same words until it is answered."""

    def __init__(self, server: Server, number: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.conversation = f"storm-{number}"
        self.acknowledged: dict[str, bytes] = {}
        self._server = server
        self._over = over
        self._moods = random.Random(number)  # noqa: S311  (no secret)

    def run(self) -> None:
        opening = {"participants": ["ann"], "conversation_id": self.conversation}
        with self._server.client() as client:
            self._until_answered(client, "/v1/conversation/start", opening)
            for number in range(1_000_000):
                turn_id = f"t{number}"
                body = {"speaker_id": "ann", "text": f"Line {number}.", "turn_id": turn_id}
                kind = self._moods.choice(("listen", "speak"))
                path = f"/v1/conversation/{self.conversation}/{kind}"
                self.acknowledged[turn_id] = self._until_answered(client, path, body)
                if self._over.is_set():
                    return

    def _until_answered(self, client: httpx.Client, path: str, body: object) -> bytes:
        while True:
            try:
                response = client.post(path, json=body)
            except httpx.TransportError:
                continue
            if response.status_code < 300:
                return response.content
            assert response.status_code in (429, 503), response.text
            time.sleep(0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    stormy = Server(tmp_path / "data", max_awake=TALKERS + 2, warm=1).start()
    yield stormy
    stormy.stop()


def turns_after(talker: Talker, number: int) -> str:
    return f"/v1/conversation/{talker.conversation}/turns?after={number}&limit=100"


def test_it_gets_well_after_a_storm_of_kills(server: Server) -> None:
    over = threading.Event()
    talkers = [Talker(server, number, over) for number in range(TALKERS)]
    for talker in talkers:
        talker.start()
    fate = random.Random(SEED)  # noqa: S311  (no secret)
    killed = []
    while len(killed) < KILLS:
        time.sleep(EVERY_S)
        kind = fate.choice(KINDS)
        if doomed := server.actors(kind):
            kill(fate.choice(doomed))
            killed.append(kind)
    over.set()
    deadline = time.monotonic() + WELL_WITHIN_S
    for talker in talkers:
        talker.join(max(0.1, deadline - time.monotonic()))
    waiting = [talker.conversation for talker in talkers if talker.is_alive()]
    assert not waiting, f"after {killed} these still wait: {waiting}"

    for talker in talkers:
        turns = {}
        after = 0
        while page := server.get(turns_after(talker, after))["data"]:
            turns |= {turn["turn_id"]: turn for turn in page}
            after = page[-1]["turn"]
        assert set(turns) >= set(talker.acknowledged)
        numbers = [turn["turn"] for turn in turns.values()]
        assert numbers == list(range(1, len(turns) + 1))
        for turn_id in talker.acknowledged:
            assert turns[turn_id]["status"] in ("completed", "interrupted")
    verified = server.get("/v1/log/verify")
    assert verified["content"], verified
