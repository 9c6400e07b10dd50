"""Whatever comes to the door, the answer is in one shape, and the log has all of a turn or none."""

import json
from typing import Any

import pytest

from tests.api.door import MAX_BODY, MAX_TEXT, TEXT, Door, refused
from tests.fakes.http import Call

SPEAK: dict[str, Any] = {"text": TEXT, "speaker_id": "ann", "response_format": "pcm"}
SPEECH: dict[str, Any] = {"input": TEXT, "model": "tts-1", "voice": "alloy"}
LISTEN: dict[str, Any] = {"text": "Hi.", "speaker_id": "bob"}
START: dict[str, Any] = {"participants": ["ann"]}
KING = {"id": "a", "role": "king"}
YEAR_ZERO = "0001-01-01T00:00:00+14:00"
BACKWARDS = {"started_at": "2026-03-02T00:00:00", "ended_at": "2026-03-01T00:00:00Z"}

BAD_TEXTS = [
    ("", "unspeakable_text"),
    (" \n\t", "unspeakable_text"),
    ("… — ?!", "unspeakable_text"),
    ("😀🎉", "unspeakable_text"),
    ("x" * (MAX_TEXT + 1), "text_too_long"),
    ("bell \x07 rings", "invalid_value"),
    ("nul \x00", "invalid_value"),
    ("next line \x85 control", "invalid_value"),
    ("lone \ud83d surrogate", "invalid_value"),
    (7, "invalid_value"),
    (None, "invalid_value"),
    (["Hello."], "invalid_value"),
]


