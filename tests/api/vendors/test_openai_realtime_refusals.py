"""What clients of OpenAI's realtime protocol may say wrong, and who may not come in."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.vendors.openai_realtime.messages import MOST_LINES, TYPES
from tests.api.door import Door
from tests.api.locked import LockedDoor
from tests.api.vendors.realtime import PATH, SPOKEN, Caller, connect, message


@pytest.fixture
async def call(closed: Door) -> AsyncIterator[Caller]:
    connected = await connect(closed)
    yield connected
    await connected.hang_up()


def session(**told: object) -> dict[str, object]:
    return {"type": "session.update", "session": {"type": "realtime", **told}}


LINE_X = {"id": "x", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]}
ILLEGAL: list[tuple[object, str, str | None, str]] = [
    ("{", "invalid_json", None, "this is not JSON"),
    ("[]", "invalid_json", None, "a message is a JSON object"),
    (b"\x00\x01", "not_text", None, "events are JSON in text frames"),
    ({"type": "response.sing"}, "unknown_type", "type", "`type` is none of session.update"),
    ({"type": ["response.create"]}, "unknown_type", "type", "`type` is none of session.update"),
    (
        session(audio={"input": {"turn_detection": {"type": "server_vad"}}}),
        "invalid_value",
        "session.audio.input.turn_detection",
        "there is no detection of turns here; null is right",
    ),
    (
        session(audio={"input": {"transcription": {"model": "whisper-1"}}}),
        "invalid_value",
        "session.audio.input.transcription",
        "there is no speech recognition here",
    ),
    (
        session(audio={"output": {"format": {"type": "audio/pcmu"}}}),
        "invalid_value",
        "session.audio.output.format.type",
        "'audio/pcm'",
    ),
    (
        session(audio={"output": {"speed": 9}}),
        "invalid_value",
        "session.audio.output.speed",
        "less than or equal to 4",
    ),
    (session(audio={"output": {"voice": "nobody"}}), "voice_not_found", "voice", "'nobody'"),
    (session(tools=[{"type": "function"}]), "invalid_value", "session.tools", "no language model"),
    (session(output_modalities=["text"]), "invalid_value", "session.output_modalities", "audio"),
    (session(type="transcription"), "invalid_value", "session.type", "'realtime'"),
    (session(max_output_tokens=5), "invalid_value", "session.max_output_tokens", "'inf'"),
    (message("system"), "invalid_value", "item.role", "'user' or 'assistant'"),
    (message(None), "invalid_value", "item.role", "a user's or the assistant's"),
    (message("user"), "invalid_value", "item.content", "needs text"),
    (message("assistant"), "unspeakable_text", "item.content", "letter or digit"),
    (
        message("user", {"type": "input_image", "image_url": "x"}),
        "invalid_value",
        "item.content.0.type",
        "'input_text'",
    ),
    (
        message("user", {"type": "input_audio", "audio": "AAAA"}),
        "transcript_missing",
        "item.content.0.transcript",
        "no speech recognition",
    ),
    (
        message("user", {"type": "input_audio", "audio": "ä", "transcript": "Hm."}),
        "invalid_audio",
        "item.content.0.audio",
        "not base64",
    ),
    (
        {**message("user", {"type": "input_text", "text": "Hm."}), "previous_item_id": "x"},
        "invalid_value",
        "previous_item_id",
        "can only follow the last",
    ),
    (
        {"type": "conversation.item.create", "item": {"type": "function_call", "name": "f"}},
        "invalid_value",
        "item.type",
        "'message'",
    ),
    (
        {"type": "conversation.item.retrieve", "item_id": "x"},
        "item_retrieve_invalid_item_id",
        "item_id",
        "no item 'x'",
    ),
    (
        {"type": "conversation.item.delete", "item_id": "x"},
        "item_retrieve_invalid_item_id",
        "item_id",
        "no item 'x'",
    ),
    (
        {"type": "conversation.item.truncate", "item_id": "x", "audio_end_ms": 0},
        "item_truncate_invalid_item_id",
        "item_id",
        "no item 'x' was spoken",
    ),
    (
        {"type": "conversation.item.truncate", "item_id": "x", "audio_end_ms": -1},
        "invalid_value",
        "audio_end_ms",
        "greater than or equal to 0",
    ),
    ({"type": "response.cancel"}, "response_cancel_not_active", "response_id", "no such response"),
    ({"type": "output_audio_buffer.clear"}, "response_cancel_not_active", "response_id", "no such"),
    ({"type": "response.create"}, "text_missing", "response", "no language model"),
    (SPOKEN, "text_missing", "response", "no language model"),
    ({**SPOKEN, "response": {"input": []}}, "text_missing", "response", "no language model"),
    ({**SPOKEN, "response": {"instructions": "?!"}}, "text_missing", "response", "no language"),
    (
        {
            **SPOKEN,
            "response": {"input": [{"role": "user"}, {"type": "item_reference", "id": "x"}]},
        },
        "item_not_found",
        "response.input.1.id",
        "waits to be spoken",
    ),
    (
        {**SPOKEN, "response": {"input": [LINE_X, LINE_X]}},
        "item_id_in_use",
        "response.input",
        "two items have one name",
    ),
    (
        {**SPOKEN, "response": {"conversation": "none", "instructions": "Hello."}},
        "invalid_value",
        "response.conversation",
        "'auto'",
    ),
    (
        {**SPOKEN, "response": {"instructions": "x" * 600}},
        "text_too_long",
        "response",
        "at most 500",
    ),
    (
        {"type": "input_audio_buffer.append", "audio": "not base64"},
        "invalid_audio",
        "audio",
        "not base64",
    ),
    (
        {"type": "input_audio_buffer.commit"},
        "input_audio_buffer_commit_empty",
        None,
        "the buffer is empty",
    ),
]


@pytest.mark.parametrize(("said", "code", "param", "sentence"), ILLEGAL)
async def test_every_illegal_event_has_its_own_sentence(
    closed: Door, call: Caller, said: object, code: str, param: str | None, sentence: str
) -> None:
    named = {**said, "event_id": "mine"} if isinstance(said, dict) else None
    call.send(json.dumps(named) if named else said)  # type: ignore[arg-type]
    error = await call.refused()
    assert (error["code"], error["param"]) == (code, param)
    assert sentence in error["message"]
    assert error["event_id"] == ("mine" if named else None)
    assert await closed.system.journal.head("r") is None
    call.speak("Hello there.")
    assert (await call.response())["status"] == "completed"


async def test_no_more_can_have_been_heard_than_was_sent(call: Caller) -> None:
    call.speak("Hello there.")
    item_id = (await call.response())["output"][0]["id"]
    sent_ms = len(call.sound(item_id)) / 48
    beyond = {"item_id": item_id, "content_index": 0, "audio_end_ms": round(sent_ms) + 2}
    call.say("conversation.item.truncate", **beyond)
    error = await call.refused()
    assert (error["code"], error["param"]) == ("invalid_value", "audio_end_ms")
    assert (await call.retrieved(item_id))["status"] == "completed"


async def test_what_was_said_cannot_be_unsaid(call: Caller) -> None:
    call.create("I take it back.", role="user", id="u1")
    await call.hear("conversation.item.done")
    call.say("conversation.item.delete", item_id="u1")
    assert (await call.refused())["code"] == "item_on_record"
    call.create("Other words.", role="user", id="u1")
    await call.until(lambda: len(call.all("error")) == 2)
    error = call.all("error")[1]["error"]
    assert (error["code"], error["param"]) == ("turn_id_conflict", "item_id")
    call.say("conversation.item.truncate", item_id="u1", audio_end_ms=0)
    await call.until(lambda: len(call.all("error")) == 3)
    assert call.all("error")[2]["error"]["code"] == "turn_not_spoken"


async def test_only_so_many_messages_wait(call: Caller) -> None:
    for number in range(MOST_LINES + 1):
        call.create("Wait.", id=f"a{number}")
    assert (await call.refused())["code"] == "too_many_items"
    call.create("Twice.", id="a0")
    await call.until(lambda: len(call.all("error")) == 2)
    assert call.all("error")[1]["error"]["code"] == "item_id_in_use"


def test_the_documentation_names_every_event() -> None:
    page = Path("docs/clients.md").read_text("utf-8")
    section = page.partition("\n## OpenAI: realtime\n")[2].partition("\n## ")[0]
    first_cells = re.findall(r"^\| (.*?) \|", section, re.M)
    named = [name for cell in first_cells for name in re.findall(r"`([a-z_.]+)`", cell)]
    named = [f"input_audio_buffer.{name}" if name == "clear" else name for name in named]
    assert sorted(set(named)) == sorted(TYPES)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("model=gpt-4", 404, "model_not_found"),
        ("model=tts-1&intent=transcription", 400, "invalid_value"),
        ("call_id=x", 400, "invalid_value"),
        ("conversation_id=a%20b", 422, "invalid_value"),
    ],
)
async def test_a_connection_that_cannot_be_served_is_refused(
    closed: Door, query: str, status: int, code: str
) -> None:
    call = Caller(closed.app, f"/v1/realtime?{query}")
    await call.done
    assert (call.status, call.accepted) == (status, False)
    assert json.loads(call.refusal)["error"]["code"] == code


async def test_a_connection_without_a_name_is_a_conversation_of_its_own(closed: Door) -> None:
    call = await connect(closed, "/v1/realtime")
    call.speak("Hello there.")
    response = await call.response()
    path = f"/v1/conversation/{response['conversation_id']}"
    assert (await closed.get(path)).json()["turn_count"] == 1
    await call.hang_up()


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[LockedDoor]:
    door = LockedDoor(tmp_path)
    async with door.client:
        yield door
    await door.app.state.analysts.close()


async def test_a_key_is_needed_and_its_scopes_count(locked: LockedDoor) -> None:
    stranger = Caller(locked.app, PATH)
    await stranger.done
    assert stranger.status == 401
    reader = Caller(locked.app, PATH, headers=locked.holder("read").headers)
    await reader.done
    assert json.loads(reader.refusal)["error"]["code"] == "insufficient_scope"
    speaker = await connect(locked, **locked.holder("speak").headers)
    speaker.speak("Hello there.")
    item_id = (await speaker.response())["output"][0]["id"]
    speaker.say("conversation.item.retrieve", item_id=item_id)
    assert (await speaker.refused())["code"] == "insufficient_scope"
    await speaker.hang_up()


async def test_the_conversation_of_another_key_is_not_there(locked: LockedDoor) -> None:
    assert (await locked.holder().start("r")).status_code == 201
    call = Caller(locked.app, PATH, headers=locked.holder().headers)
    await call.done
    assert call.status == 404
    await_first = await connect(locked, "/v1/realtime?conversation_id=s", **locked.holder().headers)
    assert (await locked.holder().start("s")).status_code == 201
    await_first.say("conversation.item.retrieve", item_id="t1")
    assert (await await_first.refused())["code"] == "item_retrieve_invalid_item_id"
    await await_first.hang_up()


async def test_what_a_key_may_have_spoken_is_bounded(locked: LockedDoor) -> None:
    holder = locked.holder(characters_per_minute=20)
    call = await connect(locked, **holder.headers)
    call.speak("Hello there.")
    assert (await call.response())["status"] == "completed"
    call.speak("And some more words.")
    response = await call.response(2)
    assert response["status"] == "failed"
    assert response["status_details"]["error"]["code"] == "rate_limit_exceeded"
    await call.hang_up()
