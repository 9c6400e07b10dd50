"""Clients of ElevenLabs, unchanged: their SDK, pipecat's services and livekit's plugin."""

import asyncio
import base64
import io
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from itertools import count, pairwise

import aiohttp
import av
import httpx
import numpy as np
import pytest
from elevenlabs import VoiceSettings
from elevenlabs.client import ElevenLabs
from elevenlabs.core.api_error import ApiError
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT
from livekit.plugins import elevenlabs as livekit_elevenlabs

from gateway.client import Colloquy, Conversation
from tests.system.serving import Server
from tests.system.vendors.bots import TextAggregationMode, TTSStoppedFrame, running

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    from pipecat.services.elevenlabs.tts import ElevenLabsHttpTTSService, ElevenLabsTTSService

TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"
LONG = TEXT + " It goes on and on, for as long as anybody listens to it." * 20
VOICE = "af_heart"
NAMES = (f"elevenlabs-{number}" for number in count())


@pytest.fixture
def talk(server: Server) -> Iterator[Conversation]:
    with Colloquy(server.url) as client:
        yield client.conversation(next(NAMES))


@pytest.fixture
async def session(talk: Conversation) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"X-Conversation-ID": talk.id}) as session:
        yield session


def in_words(server: Server) -> str:
    return server.url.replace("http", "ws")


@contextmanager
def sdk(server: Server, talk: Conversation | None = None) -> Iterator[ElevenLabs]:
    headers = {"X-Conversation-ID": talk.id} if talk else {}
    with httpx.Client(timeout=60) as http:
        client = ElevenLabs(api_key="any", base_url=server.url, headers=headers, httpx_client=http)
        # It would only talk to a WebSocket over TLS.
        client.text_to_speech._ws_base_url = in_words(server)
        yield client


def only_turn(talk: Conversation):
    (turn,) = talk.turns()
    return turn


def recorded(talk: Conversation) -> bytes:
    return talk.turn_audio(only_turn(talk).turn_id, "pcm").read()


def seconds(file: bytes) -> float:
    with av.open(io.BytesIO(file)) as container:
        frames = list(container.decode(audio=0))
    return sum(frame.samples for frame in frames) / frames[0].sample_rate


def must_be_the_words_of(talk: Conversation, starts: dict[str, float]) -> None:
    """That words begin when the record says; each is there once."""
    words = {word.word: word.start_s for word in only_turn(talk).words}
    assert list(starts) == list(words)
    assert list(starts.values()) == pytest.approx(list(words.values()), abs=0.005)


def must_have_been_heard_in_part(turn, listened_s: float) -> None:
    """No more of it than can have been played."""
    assert turn.status == "interrupted"
    assert 0 < turn.duration_s <= listened_s
    words = LONG.split()
    heard = turn.heard_text.split()
    assert heard == words[: len(heard)]
    assert len(heard) < len(words)


def test_the_sdk_converts(server: Server, talk: Conversation) -> None:
    with sdk(server, talk) as client:
        pieces = client.text_to_speech.convert(VOICE, text=TEXT, output_format="pcm_24000")
        pcm = b"".join(pieces)
    assert pcm == recorded(talk)
    assert only_turn(talk).text == TEXT


def test_the_sdk_streams_an_mp3_of_the_right_length(server: Server, talk: Conversation) -> None:
    with sdk(server, talk) as client:
        pieces = client.text_to_speech.stream(
            VOICE, text=TEXT, model_id="eleven_flash_v2_5", voice_settings=VoiceSettings(speed=1.1)
        )
        file = b"".join(pieces)
    assert seconds(file) == pytest.approx(len(recorded(talk)) / 48_000, abs=0.15)


def test_the_sdk_converts_with_timestamps(server: Server, talk: Conversation) -> None:
    with sdk(server, talk) as client:
        told = client.text_to_speech.convert_with_timestamps(
            VOICE, text=TEXT, output_format="pcm_16000"
        )
    samples = len(base64.b64decode(told.audio_base_64)) // 2
    assert samples / 16_000 == pytest.approx(len(recorded(talk)) / 48_000, abs=0.001)
    assert told.alignment is not None
    assert "".join(told.alignment.characters) == TEXT
    starts = told.alignment.character_start_times_seconds
    assert all(before <= after for before, after in pairwise(starts))
    word = only_turn(talk).words[3]
    assert starts[TEXT.index(word.word)] == pytest.approx(word.start_s, abs=0.005)


