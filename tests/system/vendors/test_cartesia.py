"""Clients of Cartesia, unchanged: their SDK, pipecat's services and livekit's plugin."""

import asyncio
import io
import wave
from collections.abc import Iterator
from itertools import pairwise
from uuid import uuid4

import aiohttp
import av
import pytest
from cartesia import AsyncCartesia, Cartesia, NotFoundError
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT
from livekit.plugins import cartesia as livekit_cartesia

from gateway.client import Colloquy, Conversation, Turn
from tests.system.serving import Server
from tests.system.vendors.bots import (
    CartesiaHttpTTSService,
    CartesiaTTSService,
    TextAggregationMode,
    TTSStoppedFrame,
    running,
)

TEXT = "Well, this is the first sentence of some. Here is another one, longer than the first. Bye!"
LONG = TEXT + " It goes on and on, for as long as anybody listens to it." * 60
VOICE = {"mode": "id", "id": "af_heart"}
RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000}

pytestmark = pytest.mark.filterwarnings(  # their SDK opens WebSockets so
    "ignore:connect\\(\\) must be used as a context manager:DeprecationWarning"
)


@pytest.fixture
def talk(server: Server) -> Iterator[Conversation]:
    with Colloquy(server.url) as client:
        yield client.conversation(str(uuid4()))


def sdk(server: Server, talk: Conversation | None = None) -> Cartesia:
    return Cartesia(
        api_key="any",
        base_url=server.url,
        websocket_base_url=server.url.replace("http", "ws"),
        default_headers={"X-Conversation-ID": talk.id} if talk else None,
        max_retries=0,
    )


def cut(talk: Conversation) -> Turn:
    """The first turn, once it has been interrupted."""
    for event in talk.follow_events():
        if event.type == "turn_interrupted":
            return talk.turns()[0]
    raise AssertionError("the conversation ended")


def must_be_heard_up_to_somewhere(turn: Turn, text: str) -> None:
    """That the record has words as heard from the first one on, and far from all of them."""
    assert turn.status == "interrupted"
    heard = (turn.heard_text or "").split()
    assert text.split()[: len(heard)] == heard
    assert len(heard) < len(text.split()) / 2


def must_increase(starts: list[float], ends: list[float]) -> None:
    assert all(begin <= end for begin, end in zip(starts, ends, strict=True))
    assert all(before <= after for before, after in pairwise(starts))


def test_the_sdk_pushes_pieces_and_receives_sound_and_times(
    server: Server, talk: Conversation
) -> None:
    pcm, words, starts, ends, kind = b"", [], [], [], ""
    with sdk(server, talk) as client, client.tts.websocket_connect() as connection:
        context = connection.context(
            "x", model_id="sonic-3.6", voice=VOICE, output_format=RAW, add_timestamps=True
        )
        for word in TEXT.split(" "):
            context.push(f"{word} ")
        context.no_more_inputs()
        for event in context.receive():
            kind = event.type
            if event.type == "chunk":
                pcm += event.audio or b""
            elif event.type == "timestamps":
                words += event.word_timestamps.words
                starts += event.word_timestamps.start
                ends += event.word_timestamps.end
    assert kind == "done"
    assert words == TEXT.split()
    must_increase(starts, ends)
    assert talk.turn("x").status == "completed"
    assert pcm == talk.turn_audio("x", "pcm").read()
    assert ends[-1] <= len(pcm) / 48_000


def test_the_sdk_flushes(server: Server, talk: Conversation) -> None:
    with sdk(server, talk) as client, client.tts.websocket_connect() as connection:
        context = connection.context("x", voice=VOICE, output_format=RAW)
        context.push("Stay hungry")
        context.push("", flush=True)
        context.push("stay foolish")
        context.no_more_inputs()
        told = [(event.type, getattr(event, "flush_id", None)) for event in context.receive()]
    kinds = [pair for pair, after in pairwise([*told, ("", None)]) if pair != after]
    assert kinds == [("chunk", 1), ("flush_done", 1), ("chunk", 2), ("done", None)]
    assert [turn.text for turn in talk.turns()] == ["Stay hungry", "stay foolish"]


async def test_the_sdk_cancels_a_context_and_another_goes_on(
    server: Server, talk: Conversation
) -> None:
    async with (
        AsyncCartesia(
            api_key="any",
            websocket_base_url=server.url.replace("http", "ws"),
            default_headers={"X-Conversation-ID": talk.id},
        ) as client,
        client.tts.websocket_connect() as connection,
    ):
        long = connection.context("long", voice=VOICE, output_format=RAW)
        await long.push(LONG)
        short = connection.context("short", voice=VOICE, output_format=RAW)
        await short.push(TEXT, continue_=False)
        received = long.receive()
        while (await anext(received)).type != "chunk":
            pass
        await long.cancel()
        assert [event async for event in short.receive()][-1].type == "done"
    turn = talk.turn("long")
    assert turn.status == "interrupted"
    assert LONG.startswith(turn.heard_text or "")
    assert talk.turn("short").status == "completed"
    # Nobody synthesised what nobody was to hear.
    seconds = len(talk.turn_audio("long", "pcm").read()) / 48_000
    assert seconds < len(LONG) / len(TEXT) * len(talk.turn_audio("short", "pcm").read()) / 48_000


