"""What was said is there again: after a restart, and from the record."""

import gzip
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.system.serving import Server

MEETINGS = Path(__file__).parents[3] / "shared" / "data" / "meetings.jsonl.gz"


def shortest_meeting() -> list[dict[str, Any]]:
    meetings = defaultdict(list)
    with gzip.open(MEETINGS, "rt") as lines:
        for line in lines:
            unit = json.loads(line)
            meetings[unit["conversation_id"]].append(unit)
    return min(meetings.values(), key=len)


@pytest.mark.skipif(not MEETINGS.exists(), reason="the ICSI meetings are not at hand")
def test_a_whole_meeting_is_the_same_after_a_restart(own_server: Server) -> None:
    units = shortest_meeting()
    began = datetime(2026, 1, 1, 9, tzinfo=UTC)
    people = [{"id": p, "role": "human"} for p in sorted({u["speaker"] for u in units})]
    own_server.start()
    own_server.post("/v1/conversation/start", {"participants": people, "conversation_id": "icsi"})
    with own_server.client() as client:
        for unit in units:
            heard = {
                "speaker_id": unit["speaker"],
                "text": unit["text"],
                "started_at": (began + timedelta(seconds=unit["start_s"])).isoformat(),
                "ended_at": (began + timedelta(seconds=unit["end_s"])).isoformat(),
            }
            client.post("/v1/conversation/icsi/listen", json=heard).raise_for_status()
    before = own_server.get("/v1/conversation/icsi")
    own_server.stop()

    own_server.start()
    assert own_server.get("/v1/conversation/icsi") == before
    assert before["turn_count"] == len(units)
    spoken_s = sum(speaker["spoken_s"] for speaker in before["speakers"].values())
    assert spoken_s == pytest.approx(sum(u["end_s"] - u["start_s"] for u in units), rel=1e-3)
    assert own_server.get("/v1/log/verify")["content"]


def test_a_turn_asked_for_again_is_the_same_sound(server: Server) -> None:
    server.post("/v1/conversation/start", {"participants": ["ann"], "conversation_id": "again"})
    line = {"text": "Say it once.", "speaker_id": "ann", "turn_id": "t1", "response_format": "pcm"}
    with server.client() as client:
        first = client.post("/v1/conversation/again/speak", json=line)
        second = client.post("/v1/conversation/again/speak", json=line)
        recorded = client.get("/v1/conversation/again/turns/t1/audio", params={"format": "pcm"})
        other = client.post("/v1/conversation/again/speak", json={**line, "text": "Say more."})
    assert first.content == second.content == recorded.content
    assert second.headers["X-Turn-Status"] == "completed"
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "turn_id_conflict"


def test_conversations_outnumber_processes(server: Server) -> None:
    names = [f"crowd-{number}" for number in range(24)]  # on four processes
    with server.client() as client:
        for name in names:
            opening = {"participants": ["ann"], "conversation_id": name}
            client.post("/v1/conversation/start", json=opening).raise_for_status()
        for round_ in range(2):
            for name in names:
                line = {"text": f"Round {round_}.", "speaker_id": "ann", "response_format": "pcm"}
                client.post(f"/v1/conversation/{name}/speak", json=line).raise_for_status()
        counts = {client.get(f"/v1/conversation/{name}").json()["turn_count"] for name in names}
    assert counts == {2}