def test_the_sdk_streams_with_timestamps(server: Server) -> None:
    with sdk(server) as client:
        stream = client.text_to_speech.stream_with_timestamps
        told = list(stream(VOICE, text=TEXT, output_format="pcm_24000"))
    characters = [c for piece in told if piece.alignment for c in piece.alignment.characters]
    assert "".join(characters) == TEXT
    assert sum(len(base64.b64decode(piece.audio_base_64)) for piece in told) > 100_000


their_own = pytest.mark.filterwarnings(
    "ignore:ConnectionClosed.code is deprecated:DeprecationWarning",
    "ignore:ConnectionClosed.reason is deprecated:DeprecationWarning",
)


@their_own
def test_the_sdk_sends_text_as_it_comes(server: Server, talk: Conversation) -> None:
    with sdk(server, talk) as client:
        pieces = client.text_to_speech.convert_realtime(
            VOICE, text=(f"{word} " for word in TEXT.split(" ")), output_format="pcm_24000"
        )
        pcm = b"".join(pieces)
    assert pcm == recorded(talk)
    assert only_turn(talk).text.split() == TEXT.split()


@their_own
def test_the_sdk_hears_why_its_text_cannot_be_spoken(server: Server) -> None:
    with sdk(server) as client, pytest.raises(ApiError) as refused:
        list(client.text_to_speech.convert_realtime(VOICE, text=iter(["…"])))
    assert "nothing that can be spoken" in refused.value.body


def test_the_sdk_hears_that_there_is_no_such_voice(server: Server) -> None:
    with sdk(server) as client, pytest.raises(ApiError) as refused:
        list(client.text_to_speech.convert("21m00Tcm4TlvDq8ikWAM", text=TEXT))
    assert refused.value.status_code == 404
    assert refused.value.body["detail"]["status"] == "voice_not_found"


def test_the_sdk_lists_voices(server: Server) -> None:
    with sdk(server) as client:
        voices = {voice.voice_id: voice.name for voice in client.voices.get_all().voices}
    assert {"af_heart", "nova"} <= set(voices)


class Remembered(ElevenLabsTTSService):
    """In a conversation that has a name."""

    def __init__(self, conversation_id: str, **particulars) -> None:
        self._conversation_id = conversation_id
        super().__init__(api_key="any", **particulars)

    def _build_websocket_url(self) -> str:
        return f"{super()._build_websocket_url()}&conversation_id={self._conversation_id}"


def pipecats(server: Server, talk: Conversation, **particulars) -> Remembered:
    settings = ElevenLabsTTSService.Settings(voice=VOICE)
    return Remembered(talk.id, url=in_words(server), settings=settings, **particulars)


@pytest.mark.parametrize("mode", list(TextAggregationMode))
async def test_pipecat_speaks_a_reply_and_remembers_its_words(
    server: Server, talk: Conversation, mode: TextAggregationMode
) -> None:
    async with running(pipecats(server, talk, text_aggregation_mode=mode)) as bot:
        await bot.say(TEXT)
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        bot.must_be_well()
    turn = only_turn(talk)
    assert turn.status == "completed"
    assert turn.text.split() == bot.words == TEXT.split()
    assert bot.sound == recorded(talk)


async def test_pipecat_has_another_rate(server: Server, talk: Conversation) -> None:
    async with running(pipecats(server, talk), sample_rate=8000) as bot:
        await bot.say(TEXT)
        await bot.until(lambda: bot.of(TTSStoppedFrame))
    assert len(bot.sound) / 16_000 == pytest.approx(len(recorded(talk)) / 48_000, abs=0.001)


