"""The record as a stream of server-sent events: what an `EventSource` would see."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from actors.journal import JournalUnreachable
from gateway import connections
from gateway.routes import feed
from tests.api.door import Door, refused
from tests.api.lines import AT_LAST_S, Line, listening, until_closed
from tests.fakes.http import Call

OF_C = "/v1/conversation/c/events"
OF_ALL = "/v1/events"


class Listener:
    """An `EventSource`: takes a stream apart as the standard says."""

    def __init__(self, door: Door, path: str = OF_C, **headers: str) -> None:
        given = {
            "Accept": "text/event-stream",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        self.call = Call(door.app, "GET", path, body=b"", headers=given)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Those that have arrived whole: `id`, `event` and `data`."""
        blocks = self.call.body.decode().split("\n\n")[:-1]
        found = [dict(_fields(block)) for block in blocks]
        return [block | {"data": json.loads(block["data"])} for block in found if "data" in block]

    async def heard(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(AT_LAST_S):
            while len(self.events) < count and not self.call.done.done():
                await self.call.bytes_arrived(len(self.call.body) + 1)
        return self.events

    async def answered(self) -> int:
        await self.call.bytes_arrived()
        return self.call.status


def _fields(block: str) -> list[tuple[str, str]]:
    lines = [line.partition(": ") for line in block.split("\n") if not line.startswith(":")]
    return [(name, value) for name, _, value in lines]


def ids(events: list[dict[str, Any]]) -> list[int]:
    return [int(event["id"]) for event in events]


async def test_a_conversation_is_told_from_its_beginning_and_then_as_it_goes_on(
    door: Door,
) -> None:
    listener = Listener(door)
    assert ids(await listener.heard(4)) == [1, 2, 3, 4]
    await door.listen()
    await door.speak()
    told = await listener.heard(7)
    page = (await door.get(OF_C)).json()["data"]
    assert [event["data"] for event in told] == page, "the same JSON as a page has"
    assert ids(told) == [event["version"] for event in page]
    assert [event["event"] for event in told] == [event["type"] for event in page]
    await listener.call.hang_up()


async def test_the_answer_is_a_stream_that_nobody_keeps(door: Door) -> None:
    listener = Listener(door)
    assert await listener.answered() == 200
    headers = listener.call.headers
    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    assert headers["x-request-id"]
    assert listener.call.body.startswith(b"id: 0\nretry: 500\n\n"), "a place, and no event yet"
    await listener.call.hang_up()


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        (OF_C, {"Last_Event_ID": "2"}, [3, 4, 5]),
        (f"{OF_C}?after=3", {}, [4, 5]),
        (f"{OF_C}?after=1", {"Last_Event_ID": "3"}, [4, 5]),
        (OF_ALL, {"Last_Event_ID": "4"}, [5]),
        (f"{OF_ALL}?after=0", {}, [1, 2, 3, 4, 5]),
        (OF_ALL, {}, [5]),
    ],
)
async def test_a_stream_begins_after_what_was_seen(
    door: Door, path: str, headers: dict[str, str], expected: list[int]
) -> None:
    listener = Listener(door, path, **headers)
    await listener.answered()
    await door.listen()
    assert ids(await listener.heard(len(expected))) == expected
    await listener.call.hang_up()


async def test_all_conversations_are_told_in_one_stream_by_position(door: Door) -> None:
    listener = Listener(door, f"{OF_ALL}?after=0")
    await door.post("/v1/conversation/start", {"participants": ["eve"], "conversation_id": "d"})
    await door.listen()
    told = await listener.heard(8)
    assert ids(told) == list(range(1, 9)) == [event["data"]["position"] for event in told]
    assert {event["data"]["conversation_id"] for event in told} == {"c", "d"}
    page = (await door.get(OF_ALL, after=2, limit=3)).json()
    assert [event["position"] for event in page["data"]] == [3, 4, 5]
    assert page["has_more"]
    await listener.call.hang_up()


async def test_a_stream_ends_with_its_conversation_and_is_not_asked_for_again(door: Door) -> None:
    listener, everything = Listener(door), Listener(door, OF_ALL)
    await everything.answered()
    await listener.heard(4)
    await door.post("/v1/conversation/c/end")
    await listener.call.done
    assert listener.call.whole
    assert listener.events[-1]["event"] == "ended"
    assert ids(await everything.heard(1)) == [5]
    assert not everything.call.done.done()
    await everything.call.hang_up()
    # An EventSource asks again after every end, unless it is answered 204.
    for path, headers in ((OF_C, {"Last_Event_ID": "5"}), (f"{OF_C}?after=5", {})):
        again = Listener(door, path, **headers)
        await again.call.done
        assert (again.call.status, again.call.body) == (204, b"")
    late = Listener(door)
    await late.call.done
    assert ids(late.events) == [1, 2, 3, 4, 5]


async def test_silence_is_filled_with_heartbeats(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.001)
    listener = Listener(door)
    async with asyncio.timeout(AT_LAST_S):
        while b"\n\n:\n\n:\n\n" not in listener.call.body:
            await listener.call.bytes_arrived(len(listener.call.body) + 1)
    await door.listen()
    assert ids(await listener.heard(5)) == [1, 2, 3, 4, 5]
    await listener.call.hang_up()


