"""OpenAI's realtime protocol, through the door."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from random import Random

import pytest

from actors.refusals import Busy
from gateway.vendors.openai_realtime import responses
from tests.api.door import MAX_BODY, Door
from tests.api.vendors.realtime import (
    SPOKEN,
    TEXT,
    Caller,
    connect,
    first_item,
    message,
    opened,
    recorded,
    words_until,
)
from tests.fakes import Take
from tests.fakes.clock import settle
from tests.fixtures.sounds import voiced


@pytest.fixture
async def call(closed: Door) -> AsyncIterator[Caller]:
    connected = await connect(closed)
    yield connected
    await connected.hang_up()


async def test_a_session_tells_what_it_is_and_takes_what_can_be_set(call: Caller) -> None:
    created = call.told[0]["session"]
    assert (created["model"], created["audio"]["output"]["speed"]) == ("gpt-realtime", 1.0)
    assert call.told[1]["conversation"]["id"] == "r"
    output = {"voice": {"id": "coral"}, "speed": 1.5, "format": {"type": "audio/pcm"}}
    wanted = {"type": "realtime", "instructions": "Be kind.", "audio": {"output": output}}
    call.say("session.update", session=wanted)
    session = (await call.hear("session.updated"))["session"]
    told = session["audio"]["output"]
    assert (told["voice"], told["speed"], told["format"]["rate"]) == ("coral", 1.5, 24_000)
    assert session["instructions"] == "Be kind."
    call.told.clear()
    call.say("session.update", session={"type": "realtime", "output_modalities": ["audio"]})
    assert (await call.hear("session.updated"))["session"] == session


async def test_a_line_is_told_event_by_event(closed: Door, call: Caller) -> None:
    call.speak(metadata={"line": "1"})
    response = await call.response()
    assert call.kinds()[:7] == [
        "session.created",
        "conversation.created",
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
    ]
    assert call.kinds()[-6:] == [
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    item = response["output"][0]
    assert (response["status"], response["conversation_id"]) == ("completed", "r")
    assert response["metadata"] == {"line": "1"}
    assert item["content"] == [{"type": "output_audio", "transcript": TEXT}]
    deltas = call.all("response.output_audio_transcript.delta")
    assert "".join(delta["delta"] for delta in deltas) == TEXT
    assert len(deltas) > 1
    usage = response["usage"]
    assert usage["output_tokens"] == sum(usage["output_token_details"].values())
    audio = await closed.get(f"/v1/conversation/r/turns/{item['id']}/audio", format="pcm")
    assert audio.content == call.sound(item["id"])


async def test_the_words_of_a_user_are_a_heard_turn_before_the_answer(
    closed: Door, call: Caller
) -> None:
    call.create("What time ", role="user", id="u1")
    call.speak("It is noon.")
    response = await call.response()
    turns = (await closed.get("/v1/conversation/r/turns")).json()["data"]
    heard, spoken = turns
    assert (heard["turn_id"], heard["speaker_id"], heard["kind"]) == ("u1", "user", "heard")
    assert (spoken["turn_id"], spoken["speaker_id"]) == (response["output"][0]["id"], "assistant")
    added = call.all("conversation.item.added")
    assert [event["previous_item_id"] for event in added] == [None, "u1"]
    item = await call.retrieved("u1")
    assert item["content"] == [{"type": "input_text", "text": "What time "}]


async def test_messages_of_the_assistant_wait_for_a_response(closed: Door, call: Caller) -> None:
    call.create("This is the first.", id="a1")
    call.create("This one is not wanted.", id="a2")
    call.create("And this the last.", id="a3")
    item = await call.retrieved("a1")
    assert item["content"] == [{"type": "output_text", "text": "This is the first."}]
    call.say("conversation.item.delete", item_id="a2")
    await call.hear("conversation.item.deleted", item_id="a2")
    call.say("response.create", response={"instructions": "Speak as if to a child."})
    response = await call.response()
    assert [item["id"] for item in response["output"]] == ["a1", "a3"]
    indices = {delta["output_index"] for delta in call.all("response.output_audio.delta")}
    assert indices == {0, 1}
    call.say("response.create")
    assert (await call.refused())["code"] == "text_missing"
    turns = (await closed.get("/v1/conversation/r/turns")).json()["data"]
    assert [turn["text"] for turn in turns] == ["This is the first.", "And this the last."]


async def test_the_input_of_a_response_is_what_it_speaks(call: Caller) -> None:
    call.create("Waiting for later.", id="a1")
    call.create("Waiting for now.", id="a2")
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hm?"}]}
    line = {"role": "assistant", "content": [{"type": "output_text", "text": "Given at once."}]}
    given = [said, {"type": "message", **line}, {"type": "item_reference", "id": "a2"}]
    call.say("response.create", response={"input": given})
    response = await call.response()
    texts = [item["content"][0]["transcript"] for item in response["output"]]
    assert texts == ["Given at once.", "Waiting for now."]
    assert (await call.retrieved("a1"))["content"][0]["type"] == "output_text"


async def test_a_response_may_be_spoken_in_a_voice_of_its_own(closed: Door, call: Caller) -> None:
    call.speak("Hello there.", audio={"output": {"voice": "onyx"}})
    response = await call.response()
    assert response["audio"]["output"]["voice"] == "onyx"
    call.speak("Hello again.")
    await call.response(2)
    turns = (await closed.get("/v1/conversation/r/turns")).json()["data"]
    assert [turn["direction"]["voice"] for turn in turns] == ["am_onyx", "am_onyx"]


async def test_a_cancelled_response_is_silent_at_once() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.until(lambda: len(call.all("response.output_audio.delta")) > 5)
    door.system.clock.advance(0.5)
    call.say("response.cancel")
    response = await call.response()
    assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    item = response["output"][0]
    assert item["status"] == "incomplete"
    sent = len(call.sound(item["id"]))
    heard = await call.retrieved(item["id"])
    turn = await recorded(door, item["id"])
    assert turn["duration_s"] == 0.5
    assert heard["status"] == "incomplete"
    assert heard["content"][0]["transcript"] == words_until(turn, 0.5)
    assert door.system.stage.stopped == 1
    assert len(call.sound(item["id"])) == sent
    await call.hang_up()


async def test_no_sound_follows_a_cancellation_also_where_the_caller_read_slowly() -> None:
    _, call = await opened()
    call.speak()
    await call.hear("response.output_audio.delta")
    call.stop_reading()
    call.say("response.cancel")
    await settle()
    call.read_on()
    assert (await call.response())["status"] == "cancelled"
    await settle()
    kinds = [event["type"] for event in call.told]
    assert kinds[-1] == "response.done"
    assert "response.output_audio.delta" not in kinds[kinds.index("response.output_audio.done") :]
    await call.hang_up()


async def test_what_is_not_truncated_is_recorded_a_moment_after_it_was_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(responses, "TRUNCATED_WITHIN_S", 0)
    door, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.hear("response.output_audio.delta")
    call.say("response.cancel")
    await call.response()
    await settle()
    assert "turn_interrupted" in door.events("r")
    await call.hang_up()


async def test_a_truncation_after_a_cancellation_says_what_was_heard() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.until(lambda: len(call.all("response.output_audio.delta")) > 5)
    item_id = first_item(call)
    door.system.clock.advance(60)
    call.say("response.cancel")
    call.say("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=400)
    await call.hear("conversation.item.truncated", item_id=item_id, audio_end_ms=400)
    turn = await recorded(door, item_id)
    assert (turn["status"], turn["heard_text"]) == ("interrupted", words_until(turn, 0.4))
    item = await call.retrieved(item_id)
    assert item["content"][0]["transcript"] == turn["heard_text"] != ""
    call.say("conversation.item.truncate", item_id=item_id, audio_end_ms=1)
    await call.until(lambda: len(call.all("conversation.item.truncated")) == 2)
    assert call.all("conversation.item.truncated")[1]["audio_end_ms"] == 400
    await call.hang_up()


async def test_a_truncation_ends_what_is_being_spoken() -> None:
    _, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.until(lambda: len(call.all("response.output_audio.delta")) > 5)
    call.say("conversation.item.truncate", item_id=first_item(call), audio_end_ms=100)
    assert (await call.response())["status"] == "cancelled"
    await call.hear("conversation.item.truncated", audio_end_ms=100)
    call.say("response.cancel")
    assert (await call.refused())["code"] == "response_cancel_not_active"
    await call.hang_up()


async def test_a_truncation_of_what_was_sent_whole_leaves_the_next_alone() -> None:
    door, call = await opened(Take(), Take(waits_after=2))
    call.speak("Hello there.")
    first = (await call.response())["output"][0]["id"]
    call.speak("And there is more.")
    await call.until(lambda: bool(call.all("response.output_audio.delta")[-1]["item_id"] != first))
    call.say("conversation.item.truncate", item_id=first, content_index=0, audio_end_ms=200)
    await call.hear("conversation.item.truncated", item_id=first, audio_end_ms=200)
    assert len(call.all("response.done")) == 1
    assert "turn_interrupted" in door.events("r")
    await call.hang_up()


async def test_a_cancellation_drops_the_lines_that_wait() -> None:
    door, call = await opened(Take(waits_after=2))
    call.create("This is the first.", id="a1")
    call.create("Nobody hears the second.", id="a2")
    call.say("response.create")
    await call.hear("response.output_audio.delta")
    call.say("response.cancel")
    response = await call.response()
    assert [item["id"] for item in response["output"]] == ["a1"]
    await call.retrieved("a1")
    call.speak("But this is heard.")
    assert (await call.response(2))["status"] == "completed"
    turns = (await door.get("/v1/conversation/r/turns")).json()["data"]
    assert [turn["text"] for turn in turns] == ["This is the first.", "But this is heard."]
    await call.hang_up()


async def test_the_output_buffer_is_cleared_by_a_cancellation() -> None:
    _, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    created = await call.hear("response.created")
    await call.hear("response.output_audio.delta")
    call.say("output_audio_buffer.clear")
    cleared = await call.hear("output_audio_buffer.cleared")
    assert cleared["response_id"] == created["response"]["id"]
    assert (await call.response())["status"] == "cancelled"
    await call.hang_up()


async def test_an_interruption_by_another_way_ends_the_response() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.hear("response.output_audio.delta")
    path = f"/v1/conversation/r/turns/{first_item(call)}/interrupt"
    await door.post(path, {"audio_played_ms": 10})
    response = await call.response()
    assert response["status_details"]["reason"] == "turn_detected"
    await call.hang_up()


async def test_one_response_at_a_time() -> None:
    _, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    call.say("response.create", event_id="mine", response={"instructions": "Me too."})
    error = await call.refused()
    assert error["code"] == "conversation_already_has_active_response"
    assert error["event_id"] == "mine"
    await call.hear("response.output_audio.delta")
    call.say("response.cancel", response_id="resp_another")
    await call.until(lambda: len(call.all("error")) == 2)
    assert call.all("error")[1]["error"]["param"] == "response_id"
    assert not call.all("response.done")
    await call.hang_up()


async def test_a_line_that_cannot_be_spoken_fails_its_response() -> None:
    _, call = await opened(Take(), Take(refusal=Busy(2)))
    call.speak()
    response = await call.response()
    assert response["status"] == "failed"
    assert response["status_details"]["error"]["code"] == "busy"
    call.speak("This works.")
    assert (await call.response(2))["status"] == "completed"
    await call.hang_up()


async def test_sound_of_the_user_needs_its_words(closed: Door) -> None:
    door = Door(max_body_mb=1)
    call = await connect(door)
    pcm = voiced(150, 1.2).tobytes()
    for begin in range(0, len(pcm), 20_000):
        piece = b64encode(pcm[begin : begin + 20_000]).decode()
        call.say("input_audio_buffer.append", audio=piece)
    call.say("input_audio_buffer.commit")
    error = await call.refused()
    assert (error["code"], error["param"]) == ("transcript_missing", "transcript")
    call.say("input_audio_buffer.commit", transcript="What a lovely garden.")
    committed = await call.hear("input_audio_buffer.committed")
    item = (await call.hear("conversation.item.done"))["item"]
    assert item["id"] == committed["item_id"]
    assert item["content"] == [{"type": "input_audio", "transcript": "What a lovely garden."}]
    assert door.system.ear.heard[0].endswith(pcm)
    call.say("input_audio_buffer.commit", transcript="Again.")
    await call.until(lambda: len(call.all("error")) == 2)
    assert call.all("error")[1]["error"]["code"] == "input_audio_buffer_commit_empty"
    assert await call.retrieved(item["id"]) == item
    await call.hang_up()


async def test_a_message_of_the_user_may_bring_its_sound() -> None:
    door = Door(max_body_mb=1)
    call = await connect(door)
    pcm = voiced(150, 1.2).tobytes()
    part = {"type": "input_audio", "audio": b64encode(pcm).decode(), "transcript": "Look at that!"}
    call.say(
        "conversation.item.create", item={"type": "message", "role": "user", "content": [part]}
    )
    item = (await call.hear("conversation.item.done"))["item"]
    turn = (await door.get(f"/v1/conversation/r/turns/{item['id']}")).json()
    assert turn["features"]["duration_s"] == pytest.approx(1.2)
    await call.hang_up()


async def test_the_input_buffer_is_bounded_and_can_be_cleared(call: Caller) -> None:
    huge = b64encode(bytes(MAX_BODY + 2)).decode()
    call.say("input_audio_buffer.append", audio=huge)
    error = await call.refused()
    assert (error["code"], error["param"]) == ("request_too_large", "audio")
    call.say("input_audio_buffer.append", audio=b64encode(bytes(MAX_BODY)).decode())
    call.say("input_audio_buffer.clear")
    await call.hear("input_audio_buffer.cleared")
    call.say("input_audio_buffer.commit", transcript="Nothing.")
    await call.until(lambda: len(call.all("error")) == 2)
    assert call.all("error")[1]["error"]["code"] == "input_audio_buffer_commit_empty"


async def test_a_caller_who_hangs_up_after_a_cancellation_is_recorded_as_heard() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    call.speak()
    await call.until(lambda: len(call.all("response.output_audio.delta")) > 5)
    call.say("response.cancel")
    await call.hang_up()
    await settle()
    assert door.events("r")[-1] == "turn_interrupted"


LIKELY: list[dict[str, object]] = [
    message("user", {"type": "input_text", "text": "Hello?"}),
    message("assistant", {"type": "output_text", "text": "Well, yes. And then some more of it."}),
    {**SPOKEN, "response": {"instructions": TEXT}},
    {"type": "response.create"},
    {"type": "response.cancel"},
    {"type": "conversation.item.truncate", "item_id": "last", "audio_end_ms": 50},
    {"type": "conversation.item.retrieve", "item_id": "last"},
    {"type": "input_audio_buffer.append", "audio": "AAAA"},
    {"type": "input_audio_buffer.clear"},
    {"type": "output_audio_buffer.clear"},
]


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_said_in_whatever_order_each_response_has_one_end(
    call: Caller, seed: int
) -> None:
    dice = Random(seed)  # noqa: S311
    for _ in range(40):
        said = dict(dice.choice(LIKELY))
        spoken = call.all("response.output_item.added")
        if said.get("item_id") and spoken:
            said["item_id"] = spoken[-1]["item"]["id"]
        call.send(json.dumps(said))
        await settle(dice.choice([0, 3, 30, 300]))
    call.say("session.update", session={"type": "realtime"})
    await call.hear("session.updated")
    created = [event["response"]["id"] for event in call.all("response.created")]
    await call.until(lambda: len(call.all("response.done")) == len(created))
    assert [event["response"]["id"] for event in call.all("response.done")] == created
    added = [event["item"]["id"] for event in call.all("response.output_item.added")]
    assert [event["item"]["id"] for event in call.all("response.output_item.done")] == added
    over: set[str] = set()
    for event in (event for event in call.told if event["type"].startswith("response.")):
        assert event.get("response_id") not in over
        if event["type"] == "response.done":
            over.add(event["response"]["id"])


async def test_connections_that_come_and_go_leave_nothing_behind(closed: Door) -> None:
    before = len(asyncio.all_tasks())
    for number in range(60):
        call = await connect(closed, f"/v1/realtime?conversation_id=c{number % 3}")
        call.say("input_audio_buffer.append", audio="AAAA")
        if number % 5 == 0:
            call.create("Hello?", role="user")
            call.speak("Well, yes.")
            await call.hear("response.output_audio.delta")
            call.say("response.cancel")
        await call.hang_up()
    await settle(2000)
    assert len(asyncio.all_tasks()) <= before + 2
