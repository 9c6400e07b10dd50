import json
import re
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import httpx
import pytest
from typer.testing import CliRunner, Result

from events.codec import CODEC
from events.direction import Direction, Phrase
from events.durable import DuckDBLog
from events.envelope import Append, Recorded
from events.replay import replay, until
from events.turns import (
    Ended,
    Event,
    ParticipantJoined,
    Started,
    TurnBegun,
    TurnCompleted,
    TurnHeard,
    TurnInterrupted,
    VoiceAssigned,
)
from gateway.answers import event_out, state_out
from gateway.cli import app
from gateway.client import Colloquy, Patience
from gateway.commands import log as logs
from gateway.commands import sound, talk
from gateway.commands.records import ServerRecords
from gateway.commands.script import Line
from tests.contracts.logs import duckdb_log

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIXTURES = Path(__file__).parents[2] / "fixtures"


def begun(number: int, speaker: str, text: str) -> TurnBegun:
    return TurnBegun(
        turn=number,
        turn_id=f"t{number}",
        speaker_id=speaker,
        text=text,
        direction_json=Direction(voice="af_heart", phrases=(Phrase(text=text),)).model_dump_json(),
        engine="scripted",
        response_gap_ms=100,
        begun_at=NOON + timedelta(seconds=number),
        fingerprint="",
    )


COFFEE: tuple[Event, ...] = (
    Started(),
    ParticipantJoined(participant_id="ann"),
    VoiceAssigned(participant_id="ann", voice="af_heart"),
    ParticipantJoined(participant_id="[red]ben[/red]", role="human"),
    begun(1, "ann", "What would you like?"),
    TurnCompleted(turn_id="t1", audio="a" * 64, duration_s=1.25, completed_at=NOON),
    TurnHeard(turn=2, turn_id="t2", speaker_id="[red]ben[/red]", text="A latte.", heard_at=NOON),
    begun(3, "ann", "We have oat milk and soy."),
    TurnInterrupted(
        turn_id="t3",
        audio_played_ms=700,
        cause="barge_in",
        heard_text="We have oat milk",
        unheard_text="and soy.",
        interrupted_at=NOON,
    ),
)
TEA: tuple[Event, ...] = (Started(), ParticipantJoined(participant_id="cleo"), Ended())


async def append(log: DuckDBLog, conversation_id: str, events: tuple[Event, ...]) -> None:
    epoch = (await log.open(conversation_id)).epoch
    for version, event in enumerate(events):
        one = Append(conversation_id, version, epoch, f"c{version}", (CODEC.encode(event),))
        await log.append(one)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests, and nothing on the port of the settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("COLLOQUY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLLOQUY_PORT", "1")


@pytest.fixture
async def events(tmp_path: Path) -> list[Recorded]:
    """What is in the log of the data directory, which nobody has open."""
    log = await duckdb_log(tmp_path / "log.duckdb")
    await append(log, "coffee", COFFEE)
    await append(log, "tea", TEA)
    recorded = list(await log.read_all())
    await log.close()
    return recorded


def colloquy(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=given)


def refused(result: Result, code: int = 2) -> str:
    """The sentence of a command that says no."""
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("colloquy: ")
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.output
    return result.stderr.removeprefix("colloquy: ").strip()


