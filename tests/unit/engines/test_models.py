import hashlib
import socket
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from actors.engines.base import EngineError, ModelInvalid
from actors.engines.choice import choose_engine, load_engine
from actors.engines.fetching import fetch
from actors.engines.models import MANIFEST, SUMS, ModelFiles, Published, check, find_models
from events.direction import Phrase
from tests.fixtures.listening import listen

FIXTURES = Path(__file__).parents[2] / "fixtures"
CONTENT = {
    name: (FIXTURES / name).read_bytes() for name in ("kokoro-small.onnx", "voices-small.bin")
}
FILES = tuple(
    Published(name, len(content), hashlib.sha256(content).hexdigest())
    for name, content in CONTENT.items()
)
MODEL, VOICES = FILES


class Source:
    """A server of files, which knows what it was asked for and can be told to misbehave."""

    def __init__(self) -> None:
        self.content = dict(CONTENT)
        self.asked: list[tuple[str, str | None]] = []
        self.ranges = True
        self.breaks_after: int | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/release"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Handler(BaseHTTPRequestHandler):
    def __init__(self, source: Source, *connection: object) -> None:
        self.source = source
        super().__init__(*connection)

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.source.asked.append((name, self.headers["Range"]))
        content = self.source.content.get(name)
        if content is None:
            self.send_error(404)
            return
        begin = int((self.headers["Range"] or "bytes=0-")[6:-1]) if self.source.ranges else 0
        if begin >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if self.source.ranges else 200)
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        self.wfile.write(content[begin:][: self.source.breaks_after])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def source() -> Iterator[Source]:
    source = Source()
    yield source
    source.stop()


def test_what_is_fetched_is_found_and_is_in_order(source: Source, tmp_path: Path) -> None:
    files = fetch(tmp_path / "new" / "models", source.url, files=FILES)
    assert files == find_models(tmp_path / "new" / "models")
    assert files.model.read_bytes() == CONTENT[MODEL.name]
    assert files.voices.read_bytes() == CONTENT[VOICES.name]
    findings = check(tmp_path / "new" / "models", FILES)
    assert [(found.file.name, found.size, found.sha256, found.ok) for found in findings] == [
        (file.name, file.size, file.sha256, True) for file in FILES
    ]


def test_it_leaves_the_files_and_their_sums_and_nothing_else(
    source: Source, tmp_path: Path
) -> None:
    fetch(tmp_path, source.url, files=FILES)
    assert {path.name for path in tmp_path.iterdir()} == {MODEL.name, VOICES.name, SUMS}
    assert (tmp_path / SUMS).read_text().splitlines() == [
        f"{file.sha256}  {file.name}" for file in FILES
    ]


