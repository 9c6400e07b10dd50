"""Turns that somebody else spoke, sent with their sound."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest

from actors.archive import ArchiveUnavailable
from actors.directory import ProcessDied
from tests.api.door import Door, refused
from tests.fakes.ear import MOST_S
from tests.fixtures.sounds import FILES, file, silence, voiced

PATH = "/v1/conversation/c/listen"
SAID = {"speaker_id": "bob", "text": "What a lovely garden.", "turn_id": "h1"}
SOUND = file("wav", voiced(150, 1.2))


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door(max_body_mb=3)
    async with door.client:
        assert (await door.start()).status_code == 201
        yield door


async def listen(door: Door, audio: bytes = SOUND, **more: str) -> httpx.Response:
    files = {"audio": ("turn", audio, "application/octet-stream")}
    return await door.client.post(PATH, data={**SAID, **more}, files=files)


@pytest.mark.parametrize("kind", FILES)
async def test_a_turn_is_heard_in_any_common_format(door: Door, kind: str) -> None:
    answer = await listen(door, file(kind, voiced(150, 1.2)))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["turn"], told["turn_id"], told["version"]) == (1, "h1", 5)
    assert told["affect"]["category"] == "joy"
    assert told["features"]["f0_median_hz"] == pytest.approx(150, rel=0.02)
    assert told["features"]["duration_s"] == pytest.approx(1.2, abs=0.06)


async def test_the_turn_has_its_features_and_plays_what_was_heard(door: Door) -> None:
    told = (await listen(door)).json()
    turn = (await door.get("/v1/conversation/c/turns/h1")).json()
    assert (turn["kind"], turn["status"]) == ("heard", "completed")
    assert turn["features"] == told["features"]
    assert turn["duration_s"] == 1.2
    assert turn["unread"] == []
    played = await door.get("/v1/conversation/c/turns/h1/audio", format="pcm")
    samples = np.frombuffer(played.content, "<i2")
    assert np.array_equal(samples, voiced(150, 1.2))


async def test_two_channels_and_a_telephone_are_heard_as_well(door: Door) -> None:
    for turn_id, sound in (
        ("h1", file("wav", voiced(150, 1.2), channels=2)),
        ("h2", file("telephone wav", voiced(150, 1.2))),
    ):
        answer = await listen(door, sound, turn_id=turn_id)
        assert answer.json()["features"]["f0_median_hz"] == pytest.approx(150, rel=0.02)


async def test_clipped_sound_is_taken_with_a_note(door: Door) -> None:
    loud = np.clip(voiced(150, 1.2).astype(int) * 15, -32768, 32767).astype(np.int16)
    answer = await listen(door, file("wav", loud))
    assert answer.json()["features"]["notes"][0].startswith("clipped")


async def test_the_same_upload_again_is_the_same_turn_and_is_not_listened_to(door: Door) -> None:
    answers = [await listen(door) for _ in range(3)]
    assert [a.status_code for a in answers] == [200] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert len(door.system.ear.heard) == 1
    assert door.events()[4:] == ["turn_heard"]


async def test_other_sound_or_none_under_the_same_name_is_a_conflict(door: Door) -> None:
    await listen(door)
    other = await listen(door, file("wav", voiced(151, 1.2)))
    refused(other, 409, "turn_id_conflict", "turn_id")
    refused(await door.post(PATH, SAID), 409, "turn_id_conflict", "turn_id")
    refused(await listen(door, text="Else."), 409, "turn_id_conflict", "turn_id")
    assert len(door.system.audio.kept) == 1


async def test_two_who_send_the_same_at_once_are_answered_the_same(door: Door) -> None:
    one, two = await asyncio.gather(listen(door), listen(door))
    assert one.json() == two.json()
    assert door.events()[4:] == ["turn_heard"]


async def test_moments_come_as_text_and_empty_fields_are_absent(door: Door) -> None:
    answer = await listen(
        door, started_at="2026-03-01T00:00:01Z", ended_at="", turn_id="", unknown="x"
    )
    assert answer.status_code == 200
    turn = (await door.get("/v1/conversation/c/turns/" + answer.json()["turn_id"])).json()
    assert turn["started_at"] == "2026-03-01T00:00:01Z"
    assert turn["ended_at"] == "2026-03-01T00:00:02.200000Z"


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        (b"", "empty"),
        (b"hello " * 500, "not audio"),
        (SOUND[: len(SOUND) // 2], "cut off"),
        (file("flac", voiced(150, 2))[:9000], "cut off"),
        (file("wav", silence(1)), "silent"),
        (file("webm", silence(1)), "silent"),
        (file("mp3", voiced(150, 0.01)), "silent|no sound"),
    ],
)
async def test_bad_audio_is_refused_and_nothing_is_kept(
    door: Door, audio: bytes, said: str
) -> None:
    before = door.events()
    message = refused(await listen(door, audio), 422, "invalid_audio", "audio")
    assert any(part in message for part in said.split("|"))
    assert door.events() == before
    assert door.system.audio.kept == {}


@pytest.mark.parametrize("kind", ["flac", "ogg"])
async def test_what_lasts_too_long_is_refused_with_the_limit(door: Door, kind: str) -> None:
    answer = await listen(door, file(kind, silence(60)))
    assert f"{MOST_S:g} seconds" in refused(answer, 422, "audio_too_long", "audio")
    assert door.system.audio.kept == {}


async def test_a_file_larger_than_a_request_may_be_is_not_read(door: Door) -> None:
    refused(await listen(door, bytes(3_100_000)), 413, "request_too_large", None)
    assert door.system.ear.heard == []


@pytest.mark.parametrize(
    ("change", "status", "code", "param"),
    [
        ({"speaker_id": "eve"}, 404, "speaker_not_found", "speaker_id"),
        ({"text": ""}, 422, "invalid_value", "text"),
        ({"started_at": "soon"}, 422, "invalid_value", "started_at"),
        ({"turn_id": "a b"}, 422, "invalid_value", "turn_id"),
    ],
)
async def test_a_turn_that_is_refused_anyway_is_not_listened_to(
    door: Door, change: dict[str, str], status: int, code: str, param: str
) -> None:
    refused(await listen(door, **change), status, code, param)
    assert door.system.ear.heard == []


async def test_a_form_without_a_file_names_the_field(door: Door) -> None:
    form = {name: (None, value) for name, value in SAID.items()}
    refused(await door.client.post(PATH, files=form), 422, "invalid_value", "audio")
    form["audio"] = (None, "words")
    refused(await door.client.post(PATH, files=form), 422, "invalid_value", "audio")
    kind = {"Content-Type": "multipart/form-data"}
    refused(await door.client.post(PATH, content=b"x", headers=kind), 400, "invalid_body", None)
    two = [("audio", ("a", SOUND)), ("audio", ("b", SOUND))]
    refused(await door.client.post(PATH, data=SAID, files=two), 400, "invalid_body", None)


async def test_what_cannot_be_measured_is_told_and_fails_no_turn(door: Door, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("actors.hearing.listener.features_of", broken)
    told = (await listen(door)).json()
    assert told["features"] is None
    assert told["affect"]["category"] == "joy"
    turn = (await door.get("/v1/conversation/c/turns/h1")).json()
    assert turn["unread"] == [
        {"reading": "features", "because": "the reader failed (ZeroDivisionError)"}
    ]


@pytest.mark.parametrize("failure", [ProcessDied("killed"), ArchiveUnavailable("kept", "full")])
async def test_a_listener_that_is_gone_loses_nothing(door: Door, failure: Exception) -> None:
    door.system.ear.failure = failure
    refused(await listen(door), 503, "unavailable", None)
    assert door.events()[4:] == []
    door.system.ear.failure = None
    assert (await listen(door)).status_code == 200


async def test_sound_is_measured_against_how_its_speaker_usually_sounds(door: Door) -> None:
    for number, hertz in enumerate([120, 122, 118, 160]):
        sound = file("wav", voiced(hertz, 1.2, level=0.1 if hertz < 160 else 0.4))
        answer = await listen(door, sound, turn_id=f"h{number}", text="They closed the road.")
        last = answer.json()["affect"]
    first = (await door.get("/v1/conversation/c/turns/h1")).json()["affect"]
    assert last["arousal"] > first["arousal"] + 0.2
    assert "sound" in last["sources"]


async def test_a_spoken_turn_has_features_too(door: Door) -> None:
    await door.speak()
    turn = (await door.get("/v1/conversation/c/turns/t1")).json()
    assert turn["features"]["duration_s"] == pytest.approx(turn["duration_s"], abs=0.01)
    door.system.ear.failure = RuntimeError()
    await door.speak(turn_id="t2")
    turn = (await door.get("/v1/conversation/c/turns/t2")).json()
    assert (turn["status"], turn["features"]) == ("completed", None)
    assert turn["unread"][0]["reading"] == "features"


async def test_the_document_tells_of_both_bodies(door: Door) -> None:
    paths = (await door.get("/openapi.json")).json()["paths"]
    body = paths["/v1/conversation/{conversation_id}/listen"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data"}
    assert "audio" in body["multipart/form-data"]["schema"]["required"]
