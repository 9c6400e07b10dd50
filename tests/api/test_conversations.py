"""Conversations over HTTP: what the contract promises to those who use it rightly."""

import asyncio
from datetime import timedelta

import pytest

from tests.api.door import TEXT, Door, refused
from tests.fakes.clock import START


async def test_a_start_opens_a_conversation_and_gives_out_voices(closed: Door) -> None:
    answer = await closed.post("/v1/conversation/start", {"participants": ["ann", "bob"]})
    assert answer.status_code == 201
    told = answer.json()
    assert told["conversation_id"].startswith("new-")
    assert [p["id"] for p in told["participants"]] == ["ann", "bob"]
    assert len({p["voice"] for p in told["participants"]}) == 2
    assert told["version"] == len(closed.events(told["conversation_id"])) == 5


async def test_the_same_start_again_is_answered_the_same(door: Door) -> None:
    first = (await door.get("/v1/conversation/c")).json()
    assert (await door.speak(speaker_id="bob")).status_code == 200  # who now has a voice
    await door.post("/v1/conversation/c/participants", {"id": "eve"})
    again = await door.start()
    assert again.status_code == 200
    assert again.json()["version"] == first["version"]
    assert again.json()["participants"] == first["participants"]


async def test_another_start_under_the_same_name_is_a_conflict(door: Door) -> None:
    refused(await door.start(metadata={"x": 1}), 409, "conversation_conflict", "conversation_id")
    assert len(door.events()) == 4


async def test_a_start_may_be_named_by_its_key(closed: Door) -> None:
    for status in (201, 200):
        answer = await closed.post(
            "/v1/conversation/start", {"participants": ["a"]}, {"Idempotency-Key": "k"}
        )
        assert (answer.status_code, answer.json()["conversation_id"]) == (status, "k")