async def test_what_breaks_lines_for_some_clients_is_escaped(door: Door) -> None:
    listener = Listener(door, f"{OF_C}?after=4")
    text = "one\u2028two\u2029three\x85four\nfive\r\nsix"
    await door.listen(text=text.replace("\x85", ""))
    await listener.heard(1)
    body = listener.call.body.decode()
    assert body.splitlines() == body.split("\n")[:-1]
    assert listener.events[0]["data"]["data"]["text"] == text.replace("\x85", "")
    await listener.call.hang_up()


async def test_an_unknown_conversation_is_refused_before_a_stream_begins(door: Door) -> None:
    answer = await door.client.get(
        "/v1/conversation/nobody/events", headers={"Accept": "text/event-stream"}
    )
    refused(answer, 404, "conversation_not_found", "conversation_id")


@pytest.mark.parametrize("malformed", ["x", "-1", "1.5", "", "9" * 30, "1;2"])
@pytest.mark.parametrize("path", [OF_C, OF_ALL])
async def test_a_malformed_last_event_id_is_named(door: Door, path: str, malformed: str) -> None:
    headers = {"Accept": "text/event-stream", "Last-Event-ID": malformed}
    answer = await door.client.get(path, headers=headers)
    refused(answer, 422, "invalid_value", "Last-Event-ID")


async def test_who_has_seen_what_was_never_told_is_refused(door: Door) -> None:
    """Waiting until the numbers had grown so far would leave out all the events between."""
    accept = {"Accept": "text/event-stream"}
    seen = {**accept, "Last-Event-ID": "5"}
    answer = await door.client.get(OF_C, headers=seen)
    refused(answer, 404, "version_not_found", "Last-Event-ID")
    answer = await door.client.get(f"{OF_C}?after=5", headers=accept)
    refused(answer, 404, "version_not_found", "after")
    answer = await door.client.get(OF_ALL, headers=seen)
    refused(answer, 404, "position_not_found", "Last-Event-ID")


async def test_head_is_answered_without_a_body(door: Door) -> None:
    for path in (OF_C, OF_ALL):
        answer = await door.client.head(path, headers={"Accept": "text/event-stream"})
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"].startswith("text/event-stream")


async def test_a_scribe_that_is_away_is_503_before_and_a_pause_within_a_stream(door: Door) -> None:
    listener = Listener(door)
    await listener.heard(4)
    journal = door.system.journal
    there, is_away = journal.news, True

    async def news(after: int, **limits: Any) -> Any:
        if is_away:
            raise JournalUnreachable("away")
        return await there(after, **limits)

    async def head(_: str) -> Any:
        raise JournalUnreachable("away")

    journal.news, journal.head = news, head  # type: ignore[method-assign]
    await door.listen()
    answer = await door.client.get(OF_C, headers={"Accept": "text/event-stream"})
    refused(answer, 503, "unavailable", None)
    is_away = False
    await door.listen(turn_id="h2", text="Are you there?")
    assert ids(await listener.heard(6)) == [1, 2, 3, 4, 5, 6]
    await listener.call.hang_up()


@asynccontextmanager
async def served(door: Door) -> AsyncIterator[tuple[Line, uvicorn.Server]]:
    async with listening(door.app, door.app.state.feed.close) as line:
        yield line, line.server


def asking(path: str, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: t\r\nAccept: text/event-stream\r\n\r\n".encode()


async def test_the_end_of_the_server_ends_all_streams_at_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LEAVE_WITHIN_S", AT_LAST_S * 10)
    async with served(door) as (line, server), asyncio.timeout(AT_LAST_S):
        talks = [await line.call(asking(path)) for path in (OF_C, OF_ALL) * 10]
        for reader, _ in talks:
            await reader.readuntil(b"retry: 500\n\n")
        server.should_exit = True
        for reader, writer in talks:
            assert (await until_closed(reader)).endswith(b"0\r\n\r\n"), "whole, not broken off"
            writer.close()


async def test_head_over_a_socket_leaves_the_connection_open(door: Door) -> None:
    async with served(door) as (line, _), asyncio.timeout(AT_LAST_S):
        reader, writer = await line.call(asking(OF_C, "HEAD"))
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n")
        assert b'{"status":"healthy"}' in await reader.readuntil(b"}")
        writer.close()


async def test_who_does_not_read_is_bounded_and_sent_away(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "GONE_AFTER_S", 1)
    connected: set[Any] = set()
    told = 0
    framed = feed._framed

    def counted(*arguments: Any) -> bytes:
        nonlocal told
        told += bool(connected)  # what is sent to who is gone, uvicorn takes without a word
        return framed(*arguments)

    monkeypatch.setattr(feed, "_framed", counted)
    for number in range(600):
        await door.listen(turn_id=f"h{number}", text=f"{number} " + "a word " * 60)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        async with served(door) as (line, server), asyncio.timeout(AT_LAST_S):
            connected = server.server_state.connections
            await asyncio.get_running_loop().run_in_executor(None, deaf.connect, line.address)
            deaf.sendall(asking(OF_C))
            while not server.server_state.tasks:  # noqa: ASYNC110  (uvicorn has no event for it)
                await asyncio.sleep(0)
            await asyncio.wait(set(server.server_state.tasks))
    assert 50 <= told < 600
