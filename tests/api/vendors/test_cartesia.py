"""Cartesia's protocol, through the door."""

import asyncio
import base64
import json
from typing import Any

import httpx
import numpy as np
import pytest

from gateway.live import peer
from gateway.vendors.cartesia import contexts
from tests.api.door import MAX_TEXT, Door
from tests.api.locked import LockedDoor
from tests.fakes import LocalStage, Take
from tests.fakes.clock import settle
from tests.fakes.socket import LiveCall

PATH = "/tts/websocket?cartesia_version=2026-08-14"
TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"
FORMAT = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000}


def call_at(door: Door, conversation_id: str | None = "c", **headers: str) -> LiveCall:
    named = {"x-conversation-id": conversation_id} if conversation_id else {}
    return LiveCall(door.app, PATH, headers={**named, **headers})


async def opened(*takes: Take) -> tuple[Door, LiveCall]:
    door = Door(LocalStage(*takes))
    return door, call_at(door)


def say(call: LiveCall, transcript: str, context_id: str = "x", **more: object) -> None:
    message = {
        "model_id": "sonic-3.6",
        "transcript": transcript,
        "context_id": context_id,
        "voice": {"mode": "id", "id": "af_heart"},
        "output_format": FORMAT,
        "continue": True,
        "add_timestamps": True,
        **more,
    }
    call.send(json.dumps(message))


def dictate(call: LiveCall, text: str = TEXT, context_id: str = "x", **more: object) -> None:
    for word in text.split(" "):
        say(call, f"{word} ", context_id, **more)
    say(call, "", context_id, **{"continue": False, **more})


def of(call: LiveCall, kind: str, context_id: str = "x") -> list[dict[str, Any]]:
    return [m for m in call.told if m["type"] == kind and m["context_id"] == context_id]


def sound(call: LiveCall, context_id: str = "x") -> bytes:
    return b"".join(base64.b64decode(m["data"]) for m in of(call, "chunk", context_id))


def times(call: LiveCall, context_id: str = "x") -> list[tuple[str, float, float]]:
    told = [m["word_timestamps"] for m in of(call, "timestamps", context_id)]
    return [word for t in told for word in zip(t["words"], t["start"], t["end"], strict=True)]


async def turn(door: Door, turn_id: str = "x", conversation_id: str = "c") -> dict[str, Any]:
    found = await door.get(f"/v1/conversation/{conversation_id}/turns/{turn_id}")
    return dict(found.json())


async def test_a_context_is_a_turn_whose_words_come_one_by_one() -> None:
    door, call = await opened()
    dictate(call)
    done = await call.hear("done", context_id="x")
    assert done == {"type": "done", "context_id": "x", "done": True, "status_code": 200}
    recorded = await turn(door)
    assert (recorded["status"], recorded["text"].strip()) == ("completed", TEXT)
    assert recorded["speaker_id"] == "assistant"
    audio = await door.get("/v1/conversation/c/turns/x/audio", format="pcm")
    assert sound(call) == audio.content
    assert [word for word, _, _ in times(call)] == TEXT.split()
    assert [(w["start_s"], w["end_s"]) for w in recorded["words"]] == [t[1:] for t in times(call)]
    first = of(call, "chunk")[0]
    assert (first["done"], first["status_code"], first["flush_id"]) == (False, 206, 1)
    assert first["step_time"] >= 0
    await call.hang_up()


async def test_sound_leaves_with_the_first_clause_and_times_only_if_asked_for() -> None:
    _, call = await opened()
    say(call, "Well, th", add_timestamps=False)
    await call.hear("chunk", context_id="x")
    assert not of(call, "timestamps")
    await call.hang_up()


async def test_contexts_do_not_wait_for_one_another() -> None:
    door, call = await opened()
    say(call, "Well, I ", "slow")
    await call.hear("chunk", context_id="slow")
    dictate(call, "This is said meanwhile.", "quick")
    await call.hear("done", context_id="quick")
    say(call, "am done.", "slow", **{"continue": False})
    await call.hear("done", context_id="slow")
    assert (await turn(door, "slow"))["text"] == "Well, I am done."
    assert sound(call, "slow") != sound(call, "quick")
    await call.hang_up()