async def test_a_heard_turn_is_answered_and_repeated_the_same(door: Door) -> None:
    answers = [await door.listen() for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    answered = answers[0].json()
    assert (answered["turn"], answered["turn_id"], answered["version"]) == (1, "h1", 5)
    assert answered["affect"]["category"] == "neutral"
    refused(await door.listen(text="Else."), 409, "turn_id_conflict", "turn_id")


async def test_the_state_has_what_tools_read(door: Door) -> None:
    await door.listen()
    await door.speak()
    state = (await door.get("/v1/conversation/c")).json()
    assert (state["conversation_id"], state["status"], state["version"]) == ("c", "active", 7)
    assert (state["current_speaker"], state["turn_count"]) == ("ann", 2)
    assert [t["turn_id"] for t in state["turns"]] == ["h1", "t1"]
    assert state["speakers"]["ann"]["turns"] == 1
    assert {"participants", "emotional_state", "topic"} <= set(state)


async def test_what_was_read_of_a_turn_is_told_with_it(door: Door) -> None:
    await door.listen(text="I am so happy that the garden is in bloom!")
    turn = (await door.get("/v1/conversation/c/turns/h1")).json()
    assert (turn["act"], turn["affect"]["category"]) == ("statement", "joy")
    assert "garden" in turn["topic"]
    assert turn["timing"]["part"] == "opening"
    assert turn["unread"] == []
    state = (await door.get("/v1/conversation/c")).json()
    assert state["emotional_state"]["category"] == "joy"
    assert state["speakers"]["bob"]["emotion"] == state["emotional_state"]
    assert state["mood"]["valence"] > 0
    assert state["topic"] == turn["topic"]


async def test_what_cannot_be_read_is_null_and_says_why(door: Door) -> None:
    answer = await door.listen(text="Ich habe das nicht gesehen.")
    assert answer.status_code == 200
    turn = (await door.get("/v1/conversation/c/turns/h1")).json()
    assert (turn["affect"], turn["act"], turn["topic"]) == (None, None, None)
    assert "another language" in turn["unread"][0]["because"]


async def test_the_state_as_it_was_at_a_version_or_a_moment(door: Door) -> None:
    door.system.clock.advance(10)
    await door.listen()
    path = "/v1/conversation/c"
    assert (await door.get(path, version=4)).json()["turn_count"] == 0
    moment = (START + timedelta(seconds=5)).isoformat()
    assert (await door.get(path, at=moment)).json()["version"] == 4
    assert (await door.get(path, at="2026-03-01T00:00:10Z")).json()["version"] == 5
    refused(await door.get(path, version=99), 404, "version_not_found", "version")
    refused(await door.get(path, at="2020-01-01"), 404, "conversation_not_found", "at")


async def test_a_turn_tells_all_about_itself(door: Door) -> None:
    await door.listen()
    await door.speak()
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert (turn["turn"], turn["kind"], turn["status"]) == (2, "spoken", "completed")
    assert turn["text"] == turn["heard_text"] == TEXT
    assert [w["word"] for w in turn["words"]] == TEXT.split()
    assert turn["direction"]["voice"] == "af_heart"
    assert set(turn["direction"]["reasons"][0]) == {"rule", "because", "effect"}
    assert (turn["engine"], turn["response_gap_ms"]) == ("scripted", 240)
    assert turn["started_at"] < turn["ended_at"]


async def test_turns_are_listed_newest_last(door: Door) -> None:
    for number in range(1, 4):
        await door.listen(turn_id=f"h{number}")
    path = "/v1/conversation/c/turns"
    assert [t["turn"] for t in (await door.get(path)).json()["data"]] == [1, 2, 3]
    assert [t["turn"] for t in (await door.get(path, after=1, limit=1)).json()["data"]] == [2]


async def test_events_are_listed_as_they_were_recorded(door: Door) -> None:
    await door.speak()
    first = (await door.get("/v1/conversation/c/events", limit=4)).json()
    rest = (await door.get("/v1/conversation/c/events", after=4)).json()
    assert (first["has_more"], rest["has_more"]) == (True, False)
    found = first["data"] + rest["data"]
    assert [e["type"] for e in found] == door.events()
    assert [e["version"] for e in found] == list(range(1, 7))
    names = {"event_id", "conversation_id", "version", "position", "type", "schema_version"}
    assert names | {"recorded_at", "command_id", "data"} <= set(found[0])
    assert (await door.get("/v1/conversation/c/events", after=6)).json()["data"] == []


async def test_a_fork_shares_the_past_up_to_a_version(door: Door) -> None:
    await door.speak()
    await door.listen()
    body = {"version": 6, "conversation_id": "f"}
    fork = await door.post("/v1/conversation/c/fork", body)
    assert fork.status_code == 201
    assert fork.json()["forked_from"] == {"conversation_id": "c", "version": 6}
    assert [t["turn_id"] for t in (await door.get("/v1/conversation/f/turns")).json()["data"]] == [
        "t1"
    ]
    path = "turns/t1/audio?format=pcm"
    assert (await door.get(f"/v1/conversation/f/{path}")).content == (
        await door.get(f"/v1/conversation/c/{path}")
    ).content
    again = await door.post("/v1/conversation/c/fork", body)
    assert again.json() == fork.json()


async def test_a_fork_without_a_body_shares_all_of_it(door: Door) -> None:
    answer = await door.client.post("/v1/conversation/c/fork")
    assert answer.json()["forked_from"] == {"conversation_id": "c", "version": 4}
    refused(
        await door.post("/v1/conversation/c/fork", {"version": 99}),
        404,
        "version_not_found",
        "version",
    )


async def test_participants_come_and_go(door: Door) -> None:
    joined = await door.post("/v1/conversation/c/participants", {"id": "eve", "name": "Eve"})
    assert joined.status_code == 201
    eve = joined.json()["participants"][-1]
    assert (eve["id"], eve["name"], eve["present"]) == ("eve", "Eve", True)
    left = await door.client.delete("/v1/conversation/c/participants/eve")
    assert left.json()["participants"][-1] == {**eve, "present": False}
    refused(await door.speak(speaker_id="eve"), 404, "speaker_not_found", "speaker_id")
    unknown = await door.client.delete("/v1/conversation/c/participants/nobody")
    refused(unknown, 404, "speaker_not_found", "speaker_id")


async def test_who_may_join_may_leave_whatever_the_name(door: Door) -> None:
    await door.post("/v1/conversation/c/participants", {"id": "sales/eve"})
    left = await door.client.delete("/v1/conversation/c/participants/sales%2Feve")
    assert left.json()["participants"][-1]["present"] is False


async def test_an_ended_conversation_takes_no_further_turns(door: Door) -> None:
    await door.speak()
    ends = [await door.post("/v1/conversation/c/end") for _ in range(2)]
    assert ends[0].json() == ends[1].json()
    assert ends[0].json() == {"conversation_id": "c", "status": "ended", "version": 7}
    for answer in (await door.listen(), await door.speak(turn_id="t2")):
        refused(answer, 409, "conversation_ended", "conversation_id")
    assert (await door.speak()).status_code == 200
    assert len(door.events()) == 7


async def test_conversations_are_listed_newest_first(closed: Door) -> None:
    for name in "abc":
        await closed.start(conversation_id=name)
    await closed.post("/v1/conversation/b/end")

    async def listed(**asked: object) -> list[str]:
        found = (await closed.get("/v1/conversations", **asked)).json()
        return [head["conversation_id"] for head in found["data"]]

    assert await listed() == ["c", "b", "a"]
    assert await listed(status="ended") == ["b"]
    assert await listed(status="active", limit=1) == ["c"]
    assert await listed(after="b") == ["a"]
    unknown = await closed.get("/v1/conversations", after="nobody")
    refused(unknown, 404, "conversation_not_found", "after")


async def test_an_interruption_says_what_was_heard_and_says_it_again(door: Door) -> None:
    await door.speak()
    path = "/v1/conversation/c/turns/t1/interrupt"
    first = await door.post(path, {"audio_played_ms": 500, "by": "bob"})
    told = first.json()
    assert told["audio_played_ms"] == 500
    assert f"{told['heard_text']} {told['unheard_text']}" == TEXT
    assert (await door.post(path, {"audio_played_ms": 900})).json() == told
    assert (await door.get("/v1/conversation/c/turns/t1")).json()["status"] == "interrupted"


@pytest.mark.parametrize("path", ["", "/turns", "/events", "/turns/t1", "/turns/t1/audio"])
async def test_what_is_not_there_is_not_found(closed: Door, path: str) -> None:
    answer = await closed.get(f"/v1/conversation/nowhere{path}")
    message = refused(answer, 404, "conversation_not_found", "conversation_id")
    assert "'nowhere'" in message
    assert "/v1/conversation/start" in message


async def test_many_who_start_the_same_start_one(closed: Door) -> None:
    answers = await asyncio.gather(*(closed.start() for _ in range(10)))
    assert sorted(a.status_code for a in answers) == [200] * 9 + [201]
    assert len({a.text for a in answers}) == 1
    assert len(closed.events()) == 4


async def test_two_hundred_conversations_share_three_processes(closed: Door) -> None:
    names = [f"c{number}" for number in range(200)]
    for name in names:
        assert (await closed.start(conversation_id=name)).status_code == 201
    for name in names:
        body = {"text": f"I am in {name}.", "speaker_id": "bob", "turn_id": "h1"}
        assert (await closed.post(f"/v1/conversation/{name}/listen", body)).status_code == 200
    assert len(closed.system.processes) == 3
    for name in names[::20]:
        state = (await closed.get(f"/v1/conversation/{name}")).json()
        assert [turn["text"] for turn in state["turns"]] == [f"I am in {name}."]