def test_progress_grows_to_the_whole(source: Source, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    fetch(tmp_path, source.url, lambda *progress: told.append(progress), files=FILES)
    assert told == sorted(told)
    assert (MODEL.name, MODEL.size, MODEL.size) in told
    assert told[-1] == (VOICES.name, VOICES.size, VOICES.size)


def test_what_is_there_is_not_fetched_again(source: Source, tmp_path: Path) -> None:
    fetch(tmp_path, source.url, files=FILES)
    (tmp_path / VOICES.name).write_bytes(b"something else")
    source.asked.clear()
    fetch(tmp_path, source.url, files=FILES)
    assert [name for name, _ in source.asked] == [VOICES.name]


def test_it_goes_on_where_it_was_cut_off(source: Source, tmp_path: Path) -> None:
    source.breaks_after = 100_000
    with pytest.raises(EngineError, match="run it again"):
        fetch(tmp_path, source.url, files=FILES)
    assert find_models(tmp_path) is None
    source.breaks_after = None
    fetch(tmp_path, source.url, files=FILES)
    assert (MODEL.name, "bytes=100000-") in source.asked
    assert all(finding.ok for finding in check(tmp_path, FILES))


def test_a_source_without_ranges_is_read_from_the_beginning(source: Source, tmp_path: Path) -> None:
    (tmp_path / f"{MODEL.name}.part").write_bytes(b"?" * 1000)
    source.ranges = False
    fetch(tmp_path, source.url, files=FILES)
    assert (tmp_path / MODEL.name).read_bytes() == CONTENT[MODEL.name]


def test_a_part_longer_than_the_whole_is_begun_anew(source: Source, tmp_path: Path) -> None:
    (tmp_path / f"{MODEL.name}.part").write_bytes(b"?" * (MODEL.size + 5))
    fetch(tmp_path, source.url, files=FILES)
    assert (tmp_path / MODEL.name).read_bytes() == CONTENT[MODEL.name]


def test_a_source_with_a_shorter_file_does_not_stop_the_next(
    source: Source, tmp_path: Path
) -> None:
    (tmp_path / f"{MODEL.name}.part").write_bytes(b"?" * 1000)
    source.content[MODEL.name] = b"short"
    with pytest.raises(EngineError, match="status 416"):
        fetch(tmp_path, source.url, files=FILES)
    source.content = dict(CONTENT)
    assert all(fetch(tmp_path, source.url, files=FILES).model.read_bytes() for _ in range(2))


def test_what_is_fetched_can_speak(source: Source, tmp_path: Path) -> None:
    fetch(tmp_path, source.url, files=FILES)
    engine = load_engine(choose_engine("auto", tmp_path))
    assert listen(engine.synthesise(Phrase(text="hello"), "af_random")).loudness > 500


@pytest.mark.parametrize(
    "other", [bytes(MODEL.size), bytes(MODEL.size + 1)], ids=["altered", "longer"]
)
def test_another_file_is_refused_and_not_kept(source: Source, tmp_path: Path, other: bytes) -> None:
    source.content[MODEL.name] = other
    with pytest.raises(ModelInvalid, match=f"not {MODEL.name} as it was published"):
        fetch(tmp_path, source.url, files=FILES)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_the_source_does_not_have(source: Source, tmp_path: Path) -> None:
    del source.content[MODEL.name]
    with pytest.raises(EngineError, match=r"Cannot fetch kokoro-small.onnx.*status 404"):
        fetch(tmp_path, source.url, files=FILES)


@pytest.mark.parametrize("url", ["nowhere", "http://[", "ftp://127.0.0.1"])
def test_what_is_no_address_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(EngineError, match=r"Cannot fetch kokoro-small\.onnx"):
        fetch(tmp_path, url, files=FILES)


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(EngineError, match="check the network"):
            fetch(tmp_path, nowhere, files=FILES)


def test_a_place_that_cannot_be_written_to_is_named(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EngineError, match="Cannot write to"):
        fetch(tmp_path / "file" / "models", source.url, files=FILES)


def touch(directory: Path, *names: str) -> None:
    for name in names:
        (directory / name).write_bytes(b"")


def test_the_published_files_are_preferred(tmp_path: Path) -> None:
    model, voices = (file.name for file in MANIFEST)
    touch(tmp_path, "a.onnx", "a.bin", model, voices)
    assert find_models(tmp_path) == ModelFiles(tmp_path / model, tmp_path / voices)


def test_the_only_model_with_the_only_voices_will_do(tmp_path: Path) -> None:
    touch(tmp_path, "own.onnx", "own.bin")
    assert find_models(tmp_path) == ModelFiles(tmp_path / "own.onnx", tmp_path / "own.bin")


@pytest.mark.parametrize("names", [[], ["a.onnx"], ["a.bin"], ["a.onnx", "b.onnx", "a.bin"]])
def test_nothing_is_guessed(tmp_path: Path, names: list[str]) -> None:
    touch(tmp_path, *names)
    assert find_models(tmp_path) is None
    assert find_models(tmp_path / "gone") is None


def test_a_check_says_what_is_missing(tmp_path: Path) -> None:
    findings = check(tmp_path)
    assert [found.file.name for found in findings] == [file.name for file in MANIFEST]
    assert all("colloquy models fetch" in str(found.problem) for found in findings)


def test_a_check_finds_a_file_cut_off_and_one_altered(source: Source, tmp_path: Path) -> None:
    fetch(tmp_path, source.url, files=FILES)
    (tmp_path / MODEL.name).write_bytes(CONTENT[MODEL.name][:1000])
    (tmp_path / VOICES.name).write_bytes(bytes(VOICES.size))
    cut_off, altered = check(tmp_path, FILES)
    assert "1000 bytes instead of" in str(cut_off.problem)
    assert "not the file that was published" in str(altered.problem)


def test_a_file_of_ones_own_is_compared_with_its_record(tmp_path: Path) -> None:
    touch(tmp_path, "own.onnx", "own.bin")
    assert all(found.ok for found in check(tmp_path))
    (tmp_path / SUMS).write_text(f"{'0' * 64}  own.onnx\n")
    assert [found.ok for found in check(tmp_path)] == [False, True]
