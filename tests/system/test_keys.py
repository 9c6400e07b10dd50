"""A server that is locked: with OpenAI's SDK, our client, the commands, and after a restart."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from gateway.access.keyfile import LOOK_EVERY_S
from gateway.client import Colloquy, ColloquyError
from tests.system.serving import Server, free_port

EXPORTED_WITHIN_S = 30
LOOPBACK_AND_MORE = "0.0.0.0"  # noqa: S104


def colloquy(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gateway.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )


def make_key(path: Path, *options: str) -> str:
    made = colloquy("keys", "create", "somebody", "--file", str(path), *options)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    data_dir = tmp_path_factory.mktemp("locked") / "data"
    path = data_dir / "keys.json"
    make_key(path)
    server = Server(data_dir, host=LOOPBACK_AND_MORE, log_format="json").start()
    yield server, path
    server.stop()


def test_with_keys_it_serves_everybody_who_has_one(locked: tuple[Server, Path]) -> None:
    server, path = locked
    mine, theirs = make_key(path), make_key(path)
    with Colloquy(server.url, mine) as client:
        talk = client.start(["ann"], conversation_id="mine")
        with talk.speak("Never to be logged.", "ann", turn_id="t") as speech:
            assert len(speech.read()) > 1000
    with Colloquy(server.url, theirs) as client:
        assert client.conversations() == []
        with pytest.raises(ColloquyError) as refusal:
            client.conversation("mine").state()
        assert (refusal.value.status, refusal.value.code) == (404, "conversation_not_found")
    with Colloquy(server.url, "wrong") as client, pytest.raises(ColloquyError) as refusal:
        client.conversations()
    assert (refusal.value.status, refusal.value.code) == (401, "invalid_api_key")


def test_openais_sdk_tells_what_is_the_matter(locked: tuple[Server, Path]) -> None:
    server, path = locked
    token = make_key(path, "--scope", "read", "--requests-per-minute", "2")

    def sdk(key: str) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{server.url}/v1", api_key=key, max_retries=0)

    with sdk("any") as client, pytest.raises(openai.AuthenticationError) as wrong:
        client.models.list()
    assert wrong.value.code == "invalid_api_key"
    with sdk(token) as client:
        with pytest.raises(openai.PermissionDeniedError) as denied:
            client.audio.speech.create(model="tts-1", voice="nova", input="Hello.")
        assert denied.value.code == "insufficient_scope"
        raw = client.models.with_raw_response.list()
        assert raw.headers["x-ratelimit-limit-requests"] == "2"
        assert raw.headers["x-ratelimit-remaining-requests"] == "0"
        with pytest.raises(openai.RateLimitError) as limited:
            client.models.list()
        assert 1 <= int(limited.value.response.headers["retry-after"]) <= 30


def test_analyses_are_of_ones_own_conversations(locked: tuple[Server, Path]) -> None:
    server, path = locked
    for number in range(2):
        with Colloquy(server.url, make_key(path)) as client:
            talk = client.start(["ann"], conversation_id=f"analysed-{number}")
            talk.listen("A thing that was said.", "ann", turn_id="h")
            found = _asked(client, "SELECT DISTINCT conversation_id FROM turns")
            assert found == [{"conversation_id": f"analysed-{number}"}]


def _asked(client: Colloquy, sql: str) -> list[dict[str, str]]:
    """The rows, once there are any: the exported log follows within seconds."""
    http, rows = client._line.http, []
    give_up = time.monotonic() + EXPORTED_WITHIN_S
    while not rows and time.monotonic() < give_up:
        answer = http.post("/v1/analytics/sql", json={"sql": sql}).raise_for_status().json()
        rows = answer["data"]
        time.sleep(0.2)
    return rows


def test_commands_show_the_key_of_the_environment(locked: tuple[Server, Path]) -> None:
    server, path = locked
    token = make_key(path, "--scope", "admin")
    for environment, code in (({}, 2), ({"COLLOQUY_API_KEY": token}, 0)):
        done = colloquy("verify", "--server", server.url, **environment)
        assert done.returncode == code, done.stderr
    assert "no API key" in colloquy("verify", "--server", server.url).stderr


def test_a_revoked_key_opens_nothing_from_then_on(locked: tuple[Server, Path]) -> None:
    server, path = locked
    token = make_key(path)
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{server.url}/v1/models", headers=headers).status_code == 200
    colloquy("keys", "revoke", token.split("_")[1], "--file", str(path))
    time.sleep(LOOK_EVERY_S)
    assert httpx.get(f"{server.url}/v1/models", headers=headers).status_code == 401


def test_the_log_of_the_server_is_json_with_ids_and_without_words(
    locked: tuple[Server, Path],
) -> None:
    server, path = locked
    token = make_key(path)
    with Colloquy(server.url, token) as client:
        talk = client.start(["ann"], conversation_id="logged")
        talk.listen("Words of a person.", "ann", turn_id="heard")
        httpx.get(f"{server.url}/v1/models?hidden=query", headers={"xi-api-key": token})
    server.get("/health")
    entries = [json.loads(line) for line in server.complaint().splitlines() if line[0] == "{"]
    (told,) = [
        entry
        for entry in entries
        if entry.get("conversation_id") == "logged" and entry["route"].endswith("/listen")
    ]
    assert (told["key_id"], told["status"]) == (token.split("_")[1], 200)
    for hidden in ("Words of", "hidden", token, "Never to be"):
        assert hidden not in server.complaint()


def test_who_has_the_files_needs_no_token_to_talk(tmp_path: Path) -> None:
    path, script = tmp_path / "data" / "keys.json", tmp_path / "script.txt"
    make_key(path)
    script.write_text("ann: Hello there.\n")
    wav = tmp_path / "talk.wav"
    done = colloquy(
        *("talk", str(script), "--output", str(wav)),
        COLLOQUY_DATA_DIR=str(tmp_path / "data"),
        COLLOQUY_ENGINE="espeak",
        COLLOQUY_PORT=str(free_port()),
    )
    assert done.returncode == 0, done.stderr
    assert wav.stat().st_size > 10_000


def test_who_owns_what_outlives_a_restart(own_server: Server) -> None:
    path = own_server.data_dir / "keys.json"
    token, other = make_key(path), make_key(path)
    own_server.start()
    with Colloquy(own_server.url, token) as client:
        client.start(["ann"], conversation_id="c")
    assert own_server.stop() == 0
    own_server.start()
    with Colloquy(own_server.url, token) as client:
        assert [found.conversation_id for found in client.conversations()] == ["c"]
    with Colloquy(own_server.url, other) as client:
        assert client.conversations() == []