def test_the_sdk_gets_lines_over_http(server: Server, talk: Conversation) -> None:
    line = {"model_id": "sonic-3.6", "transcript": TEXT, "voice": VOICE}
    wav = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100}
    mp3 = {"container": "mp3", "bit_rate": 128000, "sample_rate": 44100}
    with sdk(server) as client:
        pcm = client.tts.generate(**line, output_format=RAW).read()
        with wave.open(io.BytesIO(client.tts.generate(**line, output_format=wav).read())) as file:
            assert (file.getframerate(), file.getsampwidth()) == (44100, 2)
        sound = client.tts.generate(**line, output_format=mp3).read()
    with av.open(io.BytesIO(sound)) as container:
        decoded = sum(frame.samples for frame in container.decode(audio=0)) / 44100
    assert decoded == pytest.approx(len(pcm) / 48_000, abs=0.1)
    with sdk(server, talk) as client:
        pcm = client.tts.generate(**line, output_format=RAW).read()
    (turn,) = talk.turns()
    assert pcm == talk.turn_audio(turn.turn_id, "pcm").read()


def test_the_sdk_reads_events(server: Server) -> None:
    with sdk(server) as client:
        told = list(
            client.tts.generate_sse(
                model_id="sonic-3.6",
                transcript=TEXT,
                voice=VOICE,
                output_format=RAW,
                add_timestamps=True,
            )
        )
    words = [word for e in told if e.type == "timestamps" for word in e.word_timestamps.words]
    assert words == TEXT.split()
    assert sum(len(e.audio or b"") for e in told if e.type == "chunk") > 48_000
    assert told[-1].type == "done"


def test_the_sdk_knows_our_errors(server: Server) -> None:
    with sdk(server) as client, pytest.raises(NotFoundError, match="nobody"):
        client.tts.generate(
            model_id="sonic-3.6",
            transcript=TEXT,
            voice={"mode": "id", "id": "nobody"},
            output_format=RAW,
        )


def pipecat(server: Server, talk: Conversation, **more: object) -> CartesiaTTSService:
    return CartesiaTTSService(
        api_key="any",
        url=f"{server.url.replace('http', 'ws')}/tts/websocket",
        extra_headers={"X-Conversation-ID": talk.id},
        settings=CartesiaTTSService.Settings(voice="af_heart"),
        **more,
    )


@pytest.mark.parametrize("mode", list(TextAggregationMode))
async def test_pipecat_speaks_and_remembers_each_word(
    server: Server, talk: Conversation, mode: TextAggregationMode
) -> None:
    service = pipecat(server, talk, text_aggregation_mode=mode)
    async with running(service) as bot:
        await bot.say(TEXT)
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        bot.must_be_well()
        assert bot.words == TEXT.split()
    (turn,) = talk.turns()
    assert turn.text.split() == TEXT.split()
    assert bot.sound == talk.turn_audio(turn.turn_id, "pcm").read()


async def test_pipecat_interrupts_and_the_record_has_what_was_heard(
    server: Server, talk: Conversation
) -> None:
    async with running(pipecat(server, talk)) as bot:
        await bot.say(LONG, ended=False)
        await bot.until(lambda: len(bot.sound) > 24_000)
        await bot.interrupt()
        must_be_heard_up_to_somewhere(await asyncio.to_thread(cut, talk), LONG)
        stops = len(bot.of(TTSStoppedFrame))
        await bot.say("As I was saying.")
        await bot.until(lambda: len(bot.of(TTSStoppedFrame)) > stops)
        bot.must_be_well()
    assert talk.turns()[-1].status == "completed"


async def test_pipecat_speaks_over_http(server: Server) -> None:
    service = CartesiaHttpTTSService(
        api_key="any", base_url=server.url, settings=CartesiaHttpTTSService.Settings(voice="alloy")
    )
    async with running(service, sample_rate=16_000) as bot:
        await bot.say("Good morning.")
        await bot.until(lambda: bot.of(TTSStoppedFrame))
        bot.must_be_well()
        assert 0.4 < len(bot.sound) / 32_000 < 4


async def test_livekit_streams_with_times_and_stops_when_it_is_left(server: Server) -> None:
    async with aiohttp.ClientSession() as http:
        service = livekit_cartesia.TTS(api_key="any", base_url=server.url, http_session=http)
        async with service.stream() as stream:
            for word in TEXT.split(" "):
                stream.push_text(f"{word} ")
            stream.end_input()
            frames = [event.frame async for event in stream]
        timed = [word for f in frames for word in f.userdata.get(USERDATA_TIMED_TRANSCRIPT, ())]
        assert " ".join(timed).split() == TEXT.split()
        must_increase([w.start_time for w in timed], [w.end_time for w in timed])
        heard_s = sum(frame.samples_per_channel for frame in frames) / 24_000
        assert timed[-1].end_time <= heard_s
        async with service.synthesize(TEXT) as stream:
            whole_s = sum([e.frame.samples_per_channel async for e in stream]) / 24_000
        assert whole_s == pytest.approx(heard_s, rel=0.2)
        await service.aclose()


async def test_livekit_that_is_interrupted_leaves_a_turn_that_was_heard_in_part(
    server: Server,
) -> None:
    with Colloquy(server.url) as client:
        before = {talk.conversation_id for talk in client.conversations()}
        async with aiohttp.ClientSession() as http:
            service = livekit_cartesia.TTS(api_key="any", base_url=server.url, http_session=http)
            async with service.stream() as stream:
                stream.push_text(LONG)
                await anext(aiter(stream))
            await service.aclose()
        after = {talk.conversation_id for talk in client.conversations()}
        (new,) = after - before
        turn = await asyncio.to_thread(cut, client.conversation(new))
        must_be_heard_up_to_somewhere(turn, LONG)
