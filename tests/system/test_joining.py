"""Several doors to one cluster."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.serving import Server, descendants, free_port, kill, until_listening

RAY = Path(sys.executable).with_name("ray")
COLLOQUY = Path(sys.executable).with_name("colloquy")
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "a-token-for-this-test-alone-0123456789"}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    for name, value in TOKEN.items():
        monkeypatch.setenv(name, value)
    port = free_port()
    head = subprocess.Popen(
        [
            RAY,
            "start",
            "--head",
            "--block",
            f"--port={port}",
            "--num-cpus=2",
            "--disable-usage-stats",
            "--include-dashboard=false",
            "--object-store-memory=90000000",
            "--min-worker-port=0",
            "--max-worker-port=0",
            '--resources={"colloquy_log": 1}',
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"127.0.0.1:{port}"
    monkeypatch.setenv("RAY_ADDRESS", address)
    until_listening(port)
    yield address
    for pid in [head.pid, *descendants(head.pid)]:
        kill(pid)
    head.wait(30)


def test_a_conversation_begun_at_one_door_goes_on_at_another(cluster: str, tmp_path: Path) -> None:
    first, second = (Server(tmp_path / "data", ray_address=cluster) for _ in range(2))
    first.start()
    first.post("/v1/conversation/start", {"participants": ["ann"], "conversation_id": "shared"})
    second.start()
    with second.client() as client:
        line = {"text": "Good evening.", "speaker_id": "ann"}
        client.post("/v1/conversation/shared/speak", json=line).raise_for_status()
    assert first.get("/v1/conversation/shared")["turn_count"] == 1
    first.stop()
    assert second.get("/v1/conversation/shared")["turn_count"] == 1
    second.stop()

    ended = subprocess.run([COLLOQUY, "down"], capture_output=True, text=True, timeout=60)
    assert ended.stdout == "ended: directory, pool, ear, archive, scribe\n", ended.stderr
