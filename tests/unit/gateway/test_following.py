"""A client that follows events: over whatever the connections do, each once and in order."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.client import AsyncColloquy, Colloquy, ColloquyError, Event, Patience
from tests.unit.gateway.test_client import BASE, event

WHOLE = 10**9


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends after so many bytes: broken off, or in good order."""

    def __init__(self, body: bytes, length: int, broken: bool) -> None:
        self._pieces = [body[:length][start : start + 7] for start in range(0, length, 7)]
        self._broken = broken

    def __iter__(self) -> Iterator[bytes]:
        yield from filter(None, self._pieces)
        if self._broken:
            raise httpx.ReadError("reset by peer")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Server:
    """Tells of 12 events, and that is all; each connection ends after so many bytes of it."""

    last = 12

    def __init__(self, *lengths: int, broken: bool = True, begins_at: int = 0) -> None:
        self._lengths = list(lengths)
        self._broken = broken
        self._begins_at = begins_at
        self.seen: list[str | None] = []
        self.paths: set[str] = set()
        self.faults: list[Callable[[httpx.Request], httpx.Response]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Accept"] == "text/event-stream"
        self.paths.add(request.url.path)
        self.seen.append(request.headers.get("Last-Event-ID"))
        if self.faults:
            return self.faults.pop(0)(request)
        seen = self._begins_at if self.seen[-1] is None else int(self.seen[-1])
        if seen == self.last:
            return httpx.Response(204)
        length = self._lengths.pop(0) if self._lengths else WHOLE
        body = told(seen, self.last)
        headers = {"Content-Type": "text/event-stream; charset=utf-8"}
        broken = self._broken and length < len(body)
        stream = Cut(body, min(length, len(body)), broken)
        return httpx.Response(200, headers=headers, stream=stream)


def told(seen: int, last: int) -> bytes:
    blocks = [f"id: {seen}\nretry: 500\n\n"]
    for version in range(seen + 1, last + 1):
        data = Event.model_validate(event("c", version)).model_dump_json()
        blocks.append(f":\n\nevent: turn_begun\ndata: {data}\nid: {version}\n\n")
    return "".join(blocks).encode()


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def busy(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503, json={}, headers={"Retry-After": "3"})


class Follower:
    """Either client."""

    def __init__(self, server: Server, *, waits: bool, retries: int = 0) -> None:
        self.slept: list[float] = []
        transport = httpx.MockTransport(server)
        options: dict[str, Any] = {"patience": Patience(retries), "transport": transport}
        if waits:
            self.client: Any = Colloquy(BASE, sleep=self.slept.append, **options)
        else:
            self.client = AsyncColloquy(BASE, sleep=self._sleep, **options)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def versions(self, after: int = 0, **options: Any) -> list[int]:
        """Of the events of conversation `c`, up to its end."""
        events = self.client.conversation("c").follow_events(after, **options)
        return [e.version for e in await self._all(events)]

    async def first(self, count: int, after: int | None = None) -> list[int]:
        """Of the events of all conversations."""
        events = self.client.follow_events(after)
        return [e.version for e in await self._all(events, count)]

    async def _all(self, events: Any, count: int = WHOLE) -> list[Event]:
        found: list[Event] = []
        if inspect.isasyncgen(events):
            async for one in events:
                found.append(one)
                if len(found) == count:
                    await events.aclose()
        else:
            for one in events:
                found.append(one)
                if len(found) == count:
                    break
        return found


@pytest.fixture(params=[True, False], ids=["sync", "async"])
def waits(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def test_a_conversation_is_followed_to_its_end(waits: bool) -> None:
    server = Server()
    assert await Follower(server, waits=waits).versions() == list(range(1, 13))
    assert server.seen == ["0", "12"], "asked once more, and told that nothing will follow"
    assert server.paths == {"/v1/conversation/c/events"}


async def test_a_place_to_begin_can_be_given(waits: bool) -> None:
    assert await Follower(Server(), waits=waits).versions(after=10) == [11, 12]


@given(st.lists(st.integers(0, 3000), max_size=8), st.booleans(), st.booleans())
def test_wherever_connections_end_each_event_is_given_once(
    lengths: list[int], broken: bool, waits: bool
) -> None:
    server = Server(*lengths, broken=broken)
    follower = Follower(server, waits=waits)
    assert asyncio.run(follower.versions()) == list(range(1, 13))


async def test_who_begins_now_is_told_where_that_is(waits: bool) -> None:
    """Cut off before the first event, they go on from there, and not from a later now."""
    server = Server(len(told(5, 5)), begins_at=5)
    assert await Follower(server, waits=waits).first(7) == list(range(6, 13))
    assert server.seen == [None, "5"]
    assert server.paths == {"/v1/events"}


async def test_a_server_that_is_away_is_waited_for(waits: bool) -> None:
    server = Server()
    follower = Follower(server, waits=waits)
    server.faults = [Server(600), away, busy, away]
    assert await follower.versions() == list(range(1, 13))
    assert follower.slept[:4] == [0.2, 0.4, 3.0, 1.6]


async def test_a_server_that_stays_away_is_given_up(waits: bool) -> None:
    server = Server()
    server.faults = [Server(600), *[away] * 100]
    follower = Follower(server, waits=waits)
    with pytest.raises(ColloquyError, match="is the server running"):
        await follower.versions(away_s=10)
    assert 5 < sum(follower.slept) <= 10


async def test_a_server_that_was_never_there_is_an_error_at_once(waits: bool) -> None:
    server = Server()
    server.faults = [away] * 9
    follower = Follower(server, waits=waits)
    with pytest.raises(ColloquyError):
        await follower.versions()
    assert not follower.slept


async def test_a_refusal_is_an_error_at_once(waits: bool) -> None:
    server = Server()
    server.faults = [lambda _: httpx.Response(404, json={"error": {"message": "Who?"}})]
    with pytest.raises(ColloquyError, match=r"Who\?"):
        await Follower(server, waits=waits).versions()


async def test_a_server_without_streams_is_an_error(waits: bool) -> None:
    server = Server()
    server.faults = [lambda _: httpx.Response(200, json={"data": []})] * 2
    with pytest.raises(ColloquyError, match="earlier release"):
        await Follower(server, waits=waits).versions()
