"""Dialogues from outside, brought in as a person would: by the command, over HTTP."""

import json
import subprocess
import sys
from pathlib import Path

from gateway.client import Colloquy
from tests.system.serving import Server


def bring_in(server: Server, file: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "gateway.cli", "import", str(file), "--server", server.url]
    return subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)


def told(file: Path, lines: list[object]) -> Path:
    file.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    return file


def line(conversation: str, number: int, **more: object) -> dict[str, object]:
    return {
        "conversation_id": conversation, "speaker": f"p{number % 3}", "text": f"Line {number}.",
        "start_s": number, "end_s": number + 0.5, **more,
    }  # fmt: skip


def test_the_good_lines_go_in_once_and_the_broken_ones_are_named(
    server: Server, tmp_path: Path
) -> None:
    lines: list[object] = [line(f"import {n % 2}", n) for n in range(1, 1300)]
    lines[9] = "{ this is broken"
    lines[19] = line("import 1", 20, end_s=0)
    file = told(tmp_path / "talk.jsonl", lines)
    first = bring_in(server, file)
    assert first.returncode == 1, first.stderr
    assert "1,297 turns of 2 conversations" in first.stderr
    assert "line 10: it is not JSON" in first.stderr
    assert "line 20: it ends before it starts" in first.stderr
    assert "this is broken" not in first.stderr

    lines[9] = line("import 0", 10)
    lines[19] = line("import 1", 20)
    mended = bring_in(server, told(file, lines))
    assert mended.returncode == 0, mended.stderr
    with Colloquy(server.url) as client:
        names = [
            s.conversation_id for s in client.conversations() if "import-" in s.conversation_id
        ]
        states = [client.conversation(name).state() for name in names]
    assert sum(state.turn_count for state in states) == 1299
    assert all(len(state.participants) == 3 for state in states)


def test_a_conversation_of_that_name_with_other_people_is_left_alone(
    server: Server, tmp_path: Path
) -> None:
    server.post("/v1/conversation/start", {"participants": ["ann"], "conversation_id": "taken"})
    file = told(tmp_path / "talk.jsonl", [line("taken", 1), line("free", 2)])
    outcome = bring_in(server, file)
    assert outcome.returncode == 1
    assert "line 1: Conversation 'taken' was started before" in outcome.stderr
    assert server.get("/v1/conversation/taken")["turn_count"] == 0
    assert server.get("/v1/conversation/free")["turn_count"] == 1


def test_subtitles_become_turns_with_their_times(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "subtitled.vtt"
    file.write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.500\n<v Ann>Hello.\n\n00:03.000 --> 00:04.000\n<v Bob>Hi."
    )
    assert bring_in(server, file, "--began", "2026-03-01T12:00:00Z").returncode == 0
    turns = server.get("/v1/conversation/subtitled/turns")["data"]
    assert [(t["speaker_id"], t["text"], t["started_at"]) for t in turns] == [
        ("Ann", "Hello.", "2026-03-01T12:00:01Z"), ("Bob", "Hi.", "2026-03-01T12:00:03Z"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_said_in_a_sentence(server: Server, tmp_path: Path) -> None:
    table = tmp_path / "talk.csv"
    table.write_text("who,said\nann,Hi\n")
    outcome = bring_in(server, table)
    assert outcome.returncode == 2
    assert "no column is called speaker" in outcome.stderr
    mapped = bring_in(server, table, "--map", "speaker=who", "--map", "text=said")
    assert mapped.returncode == 0, mapped.stderr
    assert "Say it with --format" in bring_in(server, tmp_path / "talk.xyz").stderr