@pytest.mark.parametrize(("text", "code"), BAD_TEXTS)
async def test_a_text_that_cannot_be_spoken_is_refused(door: Door, text: object, code: str) -> None:
    before = door.events()
    answer = await door.post("/v1/conversation/c/speak", {**SPEAK, "text": text})
    refused(answer, 422, code, "text")
    for headers in ({}, {"X-Conversation-ID": "c", "X-Speaker-ID": "ann"}):
        answer = await door.post("/v1/audio/speech", {**SPEECH, "input": text}, headers)
        refused(answer, 422, code, "input")
    assert door.events() == before
    assert door.system.stage.asked == []


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"voice": "nobody"}, 404, "voice_not_found", "voice"),
        ({"voice": "af_sky(0)"}, 404, "voice_not_found", "voice"),
        ({"voice": "\ud800"}, 422, "invalid_value", "voice"),
        ({"voice": "v" * 600}, 422, "invalid_value", "voice"),
        ({"voice": 3}, 422, "invalid_value", "voice"),
        ({"response_format": "midi"}, 422, "invalid_value", "response_format"),
        ({"stream_format": "smoke"}, 422, "invalid_value", "stream_format"),
        ({"speed": 0.2}, 422, "invalid_value", "speed"),
        ({"speed": 4.1}, 422, "invalid_value", "speed"),
        ({"speed": float("nan")}, 422, "invalid_value", "speed"),
        ({"speed": float("inf")}, 422, "invalid_value", "speed"),
        ({"speed": "fast"}, 422, "invalid_value", "speed"),
    ],
)
async def test_a_manner_that_nobody_has_is_refused(
    door: Door, change: dict[str, object], status: int, code: str, param: str
) -> None:
    before = door.events()
    for path, body in (("/v1/conversation/c/speak", SPEAK), ("/v1/audio/speech", SPEECH)):
        refused(await door.post(path, {**body, **change}), status, code, param)
    assert door.events() == before


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "param"),
    [
        ("start", {}, 422, "invalid_value", "participants"),
        ("start", {"participants": []}, 422, "invalid_value", "participants"),
        ("start", {"participants": [" "]}, 422, "invalid_value", "participants.0.id"),
        ("start", {"participants": ["a", {}]}, 422, "invalid_value", "participants.1.id"),
        ("start", {"participants": ["a", {"id": "a"}]}, 422, "invalid_value", "participants"),
        ("start", {"participants": [KING]}, 422, "invalid_value", "participants.0.role"),
        ("start", {"participants": [{"id": "a", "voice": "x"}]}, 404, "voice_not_found", "voice"),
        ("start", {**START, "conversation_id": "a/b"}, 422, "invalid_value", "conversation_id"),
        ("start", {**START, "context_window": 0}, 422, "invalid_value", "context_window"),
        ("start", {**START, "metadata": {"a": "\ud800"}}, 422, "invalid_value", "metadata"),
        ("start", {**START, "metadata": {"\ud800": 1}}, 422, "invalid_value", "metadata"),
        ("start", {**START, "metadata": {"a": float("nan")}}, 422, "invalid_value", "metadata"),
        ("start", {**START, "metadata": [1]}, 422, "invalid_value", "metadata"),
        ("c/speak", {**SPEAK, "speaker_id": "eve"}, 404, "speaker_not_found", "speaker_id"),
        ("c/speak", {**SPEAK, "emotion": "hunger"}, 422, "invalid_value", "emotion"),
        ("c/speak", {**SPEAK, "turn_id": "a b"}, 422, "invalid_value", "turn_id"),
        ("x/speak", SPEAK, 404, "conversation_not_found", "conversation_id"),
        ("a b/speak", SPEAK, 422, "invalid_value", "conversation_id"),
        ("c/listen", {**LISTEN, "text": ""}, 422, "invalid_value", "text"),
        ("c/listen", {**LISTEN, "speaker_id": "eve"}, 404, "speaker_not_found", "speaker_id"),
        ("c/listen", {**LISTEN, "started_at": "soon"}, 422, "invalid_value", "started_at"),
        ("c/listen", {**LISTEN, "started_at": YEAR_ZERO}, 422, "invalid_value", "started_at"),
        ("c/listen", {**LISTEN, **BACKWARDS}, 422, "times_reversed", "ended_at"),
        ("c/turns/h/interrupt", {"audio_played_ms": 1}, 404, "turn_not_found", "turn_id"),
        ("c/turns/h/interrupt", {"audio_played_ms": -1}, 422, "invalid_value", "audio_played_ms"),
        ("c/turns/h/interrupt", {}, 422, "invalid_value", "audio_played_ms"),
        ("c/fork", {"version": 0}, 422, "invalid_value", "version"),
        ("x/fork", {}, 404, "conversation_not_found", "conversation_id"),
        ("x/end", {}, 404, "conversation_not_found", "conversation_id"),
        ("c/participants", {"id": ""}, 422, "invalid_value", "id"),
    ],
)  # fmt: skip
async def test_a_field_that_is_wrong_is_named(
    door: Door, path: str, body: object, status: int, code: str, param: str
) -> None:
    before = len(door.system.journal.log.events)
    refused(await door.post(f"/v1/conversation/{path}", body), status, code, param)
    assert len(door.system.journal.log.events) == before


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("conversation/c?version=0", "version"),
        ("conversation/c?version=x", "version"),
        ("conversation/c?at=never", "at"),
        ("conversation/c/events?after=-1", "after"),
        ("conversation/c/events?after=99999999999999999999", "after"),
        ("conversation/c/events?limit=0", "limit"),
        ("conversation/c/turns?limit=9999999", "limit"),
        ("conversation/c/turns/t1/audio?format=midi", "format"),
        ("conversations?status=asleep", "status"),
    ],
)
async def test_a_question_that_is_wrong_is_named(door: Door, path: str, param: str) -> None:
    refused(await door.get(f"/v1/{path}"), 422, "invalid_value", param)


async def test_a_header_that_is_wrong_is_named(door: Door) -> None:
    for header in ("X-Conversation-ID", "Idempotency-Key"):
        answer = await door.post("/v1/audio/speech", SPEECH, {header: "not an id"})
        refused(answer, 422, "invalid_value", header)


async def test_an_unknown_model_is_named_with_those_that_there_are(door: Door) -> None:
    answer = await door.post("/v1/audio/speech", {**SPEECH, "model": "whisper-1"})
    assert "tts-1" in refused(answer, 404, "model_not_found", "model")
    refused(await door.get("/v1/models/whisper-1"), 404, "model_not_found", "model")


JSON = {"Content-Type": "application/json"}


