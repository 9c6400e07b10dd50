"""Speech that somebody sent, through the real server and its processes."""

import io
import time
import wave
from pathlib import Path

import httpx
import pytest

from actors.engines.base import SAMPLE_RATE, Engine
from actors.engines.choice import choose_engine, load_engine
from events.direction import Phrase
from tests.fixtures.sounds import file, silence, voiced
from tests.system.serving import Server

TEXT = "We have walked along the river for the whole afternoon."


@pytest.fixture(scope="module")
def espeak() -> Engine:
    return load_engine(choose_engine("espeak", Path("nowhere")))


def wav(pcm: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as writing:
        writing.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        writing.writeframes(pcm)
    return out.getvalue()


def said(engine: Engine, **how: float) -> bytes:
    phrase = Phrase(text=TEXT, **how)
    return b"".join(sound.pcm for sound in engine.synthesise(phrase, "am_michael"))


def listen(client: httpx.Client, conversation: str, turn_id: str, audio: bytes) -> httpx.Response:
    body = {"speaker_id": "bob", "text": TEXT, "turn_id": turn_id}
    files = {"audio": ("turn.wav", audio)}
    return client.post(f"/v1/conversation/{conversation}/listen", data=body, files=files)


def start(server: Server, name: str) -> None:
    people = ["ann", {"id": "bob", "role": "human"}]
    server.post("/v1/conversation/start", {"participants": people, "conversation_id": name})


def test_speech_is_heard_kept_and_measured_against_its_speaker(
    server: Server, espeak: Engine
) -> None:
    start(server, "heard")
    lively = said(espeak, pitch=4.0, pitch_range=1.5, speed=1.2, loudness=4.0)
    with server.client() as client:
        for number in range(3):
            usual = listen(client, "heard", f"h{number}", wav(said(espeak))).json()
        moved = listen(client, "heard", "lively", wav(lively)).json()
        again = listen(client, "heard", "lively", wav(lively)).json()
        other = listen(client, "heard", "lively", wav(said(espeak)))
        played = client.get("/v1/conversation/heard/turns/lively/audio", params={"format": "pcm"})
    assert moved == again
    assert other.status_code == 409
    assert played.content == lively
    assert moved["affect"]["arousal"] > usual["affect"]["arousal"] + 0.2
    assert "sound" in moved["affect"]["sources"]
    before, after = usual["features"], moved["features"]
    assert after["f0_median_hz"] > 1.15 * before["f0_median_hz"]
    assert after["rate_syll_s"] > 1.1 * before["rate_syll_s"]
    assert after["loudness_lufs"] > before["loudness_lufs"] + 2


def test_bad_audio_changes_nothing(server: Server) -> None:
    start(server, "bad")
    before = server.get("/v1/conversation/bad")
    with server.client() as client:
        for audio, code in (
            (b"not audio at all" * 100, "invalid_audio"),
            (wav(silence(2).tobytes()), "invalid_audio"),
            (wav(voiced(150, 2).tobytes())[:-20_000], "invalid_audio"),
            (file("flac", silence(400)), "audio_too_long"),
        ):
            answer = listen(client, "bad", "h1", audio)
            error = answer.json()["error"]
            assert (answer.status_code, error["code"], error["param"]) == (422, code, "audio")
        assert server.get("/v1/conversation/bad") == before
        assert listen(client, "bad", "h1", wav(voiced(150, 2).tobytes())).status_code == 200


def test_our_own_speech_is_measured_too(server: Server) -> None:
    start(server, "spoken")
    line = {"text": TEXT, "speaker_id": "ann", "turn_id": "t1", "response_format": "pcm"}
    deadline = time.monotonic() + 60
    with server.client() as client:
        while True:  # whoever listens may still be on its way up
            client.post("/v1/conversation/spoken/speak", json=line).raise_for_status()
            turn = client.get(f"/v1/conversation/spoken/turns/{line['turn_id']}").json()
            if turn["features"] or time.monotonic() > deadline:
                break
            assert turn["unread"][0]["reading"] == "features"
            line["turn_id"] += "+"
    assert turn["features"]["duration_s"] == pytest.approx(turn["duration_s"], abs=0.01)
    assert 50 < turn["features"]["f0_median_hz"] < 400
    assert turn["features"]["rate_syll_s"] > 2
