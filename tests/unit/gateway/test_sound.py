"""Sound on its way out: when it is whole, when it is not, and who is told."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from gateway.sound import SoundResponse, first_of, once, text_tokens
from tests.fakes.clock import settle
from tests.fakes.http import Call

PIECE = bytes(4800)  # 100 ms


class Source:
    """Three pieces, with a wait before the last where one is wanted."""

    def __init__(self, *, waits: bool = False, fails: bool = False) -> None:
        self.go_on = asyncio.Event()
        if not waits:
            self.go_on.set()
        self.fails = fails
        self.closed = False
        self.ends: list[tuple[int, bool]] = []

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            yield PIECE
            yield PIECE
            await self.go_on.wait()
            if self.fails:
                raise RuntimeError("broken")
            yield PIECE
        finally:
            self.closed = True

    async def ended(self, delivered_ms: int, whole: bool) -> None:
        self.ends.append((delivered_ms, whole))

    def response(self, name: str = "pcm", *, sse: bool = False) -> SoundResponse:
        return SoundResponse(
            self.pieces(), name, sse=sse, text_tokens=3, headers={"X-A": "b"}, on_end=self.ended
        )


def call(response: SoundResponse) -> Call:
    return Call(response, "GET", "/")


async def test_the_whole_sound_is_told_once_all_of_it_has_left() -> None:
    source = Source()
    caller = call(source.response())
    await caller.done
    assert (caller.whole, caller.body) == (True, PIECE * 3)
    assert caller.headers["x-a"] == "b"
    assert caller.headers["cache-control"] == "no-store"
    assert source.ends == [(300, True)]
    assert source.closed


async def test_pieces_leave_as_they_come() -> None:
    source = Source(waits=True)
    caller = call(source.response())
    await caller.bytes_arrived(len(PIECE) * 2)
    assert caller.body == PIECE * 2
    assert not caller.whole
    source.go_on.set()
    await caller.done
    assert caller.whole


async def test_who_goes_away_closes_the_source_before_it_is_told() -> None:
    source = Source(waits=True)
    caller = call(source.response())
    await caller.bytes_arrived(len(PIECE) * 2)
    await caller.hang_up()
    assert source.closed
    assert source.ends == [(200, False)]
    assert not caller.whole


async def test_what_is_sent_to_nobody_is_not_delivered() -> None:
    """Servers take it without a word, at once, when the caller for whom they waited is gone."""
    source, gone = Source(), asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message.get("body"):
            await gone.wait()

    answering = asyncio.create_task(source.response()({"type": "http"}, receive, send))
    await settle()
    gone.set()
    await answering
    assert source.ends == [(0, False)]


async def test_a_source_that_breaks_is_not_whole() -> None:
    source = Source(fails=True)
    caller = call(source.response())
    with pytest.raises(RuntimeError, match="broken"):
        await caller.done
    assert source.ends == [(200, False)]
    assert not caller.whole


async def test_events_end_with_the_usage() -> None:
    caller = call(Source().response(sse=True))
    await caller.done
    *deltas, done = [json.loads(line[6:]) for line in caller.body.decode().split("\n\n") if line]
    assert b"".join(base64.b64decode(delta["audio"]) for delta in deltas) == PIECE * 3
    assert done["usage"] == {"input_tokens": 3, "output_tokens": 6, "total_tokens": 9}


async def test_large_pieces_are_encoded_beside_the_loop() -> None:
    response = SoundResponse(once(bytes(200_000)), "wav", total_samples=100_000, headers={})
    caller = call(response)
    await caller.done
    assert len(caller.body) == 44 + 200_000


async def test_recorded_sound_comes_in_pieces() -> None:
    pieces = [piece async for piece in once(bytes(10), piece=4)]
    assert [len(piece) for piece in pieces] == [4, 4, 2]


async def test_what_goes_wrong_before_the_first_piece_is_raised_at_once() -> None:
    async def broken() -> AsyncIterator[bytes]:
        raise RuntimeError("at once")
        yield b""

    with pytest.raises(RuntimeError, match="at once"):
        await first_of(broken())


async def test_nothing_is_lost_by_looking_at_the_first_piece() -> None:
    assert [piece async for piece in await first_of(Source().pieces())] == [PIECE] * 3
    assert [piece async for piece in await first_of(once(b""))] == []


def test_a_token_is_four_characters() -> None:
    assert [text_tokens("x" * n) for n in (0, 1, 4, 5)] == [0, 1, 1, 2]