LONG_NUMBER = b'{"speed": ' + b"1" * 5000 + b"}"


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b"{} {}", b"[" * (MAX_BODY - 1), LONG_NUMBER]
)
async def test_what_is_not_json_is_refused(door: Door, content: bytes) -> None:
    before = door.events()
    answer = await door.client.post("/v1/conversation/c/speak", content=content, headers=JSON)
    assert "not JSON" in refused(answer, 400, "invalid_json", None)
    assert door.events() == before


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'"text"', b"7"])
async def test_json_that_is_no_object_is_refused(door: Door, content: bytes) -> None:
    answer = await door.client.post("/v1/conversation/c/speak", content=content, headers=JSON)
    refused(answer, 422, "invalid_value", None)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(door: Door, kind: str) -> None:
    content = json.dumps(SPEAK).encode()
    answer = await door.client.post(
        "/v1/conversation/c/speak", content=content, headers={"Content-Type": kind}
    )
    refused(answer, 422, "invalid_value", None)


async def test_metadata_may_be_nested_but_not_for_ever(closed: Door) -> None:
    def nested(depth: int) -> dict[str, object]:
        return {"a": nested(depth - 1)} if depth else {}

    accepted = await closed.start(metadata=nested(20))
    assert accepted.status_code == 201
    assert (await closed.get("/v1/conversation/c")).json()["metadata"] == nested(20)
    refused(
        await closed.start(conversation_id="d", metadata=nested(200)),
        422,
        "invalid_value",
        "metadata",
    )


@pytest.mark.parametrize(
    "path", ["/v1/conversation/c/speak", "/v1/conversation/start", "/v1/audio/speech"]
)
async def test_a_body_too_large_is_refused_without_being_read_to_its_end(
    door: Door, path: str
) -> None:
    body = json.dumps({**SPEAK, "text": "x" * MAX_BODY})
    before = door.events()
    answer = await door.client.post(path, content=body, headers=JSON)
    assert f"{MAX_BODY:,}" in refused(answer, 413, "request_too_large", None)
    assert door.events() == before


async def test_a_path_that_is_not_there_and_a_method_that_is_not_taken(door: Door) -> None:
    refused(await door.get("/v2/anything"), 404, "not_found", None)
    answer = await door.client.put("/v1/conversation/c/speak")
    refused(answer, 405, "method_not_allowed", None)


SCRIPTS = [
    "Grüße aus Łódź, señor!",
    "Привет, мир.",
    "Γειά σου Κόσμε.",
    "你好，世界。",
    "こんにちは。",
    "안녕하세요.",
    "नमस्ते दुनिया।",
    "مرحبا بالعالم",
    "שלום עולם",
    "สวัสดีชาวโลก",
    "ሰላም ልዑል",
    "გამარჯობა",
    "𐐀𐐁 𝒜𝓁𝓁 𠀀",
    "e\u0301 zero\u200bwidth \u202eright to left\u202c",
    "line one\nline two\r\n\tthree",
    "a 👩‍👩‍👧 family",
]


@pytest.mark.parametrize("text", SCRIPTS)
async def test_every_script_is_spoken_and_recorded_as_it_was_written(door: Door, text: str) -> None:
    assert (await door.speak(text=text)).status_code == 200
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert (turn["status"], turn["text"]) == ("completed", text)
    assert [word["word"] for word in turn["words"]] == text.split()
    heard = await door.listen(text=text, speaker_id="bob")
    assert heard.status_code == 200


@pytest.mark.parametrize("name", ["Ñandú", "名前", "a b", "o'neill", "x" * 128])
async def test_people_may_be_called_what_they_are_called(closed: Door, name: str) -> None:
    started = await closed.start(participants=[name])
    assert started.json()["participants"][0]["id"] == name
    assert (await closed.speak(speaker_id=name)).status_code == 200


async def test_a_caller_who_never_sends_its_body_is_not_an_error_of_ours(door: Door) -> None:
    call = Call(door.app, "POST", "/v1/conversation/c/speak", body=b'{"text": "Hi')
    await call.done
    assert call.status == 400
    assert json.loads(call.body)["error"]["code"] == "invalid_json"
