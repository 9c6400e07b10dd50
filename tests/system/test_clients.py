"""Clients that exist, unchanged."""

import io
import wave

import openai
import pytest
import requests

from tests.system.serving import Server


def test_the_client_published_with_the_idea_runs_unchanged(server: Server) -> None:
    base, participants = server.url, ["ann", "ben"]
    text, speaker_id, voice = "Good morning, what would you like?", "ann", "af_bella"
    # fmt: off
    r = requests.post(f"{base}/v1/conversation/start", json={"participants": participants})  # noqa: S113
    cid = r.json()["conversation_id"]
    r = requests.post(f"{base}/v1/conversation/{cid}/speak",  # noqa: S113
                      json={"text": text, "speaker_id": speaker_id, "voice": voice},
                      headers={"X-Speaker-ID": speaker_id, "X-Conversation-ID": cid})
    audio = r.content
    # fmt: on
    assert r.headers["Content-Type"] == "audio/mpeg"
    assert len(audio) > 5_000
    assert r.headers["X-Conversation-Turn"] == "1"


@pytest.fixture
def sdk(server: Server) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)


@pytest.mark.parametrize("response_format", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_the_openai_sdk_gets_speech_in_each_format(
    sdk: openai.OpenAI, response_format: str
) -> None:
    speech = sdk.audio.speech.create(
        model="tts-1",
        voice="alloy",
        input="Hello there.",
        response_format=response_format,  # type: ignore[arg-type]
    )
    assert len(speech.content) > 2_000


def test_the_openai_sdk_streams(sdk: openai.OpenAI) -> None:
    with sdk.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="marin", input="Hello there.", response_format="wav"
    ) as response:
        body = b"".join(response.iter_bytes())
    with wave.open(io.BytesIO(body)) as sound:
        assert sound.getframerate() == 24_000
        assert len(sound.readframes(10**7)) > 20_000


def test_the_openai_sdk_reads_our_errors(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.audio.speech.create(model="tts-1", voice="nobody", input="Hello.")
    assert unknown.value.code == "voice_not_found"
    assert unknown.value.param == "voice"
    assert unknown.value.type == "invalid_request_error"
    assert unknown.value.request_id


def test_the_openai_sdk_lists_models(sdk: openai.OpenAI) -> None:
    ids = [model.id for model in sdk.models.list()]
    assert {"tts-1", "gpt-4o-mini-tts"} <= set(ids)
    assert sdk.models.retrieve("tts-1").id == "tts-1"


def test_two_headers_make_a_conversation_of_a_stock_clients_lines(
    sdk: openai.OpenAI, server: Server
) -> None:
    headers = {"X-Conversation-ID": "stock-client", "X-Speaker-ID": "guide"}
    for line in ("Welcome.", "Follow me, please."):
        sdk.audio.speech.create(model="tts-1", voice="nova", input=line, extra_headers=headers)
    state = server.get("/v1/conversation/stock-client")
    assert [turn["text"] for turn in state["turns"]] == ["Welcome.", "Follow me, please."]
    assert state["participants"][0]["voice"] == "af_nova"