class Door(ThreadingHTTPServer):
    """A server as far as these commands see it: it has events, and says tones."""

    daemon_threads = True

    def __init__(self, events: list[Recorded]) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.events = events
        self.asked: list[dict[str, Any]] = []
        self.damages: list[dict[str, Any]] = []
        self.ready = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def conversation(self, name: str) -> list[Recorded]:
        return [event for event in self.events if event.conversation_id == name]

    def answer(self, path: list[str], query: dict[str, list[str]]) -> tuple[int, Any]:
        match path:
            case ["ready"]:
                return (200 if self.ready else 503), {}
            case ["v1", "log", "verify"]:
                return 200, {
                    "content": not self.damages,
                    "events": len(self.events),
                    "conversations": 2,
                    "last_position": len(self.events),
                    "damages": self.damages,
                }
            case ["v1", "events"]:
                after = int(query["after"][0])
                found = [e for e in self.events if e.position > after]
                return 200, {"data": [event_out(e).model_dump(mode="json") for e in found]}
            case ["v1", "conversation", name, "events"] if self.conversation(name):
                after = int(query["after"][0])
                found = [e for e in self.conversation(name) if e.version > after]
                return 200, {"data": [event_out(e).model_dump(mode="json") for e in found]}
        return 404, {"error": {"message": "There is nothing there."}}

    def stream(self, path: list[str], seen: int) -> tuple[int, bytes]:
        """What follows, as far as it is known; then the connection ends."""
        name = path[2] if len(path) == 4 else None
        events = self.events if name is None else self.conversation(name)
        if not events:
            return 404, json.dumps(self.answer([], {})[1]).encode()
        numbered = [(e.position if name is None else e.version, e) for e in events]
        if events[-1].type == "ended" and name and seen == numbered[-1][0]:
            return 204, b""
        told = [(n, event_out(e).model_dump_json()) for n, e in numbered if n > seen]
        return 200, "".join(f"data: {data}\nid: {n}\n\n" for n, data in told).encode()


class Answers(BaseHTTPRequestHandler):
    server: Door

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self.headers["Accept"] == "text/event-stream":
            seen = int(self.headers.get("Last-Event-ID", "0"))
            code, told = self.server.stream(url.path.strip("/").split("/"), seen)
            self._send(code, told, {"Content-Type": "text/event-stream"})
            return
        code, body = self.server.answer(url.path.strip("/").split("/"), parse_qs(url.query))
        self._send(code, json.dumps(body).encode(), {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        if self.path.endswith("/start"):
            self._send(201, json.dumps({"conversation_id": "new"}).encode(), {})
        else:
            spoken = len(body["text"]) * b"\x01\x02"
            self._send(200, spoken, {"X-Turn-ID": "t", "X-Response-Gap-Ms": "50"})

    def _send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(events: list[Recorded]) -> Iterator[Door]:
    with Door(events) as door:
        thread = Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
            thread.join()


@pytest.fixture
def door(events: list[Recorded]) -> Iterator[Door]:
    with serving(events) as door:
        yield door


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("\nHello.", "Line 2 of the script names no speaker"),
        ("ann: Hi.\n: Hi.", "Line 2 of the script names no speaker"),
        ("ann: Hi.\n\nben:", "Line 3 of the script has no text"),
        ("a" * 129 + ": Hi.", "Line 1 of the script has no good name"),
        ("# nothing\n", "The script says nothing"),
    ],
)
def test_a_bad_line_is_refused_before_anything_is_spoken(script: str, sentence: str) -> None:
    assert refused(colloquy("talk", given=script)).startswith(sentence)


def test_the_version_is_that_of_the_package() -> None:
    assert re.fullmatch(r"colloquy \d+\.\d+\.\d+\n", colloquy("--version").stdout)


@pytest.mark.parametrize(
    "command", ["serve", "talk", "replay", "explain", "verify", "log", "models"]
)
def test_every_command_explains_itself(command: str) -> None:
    result = colloquy(command, "--help")
    assert result.exit_code == 0
    assert command in colloquy("--help").stdout


def test_a_wrong_setting_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLOQUY_PROT", "80")
    assert refused(colloquy("verify")).startswith("no setting is called COLLOQUY_PROT")


@pytest.mark.usefixtures("events")
def test_a_replay_shows_what_was_heard_and_what_was_not() -> None:
    result = colloquy("replay", "coffee")
    assert result.exit_code == 0
    for words in ("What would you like?", "A latte.", "We have oat milk and soy.", "cut short"):
        assert words in result.stdout
    assert "[red]ben[/red]" in result.stdout, "a name was taken for markup"
    assert "nothing was synthesised" in result.stderr


@pytest.mark.parametrize("version", range(1, len(COFFEE) + 1))
def test_a_replay_as_json_is_the_state_at_every_version(
    events: list[Recorded], version: int
) -> None:
    result = colloquy("replay", "coffee", "--json", "--version", str(version))
    past = until((e for e in events if e.conversation_id == "coffee"), version=version)
    expected = state_out(replay("coffee", past).state).model_dump(mode="json")
    assert json.loads(result.stdout) == expected