async def test_a_cancelled_context_was_heard_as_far_as_it_can_have_been_played() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    dictate(call)
    await call.until(lambda: len(sound(call)) > 20_000)
    await settle()
    third = times(call)[2]
    door.system.clock.advance((third[1] + third[2]) / 2)
    call.send(json.dumps({"context_id": "x", "cancel": True}))
    await settle()
    told = len(call.told)
    recorded = await turn(door)
    assert recorded["status"] == "interrupted"
    assert recorded["heard_text"] == " ".join(TEXT.split()[:2])
    assert door.system.stage.stopped == 1
    await settle()
    assert len(call.told) == told
    call.send(json.dumps({"context_id": "x", "cancel": True}))
    say(call, "More? ")
    error = await call.hear("error", context_id="x")
    assert (error["error_code"], error["status_code"], error["done"]) == ("context_over", 409, True)
    await call.hang_up()


async def test_what_was_sent_whole_and_not_played_can_still_be_cancelled() -> None:
    door, call = await opened()
    dictate(call)
    await call.hear("done", context_id="x")
    door.system.clock.advance(times(call)[1][2])
    call.send(json.dumps({"context_id": "x", "cancel": True}))
    await settle()
    assert (await turn(door))["heard_text"] == " ".join(TEXT.split()[:2])
    await call.hang_up()


async def test_what_was_played_to_its_end_cannot() -> None:
    door, call = await opened()
    dictate(call)
    await call.hear("done", context_id="x")
    door.system.clock.advance(60)
    call.send(json.dumps({"context_id": "x", "cancel": True}))
    await settle()
    assert (await turn(door))["status"] == "completed"
    assert not of(call, "error")
    await call.hang_up()


async def test_a_context_that_follows_is_not_heard_before_the_one_before_it() -> None:
    door, call = await opened()
    dictate(call, context_id="first")
    await call.hear("done", context_id="first")
    dictate(call, context_id="second")
    await call.hear("done", context_id="second")
    door.system.clock.advance(len(sound(call, "first")) / 48_000 - 0.01)
    call.send(json.dumps({"context_id": "second", "cancel": True}))
    await settle()
    assert (await turn(door, "first"))["status"] == "completed"
    assert (await turn(door, "second"))["heard_text"] == ""
    await call.hang_up()


async def test_who_hangs_up_heard_what_can_have_been_played_and_nobody_speaks_on() -> None:
    door, call = await opened(Take(), Take(waits_after=3))
    dictate(call)
    await call.until(lambda: len(sound(call)) > 20_000)
    await settle()
    door.system.clock.advance(times(call)[1][2])
    await call.hang_up()
    await settle()
    recorded = await turn(door)
    assert (recorded["status"], recorded["heard_text"]) == ("interrupted", "Well, this")
    assert door.system.stage.stopped == 1


async def test_a_flush_ends_a_turn_and_the_times_go_on() -> None:
    door, call = await opened()
    say(call, "Stay hungry")
    say(call, "", flush=True)
    await call.hear("flush_done", context_id="x", flush_id=1)
    say(call, "stay foolish")
    say(call, "", **{"continue": False})
    await call.hear("done", context_id="x")
    assert [t for t, _, _ in times(call)] == ["Stay", "hungry", "stay", "foolish"]
    starts = [start for _, start, _ in times(call)]
    assert starts == sorted(starts)
    by_flush = [
        b"".join(base64.b64decode(m["data"]) for m in of(call, "chunk") if m["flush_id"] == n)
        for n in (1, 2)
    ]
    recorded = [
        (await door.get(f"/v1/conversation/c/turns/{name}/audio", format="pcm")).content
        for name in ("x", "x.2")
    ]
    assert by_flush == recorded
    assert starts[2] >= len(by_flush[0]) / 48_000
    await call.hang_up()


async def test_a_flush_of_nothing_is_done_at_once() -> None:
    _, call = await opened()
    say(call, "", flush=True)
    flushed = await call.hear("flush_done", context_id="x")
    assert (flushed["flush_id"], flushed["flush_done"], flushed["done"]) == (1, True, False)
    await call.hang_up()


async def test_a_cancelled_context_drops_what_follows_its_flush() -> None:
    door, call = await opened(Take(waits_after=3))
    say(call, TEXT, flush=True)
    say(call, TEXT)
    await call.hear("chunk", context_id="x")
    call.send(json.dumps({"context_id": "x", "cancel": True}))
    await settle()
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [(t["turn_id"], t["heard_text"]) for t in turns] == [("x", "")]
    await call.hang_up()


@pytest.mark.parametrize("transcript", ["", "  \n"])
async def test_a_context_that_says_nothing_is_done(transcript: str) -> None:
    door, call = await opened()
    say(call, transcript, **{"continue": False})
    await call.hear("done", context_id="x")
    assert (await door.get("/v1/conversations")).json()["data"] == []
    await call.hang_up()


