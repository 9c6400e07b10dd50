"""OpenAI's SDK, Open WebUI, and the OpenAI services of pipecat and livekit-agents, unchanged."""

import base64
import io
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_origin
from uuid import uuid4

import av
import openai
import pytest
import requests
import websockets
from livekit.plugins import openai as livekit_openai
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.audio import speech_create_params
from openai.types.realtime import RealtimeServerEvent, ResponseDoneEvent
from websockets import Subprotocol

from tests.system.serving import Server
from tests.system.vendors.frameworks import PipecatOpenAI, spoken_by_livekit, spoken_by_pipecat

LINE = "Good morning, what would you like?"
STORY = "And then there was another sentence, which was not the last one by far. " * 25
Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
VOICES = next(get_args(t) for t in get_args(speech_create_params.Voice) if get_origin(t) is Literal)


@pytest.fixture
def sdk(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
async def async_sdk(server: Server) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{server.url}/v1", api_key="any", max_retries=0
    ) as client:
        yield client


def seconds_of(file: bytes) -> float:
    """Length of the sound in a file, which is decoded to its end."""
    with av.open(io.BytesIO(file), "r") as container:
        frames = list(container.decode(audio=0))
    return float(sum(frame.samples / frame.sample_rate for frame in frames))


@pytest.fixture(scope="module")
def line_s(server: Server) -> float:
    """Seconds that the line lasts."""
    body = {"model": "tts-1", "voice": "nova", "input": LINE, "response_format": "pcm"}
    with server.client() as client:
        return len(client.post("/v1/audio/speech", json=body).content) / 48_000


@pytest.mark.parametrize("response_format", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_the_sdk_gets_speech_in_each_format(
    sdk: openai.OpenAI, line_s: float, response_format: Format
) -> None:
    speech = sdk.audio.speech.create(
        model="tts-1", voice="nova", input=LINE, response_format=response_format
    )
    sound = speech.content
    seconds = len(sound) / 48_000 if response_format == "pcm" else seconds_of(sound)
    assert seconds == pytest.approx(line_s, abs=0.1)


async def test_the_async_sdk_streams_before_the_end(
    async_sdk: openai.AsyncOpenAI, server: Server
) -> None:
    named = {"X-Conversation-ID": str(uuid4()), "X-Speaker-ID": "guide"}
    async with async_sdk.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="marin", input=STORY[:800], extra_headers=named
    ) as response:
        pieces = response.iter_bytes()
        first = await anext(pieces)
        path = f"/v1/conversation/{named['X-Conversation-ID']}/turns"
        assert server.get(path)["data"][0]["status"] == "begun"
        rest = [piece async for piece in pieces]
    whole = server.get(path)["data"][0]
    assert seconds_of(first + b"".join(rest)) == pytest.approx(whole["duration_s"], abs=0.1)