def test_a_replay_stops_at_a_moment(events: list[Recorded]) -> None:
    moment = events[3].recorded_at.isoformat()
    assert json.loads(colloquy("replay", "coffee", "--json", "--at", moment).stdout)["version"] == 4


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["cocoa"], "There is no conversation 'cocoa'"),
        (["coffee", "--version", "10"], "Conversation 'coffee' has no version 10, only 9."),
        (["coffee", "--at", "1999-01-01"], "Conversation 'coffee' began later"),
        (["coffee", "--at", "soon"], "'soon' is no moment"),
    ],
)
def test_what_cannot_be_replayed_is_a_sentence(arguments: list[str], sentence: str) -> None:
    assert refused(colloquy("replay", *arguments)).startswith(sentence)


async def test_while_the_log_is_held_its_server_is_asked(
    events: list[Recorded], door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = {
        command: colloquy(*command).stdout
        for command in [("replay", "coffee", "--json"), ("verify",), ("log", "--words")]
    }
    log = await duckdb_log(tmp_path / "log.duckdb")
    monkeypatch.setenv("COLLOQUY_PORT", str(door.server_port))
    assert {command: colloquy(*command).stdout for command in alone} == alone
    assert refused(colloquy("replay", "cocoa")).endswith(f"{door.url}.")
    monkeypatch.setenv("COLLOQUY_PORT", "1")
    assert refused(colloquy("verify")).startswith("No answer from http://127.0.0.1:1")
    await log.close()


def test_a_turn_is_explained_by_the_server_that_has_it() -> None:
    said = refused(colloquy("explain", "coffee", "3"))
    assert said.startswith("No answer from http://127.0.0.1:1")


def test_a_whole_log_verifies(events: list[Recorded]) -> None:
    result = colloquy("verify")
    assert result.exit_code == 0
    assert f"whole: {len(events)} events of 2 conversations" in result.stdout


@pytest.mark.usefixtures("events")
def test_a_damaged_log_is_damaged_exactly_there(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "log.duckdb")) as tampered:
        tampered.execute("UPDATE events SET data = replace(data, 'latte', 'mocha')")
    result = colloquy("verify")
    assert result.exit_code == 1
    assert re.findall(r"^position (\d+)", result.stdout, re.MULTILINE) == ["7"]
    assert "conversation coffee, version 7" in result.stdout


def test_a_log_that_is_no_log_is_damaged_too(tmp_path: Path) -> None:
    (tmp_path / "log.duckdb").write_bytes(b"words" * 5000)
    assert "is no log: move it away" in refused(colloquy("verify"), 1)


def test_a_log_that_is_not_there_is_a_sentence() -> None:
    assert refused(colloquy("verify")).startswith("there is no log")


def test_damage_that_a_server_finds_ends_the_same(door: Door) -> None:
    door.damages = [{"position": 3, "conversation_id": None, "version": None, "what": "missing"}]
    result = colloquy("verify", "--server", door.url)
    assert result.exit_code == 1
    assert "position 3: missing" in result.stdout


def test_the_log_is_lines_without_words(events: list[Recorded]) -> None:
    result = colloquy("log")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [(int(row[0]), row[2], int(row[3]), row[4]) for row in rows] == [
        (e.position, e.conversation_id, e.version, e.type) for e in events
    ]
    assert [row[5] for row in rows[4:6]] == ["ann", "ann"], "who completed a turn, began it"
    for everything in (result.stdout, colloquy("log", "--json").stdout):
        assert "latte" not in everything
        assert "milk" not in everything


@pytest.mark.usefixtures("events")
def test_words_are_shown_when_asked_for() -> None:
    assert '"A latte."' in colloquy("log", "--words").stdout
    told = [json.loads(line) for line in colloquy("log", "--words", "--json").stdout.splitlines()]
    assert told[6]["data"]["text"] == "A latte."


