"""ElevenLabs' calls over HTTP, through the door."""

import base64
import io
import json
import wave
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.door import MAX_TEXT, TEXT, Door
from tests.api.locked import LockedDoor
from tests.fakes import LocalStage, Take
from tests.fakes.clock import settle
from tests.fakes.http import Call

PATH = "/v1/text-to-speech/af_heart"
PCM = "output_format=pcm_24000"


@pytest.fixture
def door() -> Door:
    return Door()


async def spoken(door: Door, path: str = "", query: str = PCM, **more: Any) -> httpx.Response:
    headers = more.pop("headers", None)
    body = {"text": TEXT, "model_id": "eleven_flash_v2_5", "previous_text": "Before.", **more}
    return await door.post(f"{PATH}{path}?{query}", body, headers)


def in_conversation(**more: str) -> dict[str, str]:
    return {"X-Conversation-ID": "c", **more}


@pytest.mark.parametrize("path", ["", "/stream"])
async def test_a_text_is_spoken_and_nothing_is_recorded(door: Door, path: str) -> None:
    answer = await spoken(door, path)
    assert answer.headers["content-type"] == "audio/pcm"
    assert answer.headers["request-id"] == answer.headers["x-request-id"]
    assert len(answer.content) > 48_000
    assert door.events() == []


async def test_the_default_is_an_mp3(door: Door) -> None:
    answer = await spoken(door, query="")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.content[0] == 0xFF


async def test_a_wav_is_a_wav(door: Door) -> None:
    answer = await spoken(door, query="output_format=wav_16000")
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert sound.getframerate() == 16_000


async def test_with_a_conversation_it_is_a_turn_and_asked_again_the_same(door: Door) -> None:
    headers = in_conversation(**{"X-Speaker-ID": "ann", "Idempotency-Key": "t1"})
    first, again = [await spoken(door, headers=headers) for _ in range(2)]
    assert first.headers["x-turn-id"] == "t1"
    assert first.content == again.content
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert (turn["status"], turn["text"], turn["speaker_id"]) == ("completed", TEXT, "ann")
    assert door.events().count("turn_begun") == 1


def letters(alignment: dict[str, list[Any]]) -> str:
    starts, ends = (
        alignment["character_start_times_seconds"],
        alignment["character_end_times_seconds"],
    )
    assert all(a <= b for a, b in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    return "".join(alignment["characters"])


@pytest.mark.parametrize("headers", [{}, in_conversation()])
async def test_each_character_has_its_time(door: Door, headers: dict[str, str]) -> None:
    told = (await spoken(door, "/with-timestamps", headers=headers)).json()
    assert letters(told["alignment"]) == TEXT
    sound = base64.b64decode(told["audio_base64"])
    last_s = told["alignment"]["character_end_times_seconds"][-1]
    assert 0.9 < last_s / (len(sound) / 48_000) <= 1


async def test_characters_come_with_the_sound_that_they_begin_in(door: Door) -> None:
    answer = await spoken(door, "/stream/with-timestamps")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    alignments = [line["alignment"] for line in lines if line["alignment"]]
    joined = {key: [v for a in alignments for v in a[key]] for key in alignments[0]}
    assert letters(joined) == TEXT
    assert len(lines) > 10
    sound = b"".join(base64.b64decode(line["audio_base64"]) for line in lines)
    assert sound == (await spoken(door)).content


async def test_who_hangs_up_has_interrupted_the_turn() -> None:
    door = Door(LocalStage(Take(), Take(waits_after=1)))
    call = Call(
        door.app,
        "POST",
        f"{PATH}?{PCM}",
        data={"text": TEXT},
        headers=in_conversation(**{"Idempotency-Key": "t1"}),
    )
    await call.bytes_arrived(1000)
    await call.hang_up()
    await settle(2000)
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert turn["status"] == "interrupted"
    assert 0 < turn["duration_s"] <= len(call.body) / 48_000


@pytest.mark.parametrize(
    ("voice", "query", "text", "status", "code"),
    [
        ("21m00Tcm4TlvDq8ikWAM", PCM, "Hello.", 404, "voice_not_found"),
        ("af_heart", "output_format=pcm_1", "Hello.", 422, "invalid_output_format"),
        ("af_heart", PCM, "… !?", 422, "unspeakable_text"),
        ("af_heart", PCM, "x" * (MAX_TEXT + 1), 422, "text_too_long"),
        ("af_heart", f"{PCM}&speaker_id=%00", "Hello.", 422, "invalid_value"),
    ],
)
async def test_an_error_is_told_in_both_ways(
    door: Door, voice: str, query: str, text: str, status: int, code: str
) -> None:
    answer = await door.post(f"/v1/text-to-speech/{voice}?{query}", {"text": text})
    told = answer.json()
    assert answer.status_code == status
    assert told["detail"] == {"status": code, "message": told["error"]["message"]}
    assert told["error"]["code"] == code


async def test_what_goes_wrong_before_the_first_sound_is_told_too() -> None:
    door = Door(LocalStage(Take(refusal=RuntimeError("secret words"))))
    answer = await spoken(door)
    assert answer.status_code == 500
    assert answer.json()["detail"]["status"] == "internal"
    assert "secret" not in answer.text


async def test_voices_are_listed_with_openais_names(door: Door) -> None:
    voices = (await door.get("/v1/voices")).json()["voices"]
    assert {"af_heart", "nova"} <= {voice["voice_id"] for voice in voices}
    assert all(voice["category"] == "premade" and voice["name"] for voice in voices)


async def test_a_key_is_needed_where_there_are_keys(tmp_path: Path) -> None:
    door = LockedDoor(tmp_path)
    holder = door.holder("speak")
    door.system.clock.advance(1)
    assert (await spoken(door)).status_code == 401
    assert (await spoken(door, headers={"xi-api-key": holder.token})).status_code == 200