async def test_what_cannot_be_spoken_is_refused_in_a_sentence() -> None:
    _, call = await opened()
    say(call, "?!", **{"continue": False})
    error = await call.hear("error", context_id="x")
    assert (error["error_code"], error["status_code"]) == ("unspeakable_text", 422)
    assert error["done"]
    say(call, "Now then.", "y", **{"continue": False})
    await call.hear("done", context_id="y")
    await call.hang_up()


async def test_whole_phrases_are_not_glued_together() -> None:
    door, call = await opened()
    for sentence in ("This is one.", "This is two."):
        say(call, sentence, max_buffer_delay_ms=0)
    await call.until(lambda: len(times(call)) == 6)
    say(call, "", max_buffer_delay_ms=0, **{"continue": False})
    await call.hear("done", context_id="x")
    assert (await turn(door))["text"].split() == ["This", "is", "one.", "This", "is", "two."]
    await call.hang_up()


@pytest.mark.parametrize(
    ("encoding", "rate", "width"),
    [("pcm_f32le", 44100, 4), ("pcm_s16le", 16000, 2), ("pcm_mulaw", 8000, 1)],
)
async def test_sound_is_encoded_as_asked(encoding: str, rate: int, width: int) -> None:
    door, call = await opened()
    wanted = {"container": "raw", "encoding": encoding, "sample_rate": rate}
    dictate(call, output_format=wanted)
    await call.hear("done", context_id="x")
    samples = len((await door.get("/v1/conversation/c/turns/x/audio", format="pcm")).content) / 2
    assert len(sound(call)) / width / rate == pytest.approx(samples / 24000, abs=0.002)
    await call.hang_up()


async def test_volume_is_a_factor_and_speed_and_emotion_direct_the_turn() -> None:
    door, call = await opened()
    config = {"volume": 0.5, "speed": 1.2, "emotion": "elated"}
    dictate(call, generation_config=config)
    await call.hear("done", context_id="x")
    audio = await door.get("/v1/conversation/c/turns/x/audio", format="pcm")
    recorded, sent = (np.frombuffer(b, "<i2") for b in (audio.content, sound(call)))
    assert np.abs(sent - recorded * 0.5).max() <= 1
    direction = (await turn(door))["direction"]
    assert any("joy" in str(reason) for reason in direction["reasons"])
    assert all(phrase["speed"] > 1 for phrase in direction["phrases"])
    await call.hang_up()


async def test_a_voice_of_theirs_is_the_speakers_or_one_of_the_language() -> None:
    door, call = await opened()
    theirs = {"mode": "id", "id": "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"}
    dictate(call, "Hello there.", "en", voice=theirs, language="en")
    dictate(call, "Bonjour tout le monde.", "fr", voice=theirs, language="fr-FR")
    await call.hear("done", context_id="en")
    await call.hear("done", context_id="fr")
    state = (await door.get("/v1/conversation/c")).json()
    own = state["participants"][0]["voice"]
    assert (await turn(door, "en"))["direction"]["voice"] == own
    french = {v.id for v in door.system.voice_list if v.language.startswith("fr")}
    assert (await turn(door, "fr"))["direction"]["voice"] in french
    await call.hang_up()


WRONG = [
    ({"transcript": 7}, 422, "invalid_value", "transcript"),
    ({"transcript": "a\x00b"}, 422, "invalid_value", "transcript"),
    ({"transcript": "x" * (MAX_TEXT + 1)}, 422, "text_too_long", "characters"),
    ({"context_id": "a b"}, 422, "invalid_value", "context_id"),
    ({"context_id": "x" * 121}, 422, "invalid_value", "context_id"),
    ({"voice": {"mode": "id", "id": "nobody"}}, 404, "voice_not_found", "nobody"),
    ({"voice": {"mode": "embedding", "embedding": [1]}}, 422, "invalid_value", "by its id"),
    ({"output_format": {**FORMAT, "encoding": "opus"}}, 422, "invalid_value", "encoding"),
    ({"output_format": {**FORMAT, "sample_rate": 1}}, 422, "invalid_value", "sample_rate"),
    ({"output_format": {**FORMAT, "container": "wav"}}, 422, "invalid_value", "container"),
    ({"generation_config": {"speed": 9}}, 422, "invalid_value", "speed"),
    ({"generation_config": {"volume": 3}}, 422, "invalid_value", "volume"),
    ({"generation_config": {"emotion": "hangry"}}, 422, "invalid_value", "emotion"),
    ({"speed": "warp"}, 422, "invalid_value", "speed"),
    ({"max_buffer_delay_ms": 5001}, 422, "invalid_value", "max_buffer_delay_ms"),
    ({"add_phoneme_timestamps": True}, 422, "invalid_value", "add_phoneme_timestamps"),
    ({"pronunciation_dict_id": "p"}, 422, "invalid_value", "pronunciation_dict_id"),
    ({"voice": None, "language": "tlh"}, 422, "invalid_value", "language"),
]


