"""Clients of Deepgram, unchanged: their SDK and pipecat's services."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import aiohttp
import httpx
import pytest
from deepgram import DeepgramClient
from deepgram.core.api_error import ApiError
from deepgram.environment import DeepgramClientEnvironment
from deepgram.speak.v1.types import SpeakV1Close, SpeakV1Flush, SpeakV1Text
from deepgram.speak.v2.types import (
    SpeakV2Configure,
    SpeakV2Interrupt,
    SpeakV2InterruptPlaybackOffset,
    SpeakV2Speak,
    SpeakV2SpeechInterrupted,
    SpeakV2SpeechMetadata,
)

from gateway.client import Colloquy, Conversation
from tests.system.serving import Server
from tests.system.vendors.bots import (
    DeepgramFluxTTSService,
    DeepgramHttpTTSService,
    DeepgramTTSService,
    TTSStoppedFrame,
    running,
)

TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"
LONG = TEXT + " It goes on and on, for as long as anybody listens to it." * 60
FLUX = {"model": "flux-af_heart-en", "encoding": "linear16", "sample_rate": "24000"}

pytestmark = [  # their SDK asks for these by their old names
    pytest.mark.filterwarnings("ignore:websockets.exceptions.InvalidStatusCode is deprecated"),
    pytest.mark.filterwarnings("ignore:websockets.legacy is deprecated"),
]


@pytest.fixture
def talk(server: Server) -> Iterator[Conversation]:
    with Colloquy(server.url) as client:
        yield client.conversation(str(uuid4()))


@pytest.fixture
def sdk(server: Server) -> Iterator[DeepgramClient]:
    ws = server.url.replace("http", "ws")
    here = DeepgramClientEnvironment(
        base=server.url, production=ws, agent=ws, agent_rest=server.url
    )
    with httpx.Client() as http:
        yield DeepgramClient(api_key="any", environment=here, httpx_client=http)


def named(talk: Conversation) -> dict[str, dict[str, str]]:
    return {"additional_headers": {"X-Conversation-ID": talk.id}}


def test_the_sdk_speaks_word_by_word(sdk: DeepgramClient, talk: Conversation) -> None:
    with sdk.speak.v2.connect(**FLUX, request_options=named(talk)) as connection:
        for word in TEXT.split(" "):
            connection.send_speak(SpeakV2Speak(text=f"{word} "))
        connection.send_flush()
        connection.send_close()
        told = list(connection)
    kinds = [m.type for m in told if not isinstance(m, bytes)]
    assert kinds == ["Connected", "Flushed", "SpeechStarted", "SpeechMetadata", "SessionMetadata"]
    pcm = b"".join(m for m in told if isinstance(m, bytes))
    (turn,) = talk.turns()
    assert turn.text.split() == TEXT.split()
    assert pcm == talk.turn_audio(turn.turn_id, "pcm").read()
    assert told[-1].total_audio_duration_ms == round(len(pcm) / 48)


def test_the_sdk_interrupts_and_is_told_what_was_heard(
    sdk: DeepgramClient, talk: Conversation
) -> None:
    with sdk.speak.v2.connect(**FLUX, request_options=named(talk)) as connection:
        connection.send_speak(SpeakV2Speak(text=LONG))
        sound = b""
        while len(sound) < 96_000:
            message = connection.recv()
            sound += message if isinstance(message, bytes) else b""
        offset = SpeakV2InterruptPlaybackOffset(type="time_ms", value=1500)
        connection.send_interrupt(SpeakV2Interrupt(playback_offset=offset))
        while not isinstance(cut := connection.recv(), SpeakV2SpeechInterrupted):
            pass
        assert f"{cut.text_spoken} {cut.text_remaining}" == LONG
        assert cut.audio_played_ms == 1500
        (turn,) = talk.turns()
        assert turn.heard_text == cut.text_spoken
        heard = [word.word for word in turn.words or () if word.end_s <= 1.5]
        assert cut.text_spoken == " ".join(heard)
        # Nobody synthesised what nobody was to hear.
        kept_s = len(talk.turn_audio(turn.turn_id, "pcm").read()) / 48_000
        assert kept_s < len(LONG) / 20
        connection.send_configure(SpeakV2Configure(speed=1.1))
        connection.send_speak(SpeakV2Speak(text="As I was saying."))
        connection.send_flush()
        while not isinstance(connection.recv(), SpeakV2SpeechMetadata):
            pass
    assert [turn.status for turn in talk.turns()] == ["interrupted", "completed"]


def test_the_sdk_speaks_as_it_did_with_aura(sdk: DeepgramClient, talk: Conversation) -> None:
    aura = {**FLUX, "model": "aura-2-helena-en"}
    with sdk.speak.v1.connect(**aura, request_options=named(talk)) as connection:
        connection.send_text(SpeakV1Text(text=TEXT))
        connection.send_flush(SpeakV1Flush(type="Flush"))
        connection.send_close(SpeakV1Close(type="Close"))
        told = list(connection)
    assert [m.type for m in told if not isinstance(m, bytes)] == ["Metadata", "Flushed"]
    pcm = b"".join(m for m in told if isinstance(m, bytes))
    assert pcm == talk.turn_audio(talk.turns()[0].turn_id, "pcm").read()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_sdk_gets_lines_over_http(sdk: DeepgramClient, version: str) -> None:
    audio = getattr(sdk.speak, version).audio
    raw = {"encoding": "linear16", "container": "none", "sample_rate": 24000}
    pcm = b"".join(audio.generate(text=TEXT, model="aura-2-helena-en", **raw))
    assert 3 < len(pcm) / 48_000 < 20
    mp3 = b"".join(audio.generate(text=TEXT, model="aura-2-helena-en"))
    assert 1_000 < len(mp3) < len(pcm)


def test_the_sdk_knows_our_errors(sdk: DeepgramClient) -> None:
    with pytest.raises(ApiError) as refused:
        list(sdk.speak.v1.audio.generate(text=TEXT, model="nobody"))
    assert refused.value.status_code == 404


def until_interrupted(talk: Conversation) -> None:
    assert any(event.type == "turn_interrupted" for event in talk.follow_events())


def flux(server: Server, talk: Conversation) -> DeepgramFluxTTSService:
    # It gives no way to add a header, and appends a query of its own.
    url = f"{server.url.replace('http', 'ws')}/v2/speak?conversation_id={talk.id}&"
    return DeepgramFluxTTSService(
        api_key="any", url=url, settings=DeepgramFluxTTSService.Settings(voice="flux-heather-en")
    )


async def test_pipecat_speaks_with_flux(server: Server, talk: Conversation) -> None:
    async with running(flux(server, talk)) as bot:
        await bot.say(TEXT)
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        bot.must_be_well()
    (turn,) = talk.turns()
    assert turn.text.split() == TEXT.split()
    assert bot.sound == talk.turn_audio(turn.turn_id, "pcm").read()


async def test_pipecat_interrupts_flux_and_the_record_has_what_was_heard(
    server: Server, talk: Conversation
) -> None:
    async with running(flux(server, talk)) as bot:
        await bot.say(LONG, ended=False)
        await bot.until(lambda: len(bot.sound) > 24_000)
        await bot.interrupt()
        await asyncio.to_thread(until_interrupted, talk)
        (turn,) = talk.turns()
        heard = (turn.heard_text or "").split()
        assert LONG.split()[: len(heard)] == heard
        assert len(heard) < len(LONG.split()) / 2
        await bot.say("As I was saying.")
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        bot.must_be_well()
    assert talk.turns()[-1].status == "completed"


async def test_pipecat_speaks_with_aura(server: Server) -> None:
    service = DeepgramTTSService(api_key="any", base_url=server.url.replace("http", "ws"))
    async with running(service) as bot:
        await bot.say(TEXT)
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        bot.must_be_well()
        assert 3 < len(bot.sound) / 48_000 < 20


async def test_pipecat_speaks_over_http(server: Server) -> None:
    async with aiohttp.ClientSession() as http:
        service = DeepgramHttpTTSService(api_key="any", base_url=server.url, aiohttp_session=http)
        async with running(service, sample_rate=16_000) as bot:
            await bot.say("Good morning.")
            await bot.until(lambda: bot.of(TTSStoppedFrame))
            bot.must_be_well()
            assert 0.4 < len(bot.sound) / 32_000 < 4