def test_the_sdk_streams_events(sdk: openai.OpenAI, line_s: float) -> None:
    with sdk.audio.speech.with_streaming_response.create(
        model="tts-1", voice="nova", input=LINE, response_format="pcm", stream_format="sse"
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    *deltas, done = (json.loads(line) for line in lines)
    assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
    pcm = b"".join(base64.b64decode(delta["audio"]) for delta in deltas)
    assert len(pcm) / 48_000 == pytest.approx(line_s, abs=0.1)
    assert done["type"] == "speech.audio.done"
    usage = done["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_each_voice_of_the_sdk_is_another_one_of_ours(sdk: openai.OpenAI) -> None:
    assert len(VOICES) == 13
    spoken = {
        sdk.audio.speech.create(
            model="tts-1", voice=voice, input=LINE, response_format="pcm"
        ).content
        for voice in VOICES
    }
    assert len(spoken) == 13
    assert min(len(pcm) for pcm in spoken) > 24_000


def test_the_sdk_reads_our_errors(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.audio.speech.create(model="tts-1", voice="nobody", input=LINE)
    error = unknown.value
    assert (error.code, error.param, error.type) == (
        "voice_not_found",
        "voice",
        "invalid_request_error",
    )
    assert error.request_id
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.audio.speech.create(model="gpt-4", voice="alloy", input=LINE)
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.UnprocessableEntityError) as out_of_range:
        sdk.audio.speech.create(model="tts-1", voice="alloy", input=LINE, speed=9)
    assert (out_of_range.value.code, out_of_range.value.param) == ("invalid_value", "speed")
    with pytest.raises(openai.NotFoundError) as unknown:
        sdk.models.retrieve("gpt-4")
    assert unknown.value.code == "model_not_found"


async def test_the_async_sdk_reads_our_errors(async_sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as too_long:
        await async_sdk.audio.speech.create(model="tts-1", voice="alloy", input="a " * 50_000)
    assert (too_long.value.code, too_long.value.type) == ("text_too_long", "invalid_request_error")


async def test_the_sdk_lists_models(sdk: openai.OpenAI, async_sdk: openai.AsyncOpenAI) -> None:
    ids = [model.id for model in sdk.models.list()]
    assert {"tts-1", "tts-1-hd", "gpt-4o-mini-tts", "kokoro"} <= set(ids)
    assert [model.id async for model in async_sdk.models.list()] == ids
    model = await async_sdk.models.retrieve("tts-1")
    assert (model.object, model.owned_by) == ("model", "colloquy")


def test_two_headers_make_a_conversation_of_a_stock_clients_lines(
    sdk: openai.OpenAI, server: Server
) -> None:
    headers = {"X-Conversation-ID": "stock-client", "X-Speaker-ID": "guide"}
    for line in ("Welcome.", "Follow me, please."):
        sdk.audio.speech.create(model="tts-1", voice="nova", input=line, extra_headers=headers)
    state = server.get("/v1/conversation/stock-client")
    assert [turn["text"] for turn in state["turns"]] == ["Welcome.", "Follow me, please."]
    assert state["participants"][0]["voice"] == "af_nova"


class Heard:
    """What came over a realtime connection; each event is what the SDK's types say it is."""

    def __init__(self) -> None:
        self.events: list[RealtimeServerEvent] = []
        self.pcm = b""

    def take(self, event: RealtimeServerEvent) -> None:
        type(event).model_validate(event.to_dict())
        self.events.append(event)
        if event.type == "response.output_audio.delta":
            self.pcm += base64.b64decode(event.delta)

    @property
    def transcript(self) -> str:
        deltas = (e for e in self.events if e.type == "response.output_audio_transcript.delta")
        return "".join(delta.delta for delta in deltas)

    @property
    def item_id(self) -> str:
        return next(e.item_id for e in self.events if e.type == "response.output_audio.delta")


async def heard_until(
    connection: AsyncRealtimeConnection, kind: str, *, seconds: float = 0
) -> Heard:
    """What comes up to an event, and to so much sound."""
    heard = Heard()
    async for event in connection:
        assert event.type != "error", event
        heard.take(event)
        if event.type == kind and len(heard.pcm) / 48_000 >= seconds:
            break
    return heard


@pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager")  # by the SDK
def test_the_sdk_has_a_line_spoken_over_a_realtime_connection(
    sdk: openai.OpenAI, server: Server, line_s: float
) -> None:
    heard = Heard()
    with sdk.realtime.connect(model="gpt-realtime") as connection:
        connection.session.update(
            session={"type": "realtime", "audio": {"output": {"voice": "nova"}}}
        )
        connection.conversation.item.create(
            item={
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "Hello!"}],
            }
        )
        connection.response.create(response={"instructions": LINE})
        for event in connection:
            assert event.type != "error", event
            heard.take(event)
            if event.type == "response.done":
                break
    done = cast("ResponseDoneEvent", heard.events[-1]).response
    assert (done.status, heard.transcript) == ("completed", LINE)
    assert done.usage
    assert done.usage.output_tokens
    assert len(heard.pcm) / 48_000 == pytest.approx(line_s, rel=0.3)
    turns = server.get(f"/v1/conversation/{done.conversation_id}/turns")["data"]
    assert [(turn["speaker_id"], turn["text"]) for turn in turns] == [
        ("user", "Hello!"),
        ("assistant", LINE),
    ]


async def test_what_the_sdk_cancels_and_truncates_is_what_was_heard(
    async_sdk: openai.AsyncOpenAI, server: Server
) -> None:
    conversation_id = str(uuid4())
    named = {"X-Conversation-ID": conversation_id}
    async with async_sdk.realtime.connect(model="gpt-realtime", extra_headers=named) as connection:
        await connection.response.create(response={"instructions": STORY})
        before = await heard_until(connection, "response.output_audio.delta", seconds=1.5)
        item_id = before.item_id
        await connection.response.cancel()
        await connection.conversation.item.truncate(
            item_id=item_id, content_index=0, audio_end_ms=1234
        )
        cancelled = await heard_until(connection, "conversation.item.truncated")
        await connection.conversation.item.retrieve(item_id=item_id)
        retrieved = (await heard_until(connection, "conversation.item.retrieved")).events[-1]
    kinds = [event.type for event in cancelled.events]
    done = cancelled.events[kinds.index("response.done")]
    assert cast("ResponseDoneEvent", done).response.status == "cancelled"
    assert "response.output_audio.delta" not in kinds[kinds.index("response.done") :]
    turn = server.get(f"/v1/conversation/{conversation_id}/turns/{item_id}")
    words = [word["word"] for word in turn["words"] if word["end_s"] <= 1.235]
    assert 2 < len(words) < 6
    assert (turn["status"], turn["heard_text"]) == ("interrupted", " ".join(words))
    item = cast("dict[str, Any]", retrieved.to_dict())["item"]
    assert (item["status"], item["content"][0]["transcript"]) == ("incomplete", " ".join(words))


async def test_the_sdk_hears_what_is_wrong_and_goes_on(async_sdk: openai.AsyncOpenAI) -> None:
    async with async_sdk.realtime.connect(model="gpt-realtime") as connection:
        await connection.response.create()
        await connection.response.cancel()
        codes = []
        async for event in connection:
            if event.type == "error":
                codes.append(event.error.code)
            if len(codes) == 2:
                break
        assert codes == ["text_missing", "response_cancel_not_active"]
        await connection.response.create(response={"instructions": LINE})
        assert (await heard_until(connection, "response.done")).transcript == LINE


async def test_a_browser_is_answered_in_the_protocol_that_it_names(server: Server) -> None:
    address = f"ws://127.0.0.1:{server.port}/v1/realtime?model=gpt-realtime"
    offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.any")]
    async with websockets.connect(address, subprotocols=offered) as connection:
        assert connection.subprotocol == "realtime"
        assert json.loads(await connection.recv())["type"] == "session.created"


def test_the_example_of_the_documentation_speaks(server: Server) -> None:
    page = Path("docs/clients.md").read_text("utf-8")
    example = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)[0]
    assert "realtime.connect" in example
    example = example.replace("127.0.0.1:8354", server.url.removeprefix("http://"))
    said = subprocess.run([sys.executable, "-c", example], capture_output=True, check=True).stdout
    assert b"bytes: 24 kHz" in said