@pytest.mark.parametrize(("wrong", "status", "code", "named"), WRONG)
async def test_each_wrong_message_has_its_sentence_and_the_connection_lives_on(
    wrong: dict[str, Any], status: int, code: str, named: str
) -> None:
    door, call = await opened()
    say(call, **{"transcript": "Hello. ", **wrong})
    error = await call.hear("error")
    assert (error["status_code"], error["error_code"]) == (status, code)
    assert named in error["message"]
    assert error["done"]
    assert error["context_id"] == wrong.get("context_id", "x")
    assert error["request_id"]
    dictate(call, "Well, yes.", "y")
    await call.hear("done", context_id="y")
    turns = (await door.get("/v1/conversation/c/turns")).json()["data"]
    assert [t["turn_id"] for t in turns] == ["y"]
    await call.hang_up()


async def test_what_is_refused_of_an_open_context_leaves_it_open() -> None:
    door, call = await opened()
    say(call, "Well, I ")
    await call.hear("chunk", context_id="x")
    say(call, "x" * MAX_TEXT)
    error = await call.hear("error", context_id="x")
    assert (error["error_code"], error["done"]) == ("text_too_long", False)
    say(call, "am here.", **{"continue": False})
    await call.hear("done", context_id="x")
    assert (await turn(door))["text"] == "Well, I am here."
    await call.hang_up()


@pytest.mark.parametrize(
    ("frame", "code"),
    [("{", "invalid_json"), ("[]", "invalid_json"), (b"\0" * 100, "not_text"), ("{}", None)],
)
async def test_frames_that_are_no_message(frame: str | bytes, code: str | None) -> None:
    _, call = await opened()
    call.send(frame)
    error = await call.hear("error", context_id=None)
    assert error["error_code"] == (code or "invalid_value")
    dictate(call, "Well, yes.")
    await call.hear("done")
    await call.hang_up()


async def test_a_delta_of_a_megabyte_is_refused() -> None:
    _, call = await opened()
    say(call, "word " * 200_000)
    assert (await call.hear("error"))["error_code"] == "text_too_long"
    await call.hang_up()


async def test_contexts_that_are_unknown_over_or_too_many() -> None:
    _, call = await opened(Take(waits_after=1))
    call.send(json.dumps({"context_id": "nobody", "cancel": True}))
    assert (await call.hear("error", context_id="nobody"))["error_code"] == "context_not_found"
    for number in range(contexts.MOST_OPEN + 1):
        say(call, "Well, ", f"n{number}")
    error = await call.hear("error", context_id=f"n{contexts.MOST_OPEN}")
    assert (error["error_code"], error["status_code"]) == ("too_many_contexts", 429)
    await call.hang_up()


async def test_only_so_many_contexts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contexts, "MOST_REMEMBERED", contexts.MOST_OPEN)
    before = len(asyncio.all_tasks())
    _, call = await opened()
    for number in range(3 * contexts.MOST_OPEN):
        dictate(call, "Yes.", f"n{number}")
        await call.hear("done", context_id=f"n{number}")
    assert len(asyncio.all_tasks()) < before + contexts.MOST_OPEN + 20
    await call.hang_up()


async def test_who_never_reads_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "SEND_WITHIN_S", 0.05)
    _, call = await opened()
    dictate(call)
    await call.hear("chunk", context_id="x")
    call.stop_reading()
    say(call, "", "x")
    await asyncio.wait_for(call.done, 10)
    assert call.closed is not None
    assert call.closed[0] == 1008


async def test_without_a_name_each_connection_is_a_conversation() -> None:
    door = Door()
    for number in (1, 2):
        call = call_at(door, None, **{"x-speaker-id": f"agent {number}"})
        dictate(call, "Well, yes.")
        await call.hear("done", context_id="x")
        await call.hang_up()
    found = (await door.get("/v1/conversations")).json()["data"]
    states = [(await door.get(f"/v1/conversation/{c['conversation_id']}")).json() for c in found]
    people = [person["id"] for state in states for person in state["participants"]]
    assert sorted(people) == ["agent 1", "agent 2"]


