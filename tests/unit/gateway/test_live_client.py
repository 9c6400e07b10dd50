"""The client's live connection, against a server that does as it is told."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from gateway.client import AsyncColloquy, Colloquy, ColloquyError
from gateway.live_client import AsyncLive

Script = Callable[["Told"], Awaitable[None]]
WORDS = [{"word": "Well,", "start_s": 0.0, "end_s": 0.3}]


class Told:
    """One connection, from the server's side."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    async def hear(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(await self._socket.recv())
        return said

    async def tell(self, kind: str, **particulars: object) -> None:
        await self._socket.send(json.dumps({"type": kind, "turn_id": "t", **particulars}))

    async def play(self, sample: int, pcm: bytes) -> None:
        await self._socket.send(struct.pack("!BBHI", 1, 1, 0, sample) + b"t" + pcm)

    async def gone(self) -> None:
        await self._socket.wait_closed()

    async def complete(self) -> None:
        await self.tell("turn.completed", turn=1, text="", samples=0, duration_s=0.0)


@asynccontextmanager
async def server(*scripts: Script) -> AsyncIterator[str]:
    """Follows a script for each connection, and hangs up at its end."""
    left = list(scripts)

    async def follow(socket: ServerConnection) -> None:
        await left.pop(0)(Told(socket))

    async with serve(follow, "127.0.0.1", 0) as running:
        port = running.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


def live(url: str, away_s: float = 5) -> AsyncLive:
    return AsyncColloquy(url).conversation("c").live(away_s=away_s)


async def test_words_go_out_and_sound_and_times_come_in() -> None:
    said = []

    async def script(told: Told) -> None:
        said.extend([await told.hear() for _ in range(3)])
        await told.tell("turn.begun", turn=1, voice="af_heart")
        await told.tell("turn.words", first=0, words=WORDS)
        await told.play(0, b"\1\0" * 3)
        await told.play(3, b"\2\0")
        await told.complete()

    async with server(script) as url, live(url) as connection:
        turn = await connection.begin("ann", "Well,", turn_id="t", speed=1.5)
        await turn.say(" yes")
        await turn.end()
        assert b"".join([piece async for piece in turn]) == b"\1\0" * 3 + b"\2\0"
        assert [word.word for word in turn.words] == ["Well,"]
        assert turn.begun is not None
        assert turn.begun["voice"] == "af_heart"
    begin = {"type": "turn.begin", "turn_id": "t", "speaker_id": "ann"}
    assert said == [
        {**begin, "speed": 1.5, "text": "Well,"},
        {"type": "turn.text", "turn_id": "t", "text": " yes", "at": 5},
        {"type": "turn.end", "turn_id": "t"},
    ]


async def test_after_a_loss_it_goes_on_where_it_was() -> None:
    resumed = []

    async def breaking(told: Told) -> None:
        await told.hear()
        await told.tell("turn.words", first=0, words=WORDS)
        await told.play(0, b"\1\0" * 4)

    async def going_on(told: Told) -> None:
        resumed.extend([await told.hear(), await told.hear()])
        await told.tell("turn.words", first=0, words=[*WORDS, {**WORDS[0], "word": "yes."}])
        await told.play(2, b"\1\0\1\0\2\0")  # some of it again
        await told.complete()

    async with server(breaking, going_on) as url, live(url) as connection:
        turn = await connection.begin("ann", "Well, yes.", turn_id="t")
        await turn.end()
        assert b"".join([piece async for piece in turn]) == b"\1\0" * 4 + b"\2\0"
        assert [word.word for word in turn.words] == ["Well,", "yes."]
    assert (resumed[0]["sample"], resumed[0]["text"]) == (4, "Well, yes.")
    assert resumed[1]["type"] == "turn.end"


async def test_an_interruption_is_asked_again_after_a_loss() -> None:
    async def breaking(told: Told) -> None:
        await told.hear()
        await told.complete()
        assert (await told.hear())["type"] == "turn.interrupt"

    async def answering(told: Told) -> None:
        asked = await told.hear()
        assert (asked["type"], asked["audio_played_ms"]) == ("turn.interrupt", 120)
        heard = {"heard_text": "Well,", "unheard_text": "yes.", "audio_played_ms": 120}
        await told.tell("turn.interrupted", turn=1, cut_word="yes.", **heard)
        await told.gone()

    async with server(breaking, answering) as url, live(url) as connection:
        turn = await connection.begin("ann", "Well, yes.", turn_id="t")
        assert (await turn.outcome())["type"] == "turn.completed"
        cut = await turn.interrupt(120, "bob")
        assert (cut.heard_text, cut.unheard_text) == ("Well,", "yes.")
        assert await turn.interrupt(999) == cut


async def test_a_turn_that_failed_says_why() -> None:
    async def script(told: Told) -> None:
        await told.hear()
        error = {"message": "Busy.", "type": "rate_limit_error", "param": None, "code": "busy"}
        await told.tell("turn.failed", error=error)
        await told.gone()

    async with server(script) as url, live(url) as connection:
        turn = await connection.speak("ann", "Well, yes.", turn_id="t")
        with pytest.raises(ColloquyError, match=r"Busy\."):
            [piece async for piece in turn]


async def test_a_server_that_stays_away_fails_its_turns() -> None:
    async def breaking(told: Told) -> None:
        await told.hear()

    async with server(breaking) as url:
        connection = await live(url, away_s=0).__aenter__()
        turn = await connection.begin("ann", "Well, yes.", turn_id="t")
    with pytest.raises(ColloquyError, match="is the server running there"):
        await turn.outcome()
    with pytest.raises(ColloquyError, match="is the server running there"):
        await connection.begin("ann")
    await connection.close()


async def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises(ColloquyError, match="is the server running there"):
        async with live("http://127.0.0.1:9"):
            pass


async def test_programs_that_wait_hear_the_same() -> None:
    async def script(told: Told) -> None:
        await told.hear()
        await told.hear()
        await told.play(0, b"\1\0")
        await told.complete()

    def wait(url: str) -> bytes:
        with Colloquy(url) as client, client.conversation("c").live() as connection:
            turn = connection.speak("ann", "Well, yes.", turn_id="t")
            assert turn.turn_id == "t"
            return b"".join(turn)

    async with server(script) as url:
        assert await asyncio.to_thread(wait, url) == b"\1\0"