@pytest.mark.usefixtures("events")
@pytest.mark.parametrize(
    ("options", "positions"),
    [
        (["--after", "10"], [11, 12]),
        (["--conversation", "tea"], [10, 11, 12]),
        (["--conversation", "tea", "--after", "11"], [12]),
        (["--conversation", "cocoa"], []),
    ],
)
def test_a_part_of_the_log(options: list[str], positions: list[int]) -> None:
    told = colloquy("log", "--json", *options).stdout.splitlines()
    assert [json.loads(line)["position"] for line in told] == positions


class Enough(Exception):
    """Ends what would follow for ever."""


def between_polls(*steps: Callable[[], object]) -> Callable[[float], None]:
    """Does one step at each pause, and then ends."""
    waiting = iter(steps)

    def sleep(_: float) -> None:
        step = next(waiting, None)
        if step is None:
            raise Enough
        step()

    return sleep


def positions_told(capsys: pytest.CaptureFixture[str]) -> list[int]:
    return [int(line.split()[0]) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("after", [0, 2])
def test_following_misses_nothing_and_says_nothing_twice(
    door: Door, capsys: pytest.CaptureFixture[str], after: int
) -> None:
    everything, door.events = door.events, door.events[:3]
    late = between_polls(
        lambda: None,
        lambda: door.events.append(everything[3]),
        lambda: setattr(door, "events", everything),
        lambda: None,
    )
    with Colloquy(door.url, sleep=late) as client, pytest.raises(Enough):
        logs.follow(ServerRecords(client, door.url), logs.Lines(), after=after)
    assert positions_told(capsys) == [e.position for e in everything[after:]]


def test_following_a_conversation_ends_with_it(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    everything, door.events = door.events, []
    begins = between_polls(lambda: setattr(door, "events", everything))
    pauses = between_polls(lambda: None)
    with Colloquy(door.url, sleep=pauses) as client:
        live = ServerRecords(client, door.url)
        logs.follow(live, logs.Lines(), "tea", sleep=begins)
    assert positions_told(capsys) == [10, 11, 12]


def test_following_waits_for_a_server_that_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    still = between_polls(lambda: None, lambda: None)
    patience, transport = Patience(retries=0), httpx.MockTransport(away)
    with (
        Colloquy("http://gone", patience=patience, transport=transport) as client,
        pytest.raises(Enough),
    ):
        logs.follow(ServerRecords(client, ""), logs.Lines(), sleep=still)
    assert capsys.readouterr().err.count("Waiting") == 1


# Talking.

SCRIPT = "ann: Hello.\nben: Hi!\nBye."
GAP = 50 * 24


def frames(path: Path) -> int:
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (24_000, 1, 2)
        return wav.getnframes()


def test_a_script_becomes_one_file_with_its_pauses(door: Door, tmp_path: Path) -> None:
    options = ("--server", door.url, "--voice", "ben=am_adam", "--output", "all.wav")
    result = colloquy("talk", *options, "--intensity", "0", given=SCRIPT)
    assert result.exit_code == 0, result.output
    start, *spoken = door.asked
    assert start["intensity"] == 0
    assert start["participants"] == ["ann", {"id": "ben", "voice": "am_adam"}]
    assert [(s["speaker_id"], s["text"]) for s in spoken] == [
        ("ann", "Hello."),
        ("ben", "Hi!"),
        ("ben", "Bye."),
    ]
    assert frames(tmp_path / "all.wav") == len("Hello.Hi!Bye.") + 3 * GAP


def test_without_a_player_there_is_a_file_and_a_message(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "talk.txt").write_text(SCRIPT)
    result = colloquy("talk", "talk.txt", "--server", door.url)
    assert "Wrote talk.wav" in result.stdout
    assert "No player was found (aplay, " in result.stdout
    assert frames(tmp_path / "talk.wav") > 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--server", "http://127.0.0.1:1"], "No answer from http://127.0.0.1:1"),
        (["--voice", "ann"], "--voice ann names no voice"),
        (["--voice", "cleo=af_sky"], "Nobody called 'cleo' speaks; there are ann, ben."),
    ],
)
def test_a_talk_that_cannot_be(options: list[str], sentence: str) -> None:
    assert refused(colloquy("talk", *options, given=SCRIPT)).startswith(sentence)