async def test_a_key_is_needed_where_there_are_keys(tmp_path: Any) -> None:
    door = LockedDoor(tmp_path)
    holder, other = door.holder("speak"), door.holder("speak")
    reading = door.holder("read")
    door.system.clock.advance(1)
    call = call_at(door, None)
    await call.done
    assert call.status == 401
    for given in ({"x-api-key": holder.token}, {"authorization": f"Bearer {holder.token}"}):
        call = call_at(door, "mine", **given)
        dictate(call, "Well, yes.", "x")
        await call.hear("done", context_id="x")
        await call.hang_up()
    call = LiveCall(door.app, f"{PATH}&api_key={other.token}&conversation_id=mine")
    await call.done
    assert call.status == 404
    call = call_at(door, None, **{"x-api-key": reading.token})
    await call.done
    assert call.status == 403


LINE = {
    "model_id": "sonic-3.6",
    "transcript": "Good morning, what would you like?",
    "voice": {"mode": "id", "id": "af_heart"},
    "output_format": FORMAT,
}


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n\n")[:-1]]


@pytest.mark.parametrize(
    ("wanted", "media_type"),
    [
        (FORMAT, "audio/pcm"),
        ({**FORMAT, "container": "wav", "encoding": "pcm_f32le"}, "audio/wav"),
        ({"container": "mp3", "bit_rate": 128000, "sample_rate": 44100}, "audio/mpeg"),
    ],
)
async def test_a_line_over_http_is_encoded_as_asked(
    door: Door, wanted: dict[str, Any], media_type: str
) -> None:
    answer = await door.post("/tts/bytes", {**LINE, "output_format": wanted})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert len(answer.content) > 5_000
    assert "x-conversation-id" not in answer.headers


async def test_events_tell_sound_and_times_and_the_end(door: Door) -> None:
    pcm = (await door.post("/tts/bytes", LINE)).content
    asked = {**LINE, "add_timestamps": True, "context_id": "x"}
    told = events(await door.post("/tts/sse", asked))
    assert b"".join(base64.b64decode(m["data"]) for m in told if m["type"] == "chunk") == pcm
    words = [w for m in told if m["type"] == "timestamps" for w in m["word_timestamps"]["words"]]
    assert words == str(LINE["transcript"]).split()
    assert told[-1] == {"type": "done", "context_id": "x", "done": True, "status_code": 200}
    assert {m["context_id"] for m in told} == {"x"}


@pytest.mark.parametrize("path", ["/tts/bytes", "/tts/sse"])
async def test_a_line_over_http_is_a_turn_of_the_conversation_that_it_names(
    door: Door, path: str
) -> None:
    named = {"X-Conversation-ID": "new", "X-Speaker-ID": "cat", "Idempotency-Key": "t1"}
    answers = [await door.post(path, LINE, named) for _ in range(2)]
    assert answers[0].headers["x-turn-id"] == "t1"
    turn = (await door.get("/v1/conversation/new/turns/t1")).json()
    assert (turn["speaker_id"], turn["text"]) == ("cat", LINE["transcript"])
    assert turn["direction"]["voice"] == "af_heart"
    assert door.events("new").count("turn_begun") == 1


@pytest.mark.parametrize(
    ("wrong", "status", "code", "param"),
    [
        ({"voice": "nobody"}, 404, "voice_not_found", "voice"),
        ({"transcript": "?!"}, 422, "unspeakable_text", "text"),
        ({"transcript": "x" * (MAX_TEXT + 1)}, 422, "text_too_long", "transcript"),
        ({"output_format": {"container": "flac"}}, 422, "invalid_value", "output_format.container"),
        ({"add_phoneme_timestamps": True}, 422, "invalid_value", "add_phoneme_timestamps"),
    ],
)
async def test_a_line_that_cannot_be_is_refused(
    closed: Door, wrong: dict[str, Any], status: int, code: str, param: str
) -> None:
    for path in ("/tts/bytes", "/tts/sse"):
        answer = await closed.post(path, {**LINE, **wrong})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


async def test_events_hold_samples(closed: Door) -> None:
    wav = {**FORMAT, "container": "wav"}
    answer = await closed.post("/tts/sse", {**LINE, "output_format": wav})
    assert answer.status_code == 422
    assert answer.json()["error"]["param"] == "output_format.container"


async def test_what_any_client_may_add_to_the_address() -> None:
    door = Door()
    call = LiveCall(door.app, f"{PATH}&conversation_id=c&markup=tags&ahead_ms=60000")
    dictate(call, "One [pause:0.5s] two.")
    await call.hear("done", context_id="x")
    assert (await turn(door))["text"].split() == ["One", "two."]
    await call.hang_up()
    call = LiveCall(door.app, f"{PATH}&ahead_ms=1")
    await call.done
    assert call.status == 422
    assert json.loads(call.refusal)["error"]["param"] == "ahead_ms"