def test_open_webui_finds_voices_and_models_and_speaks(server: Server) -> None:
    base = f"{server.url}/v1"
    user = {"X-OpenWebUI-User-Name": "Ann", "X-OpenWebUI-User-Role": "user"}
    sent = {"Content-Type": "application/json", "Authorization": "Bearer any", **user}
    models = requests.get(f"{base}/audio/models", timeout=60).json()["models"]
    assert "tts-1" in [model["id"] for model in models]
    voices = requests.get(f"{base}/audio/voices", timeout=60).json()["voices"]
    assert {"alloy", "af_heart"} <= {voice["id"]: voice["name"] for voice in voices}.keys()
    body = {"input": LINE, "voice": "af_heart", "model": "tts-1"}
    answer = requests.post(f"{base}/audio/speech", json=body, headers=sent, timeout=60)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert seconds_of(answer.content) > 1
    body["voice"] = "nobody"
    refused = requests.post(f"{base}/audio/speech", json=body, headers=sent, timeout=60)
    assert refused.status_code == 404
    assert "'nobody'" in refused.json()["error"]["message"]


async def test_pipecat_speaks(server: Server, line_s: float) -> None:
    async with openai.DefaultAsyncHttpxClient() as http:
        service = PipecatOpenAI(
            api_key="any",
            base_url=f"{server.url}/v1",
            http_client=http,
            settings=PipecatOpenAI.Settings(voice="nova"),
        )
        spoken = await spoken_by_pipecat(service, LINE)
    assert (spoken.text, spoken.sample_rate) == (LINE, 24_000)
    assert spoken.seconds == pytest.approx(line_s, abs=0.1)


@pytest.mark.parametrize(
    "options",
    [{}, {"response_format": "pcm"}, {"response_format": "opus"}, {"model": "tts-1"}],
    ids=["as it is", "pcm", "opus", "without events"],
)
async def test_livekit_speaks(server: Server, line_s: float, options: dict[str, Any]) -> None:
    service = livekit_openai.TTS(
        api_key="any", base_url=f"{server.url}/v1", voice="nova", **options
    )
    service.prewarm()
    spoken = await spoken_by_livekit(service, LINE)
    await service.aclose()
    assert spoken.sample_rate == 24_000
    assert spoken.seconds == pytest.approx(line_s, abs=0.1)
