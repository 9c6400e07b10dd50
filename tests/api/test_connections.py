"""What comes over a socket: bounded, whatever the other side does or leaves undone."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from gateway import connections, context
from gateway.connections import MOST_HEAD_BYTES, bound_connections
from gateway.sound import SoundResponse, once
from tests.api.door import MAX_BODY, Door
from tests.api.lines import AT_LAST_S, Line, listening, until_closed

SOON_S = 0.2
"""What the test sets limits to that are seconds in earnest."""


@pytest.fixture
async def line(door: Door, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    for module, limit in (
        (connections, "HEAD_WITHIN_S"),
        (connections, "REST_WITHIN_S"),
        (context, "BODY_WITHIN_S"),
    ):
        monkeypatch.setattr(module, limit, SOON_S)
    async with listening(door.app) as line:
        yield line


def post(path: str, content: bytes, *headers: str) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: t", "Content-Type: application/json", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


SPEAK = "/v1/conversation/c/speak"


async def test_a_thousand_who_say_nothing_are_sent_away(line: Line) -> None:
    silent = [await line.call() for _ in range(1000)]
    reader, writer = await line.call(b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n")
    assert b"200 OK" in await reader.readline()
    assert await asyncio.gather(*(until_closed(reader) for reader, _ in silent)) == [b""] * 1000
    for _, other in (*silent, (reader, writer)):
        other.close()


async def test_headers_that_do_not_end_are_refused(line: Line) -> None:
    status, error = await line.answer(b"GET /health HTTP/1.1\r\nHost: t\r\n")
    assert (status, error["code"]) == (408, "request_timeout")


async def test_headers_that_drip_are_refused_all_the_same(line: Line) -> None:
    reader, writer = await line.call(b"GET /health HTTP/1.1\r\nX-A: ")
    said = asyncio.create_task(until_closed(reader))
    while not said.done():
        writer.write(b"a")
        await asyncio.wait([said], timeout=SOON_S / 10)
    # Nothing is left of the answer for who wrote another drop after it.
    assert (await said)[:13] in (b"HTTP/1.1 408 ", b"")
    writer.close()


async def test_a_second_request_has_its_own_time(line: Line) -> None:
    request = b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n"
    reader, writer = await line.call(request)
    assert b'{"status":"healthy"}' in await reader.readuntil(b"}")
    writer.write(request[:20])
    assert (await until_closed(reader)).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_headers_too_long_are_refused(line: Line) -> None:
    status, error = await line.answer(b"GET /health HTTP/1.1\r\nX-A: " + b"a" * MOST_HEAD_BYTES)
    assert (status, error["code"]) == (431, "headers_too_large")


async def test_headers_without_end_are_not_read_to_their_end(line: Line) -> None:
    _, writer = await line.call(b"GET /health HTTP/1.1\r\nX-A: ")
    sent = 0
    with suppress(ConnectionError):
        while sent < 100_000_000:
            writer.write(b"a" * 65_536)
            sent += 65_536
            await writer.drain()
    assert sent < 20_000_000, "the connection was closed"
    writer.close()


async def test_what_is_not_http_is_refused_in_the_one_shape(line: Line) -> None:
    status, error = await line.answer(b"\x16\x03\x01 is this TLS?\r\n\r\n")
    assert (status, error["code"], error["type"]) == (
        *(400, "invalid_http", "invalid_request_error"),
    )


async def test_a_refusal_does_not_become_a_part_of_another_answer() -> None:
    gone = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"ab"
        await gone.wait()

    async def ended(_: int, whole: bool) -> None:
        assert not whole
        gone.set()

    app = SoundResponse(endless(), "pcm", headers={}, on_end=ended)
    async with listening(app) as line:
        reader, writer = await line.call(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        await reader.readuntil(b"ab\r\n")
        writer.write(b"\x00\x01 what is this\r\n\r\n")
        assert await until_closed(reader) == b""
        await gone.wait()
        writer.close()


async def test_a_body_that_does_not_come_is_refused(line: Line, door: Door) -> None:
    status, error = await line.answer(post(SPEAK, b'{"te', "Content-Length: 100"))
    assert (status, error["code"]) == (408, "request_timeout")
    assert "nothing was recorded" in error["message"]
    assert len(door.events()) == 4


async def test_a_body_in_chunks_is_bounded_too(line: Line) -> None:
    reader, writer = await line.call(post(SPEAK, b"", "Transfer-Encoding: chunked"))
    for _ in range(MAX_BODY // 1000 + 1):
        writer.write(b"3e8\r\n" + b" " * 1000 + b"\r\n")
    said = await until_closed(reader)  # although the body does not end
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b'"request_too_large"' in said
    writer.close()


async def test_who_sends_all_of_a_body_too_large_may_ask_again(line: Line) -> None:
    content = b" " * (MAX_BODY * 2)
    reader, writer = await line.call(post(SPEAK, content, f"Content-Length: {len(content)}"))
    assert b" 413 " in await reader.readline()
    writer.write(b"GET /health HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
    assert b'{"status":"healthy"}' in await until_closed(reader)
    writer.close()


def test_the_kernel_is_told_to_look_for_who_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bound_connections(listener)
        caller = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
        with caller, accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            waits_ms = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert waits_ms == connections.GONE_AFTER_S * 1000


async def test_who_does_not_read_fills_no_memory_and_is_gone_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "GONE_AFTER_S", 1)
    given, ends = 0, asyncio.Queue[tuple[int, bool]]()

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield bytes(48_000)

    async def ended(delivered_ms: int, whole: bool) -> None:
        ends.put_nowait((delivered_ms, whole))

    app = SoundResponse(endless(), "pcm", headers={}, on_end=ended)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        async with listening(app) as line, asyncio.timeout(AT_LAST_S):
            await asyncio.get_running_loop().run_in_executor(None, deaf.connect, line.address)
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            delivered_ms, whole = await ends.get()
    assert not whole
    assert delivered_ms <= given * 1000 < 20_000, "seconds of sound, of an endless one"


async def test_who_hangs_up_has_not_heard_what_could_not_be_sent() -> None:
    ends = asyncio.Queue[tuple[int, bool]]()

    async def ended(delivered_ms: int, whole: bool) -> None:
        ends.put_nowait((delivered_ms, whole))

    ready = once(bytes(48_000 * 200), piece=4800)  # all of it is there, nothing waits but `send`
    app = SoundResponse(ready, "pcm", headers={}, on_end=ended)
    async with listening(app) as line, asyncio.timeout(AT_LAST_S):
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await asyncio.get_running_loop().run_in_executor(None, deaf.connect, line.address)
            deaf.sendall(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
            await asyncio.get_running_loop().run_in_executor(None, deaf.recv, 1)
        delivered_ms, whole = await ends.get()
    assert not whole
    assert delivered_ms < 20_000
