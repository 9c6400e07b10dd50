"""Speech over HTTP: the formats, the headers, and what happens when somebody hangs up."""

import asyncio
import base64
import io
import json
import wave
from collections.abc import Sequence
from typing import Any

import av
import httpx
import pytest
from av.container import InputContainer

from actors.archive import ArchiveUnavailable
from actors.directory import ProcessDied
from actors.refusals import Busy
from gateway.audio import FORMATS
from tests.api.door import TEXT, Door, refused
from tests.fakes import LocalStage, Take

SPEECH = {"input": TEXT, "model": "tts-1", "voice": "alloy", "response_format": "pcm"}


def door_with(*takes: Take) -> Door:
    return Door(LocalStage(*takes))


def seconds_of(content: bytes) -> float:
    with av.open(io.BytesIO(content)) as container:
        assert isinstance(container, InputContainer)
        frames = [f for f in container.decode(audio=0) if isinstance(f, av.AudioFrame)]
        return float(sum(frame.samples / frame.sample_rate for frame in frames))


def events_of(content: bytes) -> list[dict[str, object]]:
    blocks = content.decode().strip().split("\n\n")
    assert all(block.startswith("data: ") for block in blocks)
    return [json.loads(block.removeprefix("data: ")) for block in blocks]


async def test_a_line_comes_with_all_its_headers(door: Door) -> None:
    await door.listen()
    answer = await door.speak()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/pcm"
    assert answer.headers["x-conversation-id"] == "c"
    assert answer.headers["x-conversation-turn"] == "2"
    assert answer.headers["x-turn-id"] == "t1"
    assert answer.headers["x-response-gap-ms"] == "240"
    assert answer.headers["x-request-id"]
    assert door.events()[-2:] == ["turn_begun", "turn_completed"]


@pytest.mark.parametrize("name", FORMATS)
async def test_a_line_can_be_had_in_every_format_and_again_from_the_record(
    door: Door, name: str
) -> None:
    spoken = await door.speak(response_format=name)
    again = await door.speak(response_format=name)
    recorded = await door.get("/v1/conversation/c/turns/t1/audio", format=name)
    length_s = (await door.get("/v1/conversation/c/turns/t1")).json()["duration_s"]
    for answer in (spoken, again, recorded):
        assert answer.headers["content-type"] == FORMATS[name].media_type
        if name == "pcm":
            assert len(answer.content) == round(length_s * 48_000)
        else:
            assert seconds_of(answer.content) == pytest.approx(length_s, abs=0.15)
    assert len(door.system.stage.asked) == 2, "two phrases, spoken once"