async def test_the_record_has_what_can_have_been_heard_when_pipecat_is_interrupted(
    server: Server, talk: Conversation
) -> None:
    async with running(pipecats(server, talk)) as bot:
        begun = time.monotonic()
        await bot.say(LONG, ended=False)
        await bot.until(lambda: len(bot.sound) > 24_000)
        await asyncio.sleep(0.5)  # as long as somebody listens
        await bot.interrupt()
        await bot.say("As I was saying.")
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        listened_s = time.monotonic() - begun
        bot.must_be_well()
    first, second = talk.turns()
    assert (first.status, second.status) == ("interrupted", "completed")
    assert second.text.split() == ["As", "I", "was", "saying."]
    must_have_been_heard_in_part(first, listened_s)


async def test_pipecat_speaks_over_http(
    server: Server, talk: Conversation, session: aiohttp.ClientSession
) -> None:
    service = ElevenLabsHttpTTSService(
        api_key="any",
        aiohttp_session=session,
        base_url=server.url,
        settings=ElevenLabsHttpTTSService.Settings(voice=VOICE),
    )
    async with running(service) as bot:
        await bot.say(TEXT)
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        bot.must_be_well()
    turns = talk.turns()
    assert " ".join(turn.text for turn in turns).split() == bot.words == TEXT.split()
    audio = [talk.turn_audio(turn.turn_id, "pcm").read() for turn in turns]
    assert bot.sound == b"".join(audio)


def livekits(
    server: Server, session: aiohttp.ClientSession, **particulars
) -> livekit_elevenlabs.TTS:
    return livekit_elevenlabs.TTS(
        api_key="any",
        voice_id=VOICE,
        base_url=f"{server.url}/v1",
        http_session=session,
        **{"encoding": "pcm_24000", **particulars},
    )


async def heard(stream) -> tuple[bytes, dict[str, float]]:
    """Sound, and when each word begins."""
    pcm, starts = b"", {}
    async for event in stream:
        pcm += bytes(event.frame.data)
        for word in event.frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, ()):
            starts[str(word).strip()] = word.start_time
    return pcm, starts


@pytest.mark.parametrize("auto_mode", [True, False])
async def test_livekit_streams_with_the_times_of_words(
    server: Server, talk: Conversation, session: aiohttp.ClientSession, auto_mode: bool
) -> None:
    async with livekits(server, session, auto_mode=auto_mode) as tts, tts.stream() as stream:
        for word in TEXT.split(" "):
            stream.push_text(f"{word} ")
        stream.end_input()
        pcm, starts = await heard(stream)
    must_be_the_words_of(talk, starts)
    sound = np.frombuffer(recorded(talk), "<i2")
    assert only_turn(talk).text.split() == TEXT.split()
    assert abs(len(pcm) // 2 - len(sound)) < 2400
    assert np.array_equal(np.frombuffer(pcm, "<i2")[: len(sound)], sound)


async def test_livekit_streams_a_second_reply_on_the_same_connection(
    server: Server, talk: Conversation, session: aiohttp.ClientSession
) -> None:
    async with livekits(server, session) as tts:
        for text in ("This is one.", "This is another."):
            async with tts.stream() as stream:
                stream.push_text(text)
                stream.end_input()
                pcm, _ = await heard(stream)
                assert len(pcm) > 20_000
    assert [turn.text.strip() for turn in talk.turns()] == ["This is one.", "This is another."]


async def test_the_record_has_what_can_have_been_heard_when_livekit_gives_up(
    server: Server, talk: Conversation, session: aiohttp.ClientSession
) -> None:
    async with livekits(server, session) as tts:
        begun = time.monotonic()
        async with tts.stream() as stream:
            stream.push_text(LONG)
            await anext(aiter(stream))
        async with tts.stream() as stream:
            stream.push_text("As I was saying.")
            stream.end_input()
            await heard(stream)
        listened_s = time.monotonic() - begun
    first, second = talk.turns()
    assert second.status == "completed"
    must_have_been_heard_in_part(first, listened_s)


async def test_livekit_synthesizes_a_line(
    server: Server, talk: Conversation, session: aiohttp.ClientSession
) -> None:
    async with livekits(server, session) as tts, tts.synthesize(TEXT) as stream:
        pcm, _ = await heard(stream)
    assert pcm[: len(recorded(talk))] == recorded(talk)
