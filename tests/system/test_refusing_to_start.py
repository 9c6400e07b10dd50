"""What cannot be served is said in one sentence, with what to do about it."""

import socket
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.system.serving import Server, free_port

ENDS_WITHIN_S = 60


def refusal(server: Server) -> str:
    """What a server says that is not to start."""
    process = server.launch()
    try:
        assert process.wait(ENDS_WITHIN_S) == 1
    finally:
        process.kill()
    told = server.complaint()
    assert "Traceback" not in told
    return [line for line in told.splitlines() if line.startswith("colloquy:")][-1]


def test_a_port_in_use(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    with closing(socket.create_server(("127.0.0.1", server.port))):
        assert "COLLOQUY_PORT" in refusal(server)


def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a directory")
    assert "COLLOQUY_DATA_DIR" in refusal(Server(tmp_path / "data"))


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [("speeed", 1, "COLLOQUY_PORT"), ("workers", 0, "greater than or equal to 1")],
)
def test_wrong_settings(tmp_path: Path, setting: str, value: object, told: str) -> None:
    assert told in refusal(Server(tmp_path / "data", **{setting: value}))


def test_an_address_for_all_without_keys(tmp_path: Path) -> None:
    told = refusal(Server(tmp_path / "data", host="0.0.0.0"))  # noqa: S104
    assert "colloquy keys create" in told
    assert "COLLOQUY_ALLOW_WITHOUT_KEYS" in told


def test_a_damaged_file_of_keys(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "keys.json").write_text("{")
    assert "keys.json is not a file of keys" in refusal(Server(tmp_path / "data"))


def test_a_cluster_that_is_not_there(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    assert f"nobody answers at {nobody}" in refusal(Server(tmp_path / "data", ray_address=nobody))


def test_kokoro_without_its_files(tmp_path: Path) -> None:
    assert "colloquy models fetch" in refusal(Server(tmp_path / "data", engine="kokoro"))


def test_kokoro_with_a_file_that_was_cut_off(tmp_path: Path) -> None:
    fixtures = Path(__file__).parents[1] / "fixtures"
    models = tmp_path / "models"
    models.mkdir()
    whole = (fixtures / "kokoro-small.onnx").read_bytes()
    (models / "kokoro-v1.0.onnx").write_bytes(whole[: len(whole) // 2])
    (models / "voices-v1.0.bin").write_bytes((fixtures / "voices-small.bin").read_bytes())
    told = refusal(Server(tmp_path / "data", engine="kokoro", model_dir=models))
    assert "kokoro-v1.0.onnx" in told


def test_a_second_server_on_the_same_log(server: Server) -> None:
    assert "another process" in refusal(Server(server.data_dir))


def test_a_file_that_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "log.duckdb").write_bytes(b"shopping list" * 1000)
    assert "is no log: move it away" in refusal(Server(tmp_path / "data"))


def test_a_directory_in_the_place_of_the_log(tmp_path: Path) -> None:
    (tmp_path / "data" / "log.duckdb").mkdir(parents=True)
    assert "is a directory, not a log" in refusal(Server(tmp_path / "data"))


def test_a_log_made_by_a_newer_release(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Server(data).start()
    first.stop()
    with closing(duckdb.connect(str(data / "log.duckdb"))) as log:
        log.execute("UPDATE log_format SET format = format + 1")
    assert "newer" in refusal(Server(data))


def test_a_log_whose_end_was_cut_off(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Server(data).start()
    first.post("/v1/conversation/start", {"participants": ["ann"], "conversation_id": "c"})
    first.stop()
    with closing(duckdb.connect(str(data / "log.duckdb"))) as log:
        log.execute("DELETE FROM events WHERE position = 3")
    assert "positions 3 to 3 are missing" in refusal(Server(data))


def test_the_small_kokoro_speaks(tmp_path: Path) -> None:
    fixtures = Path(__file__).parents[1] / "fixtures"
    models = tmp_path / "models"
    models.mkdir()
    for name, source in {
        "kokoro-v1.0.onnx": "kokoro-small.onnx",
        "voices-v1.0.bin": "voices-small.bin",
    }.items():
        (models / name).write_bytes((fixtures / source).read_bytes())
    server = Server(tmp_path / "data", engine="auto", model_dir=models).start()
    try:
        assert server.get("/ready")["engine"] == "kokoro"
        opening = server.post("/v1/conversation/start", {"participants": ["ann", "ben"]})
        path = f"/v1/conversation/{opening['conversation_id']}"
        with server.client() as client:
            line = {"text": "Hello there, you two.", "speaker_id": "ann", "turn_id": "t"}
            assert len(client.post(f"{path}/speak", json=line).raise_for_status().content) > 3_000
        words = server.get(f"{path}/turns/t")["words"]
        assert [word["word"] for word in words] == ["Hello", "there,", "you", "two."]
        assert words[-1]["end_s"] > words[0]["start_s"]
    finally:
        server.stop()


def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    server = Server(tmp_path / "data").start()
    assert server.stop() == 0
    assert not (tmp_path / "data" / "log.duckdb.wal").exists()