async def test_the_recorded_samples_are_those_that_were_sent(door: Door) -> None:
    spoken = (await door.speak()).content
    for _ in range(2):
        recorded = await door.get("/v1/conversation/c/turns/t1/audio", format="wav")
        with wave.open(io.BytesIO(recorded.content)) as sound:
            assert sound.getparams()[:4] == (1, 2, 24_000, len(spoken) // 2)
            assert sound.readframes(sound.getnframes()) == spoken
    assert (await door.speak()).content == spoken


async def test_a_streamed_wav_opens_with_the_standard_library(door: Door) -> None:
    pcm = (await door.speak()).content
    streamed = await door.post("/v1/audio/speech", {**SPEECH, "response_format": "wav"})
    with wave.open(io.BytesIO(streamed.content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24_000, 1, 2)
        assert len(sound.readframes(len(pcm))) == len(pcm)


async def test_events_carry_the_same_sound_and_the_usage(door: Door) -> None:
    answer = await door.speak(stream_format="sse")
    assert answer.headers["content-type"].startswith("text/event-stream")
    *deltas, done = events_of(answer.content)
    assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
    sound = b"".join(base64.b64decode(str(delta["audio"])) for delta in deltas)
    assert sound == (await door.speak()).content
    assert done["type"] == "speech.audio.done"
    usage = done["usage"]
    assert isinstance(usage, dict)
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 2


async def test_the_published_client_runs_unchanged(closed: Door) -> None:
    started = await closed.post("/v1/conversation/start", {"participants": ["ann"]})
    name = started.json()["conversation_id"]
    answer = await closed.post(
        f"/v1/conversation/{name}/speak",
        {"text": TEXT, "speaker_id": "ann", "voice": "af_bella"},
        {"X-Speaker-ID": "ann", "X-Conversation-ID": name},
    )
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.content


async def test_other_words_under_the_same_name_are_a_conflict(door: Door) -> None:
    await door.speak()
    before = door.events()
    refused(await door.speak(text="Other words."), 409, "turn_id_conflict", "turn_id")
    assert door.events() == before


async def test_a_turn_may_be_named_by_its_key(door: Door) -> None:
    body = {"text": TEXT, "speaker_id": "ann"}
    for _ in range(2):
        answer = await door.post("/v1/conversation/c/speak", body, {"Idempotency-Key": "k"})
        assert answer.headers["x-turn-id"] == "k"
    assert door.events().count("turn_begun") == 1


async def test_a_stock_client_holds_a_conversation_by_headers(closed: Door) -> None:
    headers = {"X-Conversation-ID": "new", "X-Speaker-ID": "ann"}
    first = await closed.post("/v1/audio/speech", SPEECH, headers)
    second = await closed.post("/v1/audio/speech", SPEECH, {**headers, "X-Speaker-ID": "eve"})
    assert [r.headers["x-conversation-turn"] for r in (first, second)] == ["1", "2"]
    state = (await closed.get("/v1/conversation/new")).json()
    assert [p["id"] for p in state["participants"]] == ["ann", "eve"]
    assert closed.events("new")[:4] == [
        *("started", "participant_joined", "voice_assigned", "turn_begun")
    ]


async def test_without_headers_nothing_is_remembered(closed: Door) -> None:
    answer = await closed.post("/v1/audio/speech", SPEECH)
    assert answer.status_code == 200
    assert answer.content
    assert "x-conversation-id" not in answer.headers
    assert closed.system.journal.log.events == ()


@pytest.mark.parametrize("voice", ["nova", "af_bella(2)+af_sky(1)", {"id": "af_sky"}])
async def test_a_voice_is_ours_or_theirs_or_a_blend(closed: Door, voice: object) -> None:
    answer = await closed.post("/v1/audio/speech", {**SPEECH, "voice": voice, "extra": 1})
    assert answer.status_code == 200


async def test_who_hangs_up_interrupts_the_turn_at_what_was_delivered(door: Door) -> None:
    door.system.stage.takes.append(Take(waits_after=4))
    call = door.calls_to_speak()
    await call.bytes_arrived(4800 * 7)  # pieces of 100, 200, 200 and 200 ms
    await call.hang_up()
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert (turn["status"], turn["duration_s"]) == ("interrupted", 0.7)
    assert turn["heard_text"]
    assert TEXT.startswith(turn["heard_text"])
    assert not call.whole
    assert door.events()[-2:] == ["turn_begun", "turn_interrupted"]
    assert door.system.stage.stopped == 1
    recorded = await door.get("/v1/conversation/c/turns/t1/audio", format="pcm")
    assert recorded.content == call.body


async def test_who_hangs_up_while_nobody_can_be_told_is_recorded_later(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.system.stage.takes.append(Take(waits_after=4))
    ask, failures = door.system.reception.ask, [Busy(1), ProcessDied("killed")]

    async def busy_at_first(conversation_id: str, request: Any) -> Any:
        if failures:
            raise failures.pop()
        return await ask(conversation_id, request)

    call = door.calls_to_speak()
    await call.bytes_arrived(4800 * 7)
    monkeypatch.setattr(door.system.reception, "ask", busy_at_first)
    await call.hang_up()
    assert not failures
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert (turn["status"], turn["duration_s"]) == ("interrupted", 0.7)


async def test_who_heard_all_leaves_without_a_word_when_nobody_can_be_told(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[object] = []

    async def busy(_conversation_id: str, request: Any) -> Any:
        asked.append(request)
        raise Busy(1)

    monkeypatch.setattr(door.system.reception, "ask", busy)
    assert (await door.speak()).status_code == 200
    assert len(asked) == 1
    assert not caplog.records


async def test_who_hung_up_may_ask_again_and_hears_all_of_it(door: Door) -> None:
    door.system.stage.takes.append(Take(waits_after=2))
    call = door.calls_to_speak()
    await call.bytes_arrived()
    await call.hang_up()
    answer = await door.speak()
    assert len(answer.content) > len(call.body)
    assert answer.content.startswith(call.body)
    assert answer.headers["x-conversation-turn"] == "1"


async def test_one_who_hangs_up_does_not_disturb_another(door: Door) -> None:
    take = Take(waits_after=2)
    door.system.stage.takes.append(take)
    gone, stays = door.calls_to_speak(), door.calls_to_speak()
    await gone.bytes_arrived()
    await stays.bytes_arrived()
    await gone.hang_up()
    take.go_on.set()
    await stays.done
    assert stays.whole
    assert stays.body.startswith(gone.body)
    assert door.events()[-1] == "turn_completed"


async def test_a_speaker_in_a_header_may_have_any_name(closed: Door) -> None:
    heads = {"X-Conversation-ID": "c", "X-Speaker-ID": "J\u00fcrgen"}
    call = closed.call("/v1/audio/speech", SPEECH, heads)
    await call.done
    state = (await closed.get("/v1/conversation/c")).json()
    assert [p["id"] for p in state["participants"]] == ["J\u00fcrgen"]


async def test_who_hangs_up_outside_a_conversation_stops_the_synthesis(closed: Door) -> None:
    closed.system.stage.takes.append(Take(waits_after=2))
    call = closed.call("/v1/audio/speech", SPEECH)
    await call.bytes_arrived()
    await call.hang_up()
    assert closed.system.stage.stopped == 1


async def test_a_barge_in_ends_the_stream(door: Door) -> None:
    door.system.stage.takes.append(Take(waits_after=4))
    call = door.calls_to_speak()
    await call.bytes_arrived(4800)
    cut = await door.post("/v1/conversation/c/turns/t1/interrupt", {"audio_played_ms": 100})
    assert cut.json()["audio_played_ms"] == 100
    await call.done
    assert call.whole
    assert door.events()[-2:] == ["turn_begun", "turn_interrupted"]


@pytest.mark.parametrize("path", ["/v1/conversation/c/speak", "/v1/audio/speech"])
async def test_the_busy_say_when_to_come_again(door: Door, path: str) -> None:
    door.system.stage.takes.append(Take(refusal=Busy(7)))
    answer = await door.post(path, {**SPEECH, "text": TEXT, "speaker_id": "ann"})
    refused(answer, 429, "busy", None)
    assert answer.headers["retry-after"] == "7"
    assert (await door.post(path, {**SPEECH, "text": TEXT, "speaker_id": "ann"})).is_success


async def test_a_failure_before_the_first_sound_is_an_error_that_can_be_repeated(
    door: Door,
) -> None:
    door.system.stage.takes.extend([Take(dies_after=0)] * 3)
    answer = await door.speak()
    refused(answer, 503, "speech_failed", None)
    assert answer.headers["retry-after"]
    assert door.events()[-2:] == ["turn_begun", "turn_failed"]
    assert (await door.speak()).status_code == 200


async def test_a_failure_in_the_middle_breaks_the_stream_off(door: Door) -> None:
    door.system.stage.takes.extend([Take(dies_after=3)] * 3)
    call = door.calls_to_speak()
    await asyncio.wait([call.done])
    assert (call.status, call.whole) == (200, False)
    assert (await door.get("/v1/conversation/c/turns/t1")).json()["status"] == "failed"
    assert (await door.speak()).status_code == 200


async def test_whatever_process_dies_the_turn_can_be_asked_for_again(door: Door) -> None:
    door.system.stage.takes.append(Take(waits_after=2))
    call = door.calls_to_speak()
    await call.bytes_arrived()
    door.system.processes[0].kill()
    await asyncio.wait([call.done])
    assert not call.whole
    answer = await door.speak()
    assert answer.status_code == 200
    assert answer.headers["x-conversation-turn"] == "1"
    ends = ["turn_failed", "turn_begun", "turn_completed"]
    assert door.events()[-4:] == ["turn_begun", *ends]


async def test_a_process_that_died_in_silence_is_not_noticed_by_anybody(door: Door) -> None:
    door.system.processes[0].kill()
    assert (await door.listen()).status_code == 200
    assert (await door.speak()).status_code == 200


async def test_there_is_no_sound_where_nothing_was_spoken(door: Door) -> None:
    await door.listen()
    path = "/v1/conversation/c/turns/h1/audio"
    refused(await door.get(path), 404, "audio_not_found", "turn_id")
    await door.speak()
    door.system.audio.kept.clear()
    answers: Sequence[httpx.Response] = (
        await door.get("/v1/conversation/c/turns/t1/audio"),
        await door.speak(),
    )
    for answer in answers:
        refused(answer, 404, "audio_not_found", "turn_id")


async def test_what_cannot_be_read_for_the_moment_is_asked_for_again(door: Door) -> None:
    spoken = await door.speak()
    door.system.audio.unreadable = ArchiveUnavailable("read", "Input/output error")
    path = "/v1/conversation/c/turns/t1/audio?format=pcm"
    for answer in (await door.get(path), await door.speak()):
        assert "Input/output error" in refused(answer, 503, "unavailable", None)
        assert answer.headers["retry-after"] == "1"
    door.system.audio.unreadable = None
    assert (await door.get(path)).content == (await door.speak()).content == spoken.content


async def test_sound_that_cannot_be_kept_breaks_off_and_its_turn_can_be_asked_for_again(
    door: Door,
) -> None:
    door.system.audio.failures.append(ArchiveUnavailable("kept", "No space left on device"))
    call = door.calls_to_speak()
    await call.done
    assert (call.status, call.whole) == (200, False)
    assert door.events()[-2:] == ["turn_begun", "turn_failed"]
    assert (await door.speak()).content == call.body, "all of it had been heard"
    assert door.events()[-1] == "turn_completed"


async def test_what_was_heard_is_recorded_once_it_can_be_kept(door: Door) -> None:
    door.system.stage.takes.append(Take(waits_after=4))
    door.system.audio.failures.append(ArchiveUnavailable("kept", "No space left on device"))
    call = door.calls_to_speak()
    await call.bytes_arrived(4800 * 7)
    await call.hang_up()
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert (turn["status"], turn["duration_s"]) == ("interrupted", 0.7)


async def test_an_interruption_that_cannot_be_kept_is_asked_for_again(door: Door) -> None:
    door.system.stage.takes.append(Take(waits_after=4))
    call = door.calls_to_speak()
    await call.bytes_arrived(4800)
    door.system.audio.failures.append(ArchiveUnavailable("kept", "No space left on device"))
    path = "/v1/conversation/c/turns/t1/interrupt"
    refused(await door.post(path, {"audio_played_ms": 100}), 503, "unavailable", None)
    assert (await door.post(path, {"audio_played_ms": 100})).status_code == 200
    assert door.events()[-2:] == ["turn_begun", "turn_interrupted"]
    await call.done


RECORDED = "/v1/conversation/c/turns/t1/audio"


@pytest.mark.parametrize("name", FORMATS)
async def test_a_part_of_the_recorded_sound_is_a_part_of_the_whole(door: Door, name: str) -> None:
    await door.speak()
    whole = await door.get(RECORDED, format=name)
    size = len(whole.content)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-length"] == str(size)
    tag = whole.headers["etag"]
    parts = [
        await door.client.get(
            f"{RECORDED}?format={name}", headers={"Range": f"bytes={asked}", "If-Range": tag}
        )
        for asked in ("0-99", "100-")
    ]
    assert [part.status_code for part in parts] == [206, 206]
    assert b"".join(part.content for part in parts) == whole.content
    assert parts[1].headers["content-range"] == f"bytes 100-{size - 1}/{size}"
    assert parts[1].headers["content-type"] == FORMATS[name].media_type


async def test_a_part_that_is_not_there_is_refused(door: Door) -> None:
    await door.speak()
    size = len((await door.get(RECORDED)).content)
    answer = await door.client.get(RECORDED, headers={"Range": f"bytes={size}-"})
    assert f"{size:,} bytes" in refused(answer, 416, "range_not_satisfiable", "Range")
    assert answer.headers["content-range"] == f"bytes */{size}"


async def test_a_part_of_what_has_changed_is_the_whole(door: Door) -> None:
    await door.speak()
    headers = {"Range": "bytes=0-9", "If-Range": '"something else"'}
    answer = await door.client.get(RECORDED, headers=headers)
    assert answer.status_code == 200
    assert answer.content == (await door.get(RECORDED)).content


async def test_what_is_asked_of_words_is_spoken_and_on_the_record(door: Door) -> None:
    plain = (await door.speak(turn_id="plain")).content
    asked = [{"index": 0, "rate": 0.5, "pause": 0.3}]
    directed = await door.speak(turn_id="asked", words=asked)
    assert directed.status_code == 200
    assert len(directed.content) > len(plain) + 0.29 * 48_000
    turn = (await door.get("/v1/conversation/c/turns/asked")).json()
    (word,) = turn["direction"]["phrases"][0]["words"]
    assert (word["index"], word["rate"], word["pause_after_s"]) == (0, 0.5, 0.3)
    assert "words asked for" in [reason["rule"] for reason in turn["direction"]["reasons"]]
    other = [{"index": 0, "rate": 0.6}]
    refused(await door.speak(turn_id="asked", words=other), 409, "turn_id_conflict", "turn_id")


@pytest.mark.parametrize("words", [[{"index": 99}], [{"index": 0, "rate": 9}], [{}], "tea"])
async def test_words_that_cannot_be_are_refused_by_name(door: Door, words: object) -> None:
    answer = await door.speak(words=words)
    assert answer.status_code == 422
    assert answer.json()["error"]["param"].startswith("words")
    assert "turn_begun" not in door.events()