def test_a_server_that_is_not_ready_is_not_passed_over(door: Door) -> None:
    door.ready = False
    said = refused(colloquy("talk", "--server", door.url, given=SCRIPT))
    assert said.startswith("The server is there but not ready")


def test_a_file_that_cannot_be_written_is_a_sentence(door: Door) -> None:
    options = ("--server", door.url, "--output", "no/such/place.wav")
    assert refused(colloquy("talk", *options, given=SCRIPT)).startswith("Cannot write no/such")


def turns(*pcm: bytes) -> Iterator[talk.Spoken]:
    for number, samples in enumerate(pcm, start=1):
        yield talk.Spoken(Line(number, "ann", "Hello."), f"t{number}", samples, gap_ms=50)


def test_a_player_hears_the_rest_of_each_pause() -> None:
    heard: list[int] = []
    # Of the first pause 20 ms have gone, and all of the next.
    moments = iter([0.0, 0.02, 1.0, 2.0, 3.0])

    def run(command: list[str]) -> int:
        assert command[:2] == ["/bin/aplay", "-q"]
        heard.append(frames(Path(command[2])))
        return 0

    player = sound.Player.find(lambda name: f"/bin/{name}" if name == "aplay" else None, run)
    assert player is not None
    kept, all_heard = talk.play(turns(b"\0\0" * 10, b"\0\0" * 20), player, lambda: next(moments))
    assert all_heard
    assert heard == [30 * 24 + 10, 20]
    assert kept.seconds == pytest.approx((2 * GAP + 30) / 24_000)


def test_a_player_that_fails_loses_no_sound() -> None:
    calls: list[list[str]] = []

    def run(command: list[str]) -> int:
        calls.append(command)
        return 1

    player = sound.Player(["/bin/aplay"], run)
    kept, all_heard = talk.play(turns(b"\0\0", b"\0\0"), player, lambda: 0.0)
    assert (len(calls), all_heard) == (1, False)
    assert kept.seconds == pytest.approx((2 * GAP + 2) / 24_000)


# The models.


def test_models_that_are_missing(tmp_path: Path) -> None:
    listed = colloquy("models", "list", "--model-dir", str(tmp_path))
    assert len(re.findall(r" missing$", listed.stdout, re.MULTILINE)) == 2
    assert "espeak-ng speaks" in listed.stdout
    assert colloquy("models", "check", "--model-dir", str(tmp_path)).exit_code == 1


def test_models_that_are_there() -> None:
    listed = colloquy("models", "list", "--model-dir", str(FIXTURES))
    assert "Kokoro speaks, with kokoro-small.onnx" in listed.stdout
    assert colloquy("models", "check", "--model-dir", str(FIXTURES)).exit_code == 0


def test_a_model_file_that_was_cut_off_is_named(tmp_path: Path) -> None:
    (tmp_path / "kokoro-v1.0.onnx").write_bytes(b"part")
    result = colloquy("models", "check", "--model-dir", str(tmp_path))
    assert result.exit_code == 1
    assert "It has 4 bytes instead of 325505369" in result.stdout


def test_a_model_is_prepared_once(tmp_path: Path) -> None:
    for name in ("kokoro-small.onnx", "voices-small.bin"):
        (tmp_path / name).write_bytes((FIXTURES / name).read_bytes())
    done = colloquy("models", "prepare", "--model-dir", str(tmp_path))
    assert done.exit_code == 0
    first, then = done.stdout.strip().splitlines()
    assert first.endswith("kokoro-small.onnx is prepared: opened.")
    assert then == "3 voices can be heard before a line is finished."
    assert len(list((tmp_path / "prepared").glob("*/generator.onnx"))) == 1


def test_no_model_to_prepare(tmp_path: Path) -> None:
    refusal = refused(colloquy("models", "prepare", "--model-dir", str(tmp_path)))
    assert "colloquy models fetch" in refusal


def test_models_that_cannot_be_fetched(tmp_path: Path) -> None:
    options = ("--from", "http://127.0.0.1:1", "--model-dir", str(tmp_path))
    assert refused(colloquy("models", "fetch", *options)).startswith("Cannot fetch kokoro-v1.0")
