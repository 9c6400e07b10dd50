"""What was ever written is read for ever: lines fixed as they were stored.

Never change a line of these files. A new shape of an event is a new line, with its schema version
and, under `lifted`, what it is read as today.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from events.codec import CODEC, STORED, UPCASTERS
from events.emotion import Feeling
from events.envelope import Recorded
from events.replay import replay
from events.state import State
from events.turn import Turn

HERE = Path(__file__).parent


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines()]


def stored(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def recorded(name: str) -> list[Recorded]:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return [
        Recorded(
            position=number,
            conversation_id="c",
            version=number,
            event_id=f"e{number}",
            type=line["type"],
            schema_version=line["schema_version"],
            epoch=1,
            command_id=f"k{number}",
            recorded_at=start + timedelta(seconds=number),
            chain=b"",
            data=stored(line["data"]),
        )
        for number, line in enumerate(lines(name), start=1)
    ]


def told(state: State) -> dict[str, Any]:
    def row(turn: Turn) -> list[object]:
        ended = turn.ended_at and turn.ended_at.isoformat()
        of_sound = (turn.duration_s, turn.audio, ended)
        return [turn.turn_id, turn.number, turn.kind, turn.status, turn.heard_text, *of_sound]

    return {
        **state._asdict(),
        "participants": {name: asdict(person) for name, person in state.participants.items()},
        "speakers": {name: share._asdict() for name, share in state.speakers.items()},
        "turns": [row(turn) for turn in state.turns],
        "feelings": {name: rounded(feeling) for name, feeling in state.feelings.items()},
        "topics": [topic.model_dump() for topic in state.topics],
        "pronunciations": {word: said.model_dump() for word, said in state.pronunciations.items()},
    }


def rounded(feeling: Feeling) -> list[object]:
    """Powers differ in their last digit from one machine to another."""
    return [round(value, 9) if isinstance(value, float) else value for value in feeling]


@pytest.mark.parametrize("line", lines("events.jsonl"), ids=lambda line: line["type"])
def test_a_stored_line_is_read_as_it_was_meant(line: dict[str, Any]) -> None:
    event = CODEC.decode(line["type"], line["schema_version"], stored(line["data"]))
    assert event.type == line["type"]
    read = json.loads(CODEC.encode(event).data)
    expected = line.get("lifted", line["data"])
    assert kept(read, expected) == expected


def kept(read: Any, expected: Any) -> Any:
    """What was read, without the optional fields that a later release added."""
    if isinstance(expected, dict) and isinstance(read, dict):
        return {name: kept(read.get(name), value) for name, value in expected.items()}
    if isinstance(expected, list) and isinstance(read, list) and len(read) == len(expected):
        return [kept(*pair) for pair in zip(read, expected, strict=True)]
    return read


def test_every_event_ever_written_has_a_line() -> None:
    golden = {(line["type"], line["schema_version"]) for line in lines("events.jsonl")}
    every = {(name, v) for name, (_, newest) in STORED.items() for v in range(1, newest + 1)}
    assert golden == every


def test_every_old_version_can_be_lifted() -> None:
    old = {(name, v) for name, (_, newest) in STORED.items() for v in range(1, newest)}
    assert set(UPCASTERS) == old


def test_every_field_of_today_is_in_a_line() -> None:
    """A new field must be read from old lines, and be written in a line of its own."""
    newest = {
        line["type"]: line["data"]
        for line in lines("events.jsonl")
        if line["schema_version"] == STORED[line["type"]][1]
    }
    for name, (kind, _) in STORED.items():
        fields = {field.removesuffix("_json") for field in kind.model_fields}
        assert set(newest[name]) == fields - {"type"}, name


def test_a_whole_dialogue_adds_up_to_the_same_state_for_ever() -> None:
    state = replay("c", recorded("dialogue.jsonl")).state
    expected = json.loads((HERE / "dialogue.state.json").read_text("utf-8"))
    assert json.loads(json.dumps(told(state))) == expected


def test_its_transcript_has_every_turn() -> None:
    transcript = replay("c", recorded("dialogue.jsonl")).transcript
    assert [turn.turn_id for turn in transcript] == ["h1", "t1", "h2", "t2"]
