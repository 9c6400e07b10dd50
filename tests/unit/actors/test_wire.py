"""Calls between processes, over real sockets of this machine."""

import asyncio
import hmac
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from actors.cluster.exchange import MOST_AT_ONCE, Exchange, methods_of
from actors.cluster.line import Line
from actors.cluster.streams import MOST_AHEAD
from actors.cluster.wire import Endpoint
from actors.directory import ProcessDied
from actors.refusals import Busy, Refused, UnknownTurn
from tests.fakes.clock import settle

HERE = "127.0.0.1"


class Desk:
    """Whoever is called."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.free = asyncio.Event()
        self.enough = asyncio.Event()
        self.expected = 1
        self.at_once = self.most_at_once = 0

    async def echo(self, value: object, *, twice: bool = False) -> object:
        return [value, value] if twice else value

    def note(self, value: object) -> None:
        self.told.append(value)

    async def refuse(self) -> None:
        raise UnknownTurn("t1")

    async def wait(self) -> str:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.at_once == self.expected:
            self.enough.set()
        await self.free.wait()
        self.at_once -= 1
        return "freed"

    async def unsendable(self) -> object:
        return lambda: None

    async def secret(self) -> str:
        return "not among the methods"

    async def count(self, end: int) -> AsyncIterator[int]:
        """Counts, as far as it is asked to, until it is closed."""
        try:
            for number in range(end):
                self.told.append(number)
                yield number
        finally:
            self.told.append("closed")
            self.free.set()

    async def stumble(self) -> AsyncIterator[object]:
        yield 1
        raise UnknownTurn("t1")

    async def dawdle(self) -> AsyncIterator[object]:
        await self.free.wait()
        yield 1

    async def unsendable_in_the_end(self) -> AsyncIterator[object]:
        yield 1
        yield lambda: None


METHODS = (
    *("echo", "note", "refuse", "wait", "unsendable"),
    *("count", "stumble", "dawdle", "unsendable_in_the_end"),
)


@asynccontextmanager
async def called() -> AsyncIterator[tuple[Desk, Line, Exchange]]:
    desk = Desk()
    exchange = Exchange(methods_of(desk, METHODS), HERE)
    line = Line(exchange.endpoint)
    try:
        yield desk, line, exchange
    finally:
        line.close()
        await exchange.close()
        await asyncio.sleep(0)  # the loop closes what was hung up


def at(endpoint: Endpoint) -> Callable[[], Awaitable[Endpoint]]:
    async def find() -> Endpoint:
        return endpoint

    return find


async def test_a_call_is_answered() -> None:
    async with called() as (_, line, _exchange):
        assert await line.call("echo", {"a": 1}) == {"a": 1}
        assert await line.call("echo", 2, twice=True) == [2, 2]


async def test_many_calls_share_a_connection_and_each_gets_its_own_answer() -> None:
    async with called() as (_, line, _exchange):
        numbers = range(500)
        answers = await asyncio.gather(*(line.call("echo", number) for number in numbers))
        assert answers == list(numbers)


async def test_a_large_message_arrives_whole() -> None:
    async with called() as (_, line, _exchange):
        sound = bytes(range(256)) * 20_000
        assert await line.call("echo", sound) == sound


async def test_what_a_method_raises_is_raised_at_the_caller() -> None:
    async with called() as (_, line, _exchange):
        with pytest.raises(Refused) as refused:
            await line.call("refuse")
        assert isinstance(refused.value, UnknownTurn)


async def test_only_methods_that_were_named_can_be_called() -> None:
    async with called() as (_, line, _exchange):
        with pytest.raises(KeyError):
            await line.call("secret")


async def test_an_answer_that_cannot_be_sent_is_an_error_of_its_caller_alone() -> None:
    async with called() as (_, line, _exchange):
        with pytest.raises(RuntimeError, match="cannot be sent"):
            await line.call("unsendable")
        assert await line.call("echo", 1) == 1


async def test_who_takes_too_long_counts_as_dead_and_others_are_answered() -> None:
    async with called() as (_, line, _exchange):
        with pytest.raises(ProcessDied):
            await line.call("wait", within_s=0.01)
        assert await line.call("echo", 1) == 1


async def test_calls_that_wait_hear_that_the_process_died() -> None:
    async with called() as (desk, line, _exchange):
        waiting = asyncio.ensure_future(line.call("wait"))
        await desk.enough.wait()
        line.close()
        with pytest.raises(ProcessDied):
            await waiting


async def test_a_lost_connection_is_made_again_where_the_process_is_then() -> None:
    async with called() as (_, _first, exchange), called() as (_, _second, other):
        where = [await other.endpoint(), await exchange.endpoint()]

        async def find() -> Endpoint:
            return where.pop()

        line = Line(find)
        assert await line.call("echo", 1) == 1
        line.close()
        assert await line.call("echo", 2) == 2
        assert not where


async def test_nobody_at_the_endpoint_is_a_dead_process() -> None:
    async with called() as (_, _line, exchange):
        endpoint = await exchange.endpoint()
    with pytest.raises(ProcessDied):
        await Line(at(endpoint)).call("echo", 1)


async def test_who_does_not_know_the_key_is_not_listened_to() -> None:
    async with called() as (desk, _, exchange):
        stranger = Line(at(replace(await exchange.endpoint(), key=b"guessed" * 5)))
        with pytest.raises(ProcessDied):
            await stranger.call("note", "should never be told")
        assert desk.told == []


async def test_nothing_is_unpickled_before_the_proof() -> None:
    async with called() as (desk, _, exchange):
        endpoint = await exchange.endpoint()
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        await reader.readexactly(4 + 32)
        message = pickle.dumps((0, "note", ("early",), {}))
        writer.write(len(message).to_bytes(4, "big") + message)
        assert await reader.read() == b""
        assert desk.told == []
        writer.close()


async def test_an_old_proof_is_worth_nothing() -> None:
    async with called() as (_desk, _, exchange):
        endpoint = await exchange.endpoint()
        reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
        earlier = (await reader.readexactly(4 + 32))[4:]
        again, other = await asyncio.open_connection(endpoint.host, endpoint.port)
        await again.readexactly(4 + 32)
        proof = hmac.digest(endpoint.key, earlier, "sha256")
        other.write(len(proof).to_bytes(4, "big") + proof)
        assert await again.read() == b""
        for each in (writer, other):
            each.close()
            await each.wait_closed()


async def test_the_key_is_not_shown() -> None:
    async with called() as (_, _line, exchange):
        endpoint = await exchange.endpoint()
        assert repr(endpoint.key) not in repr(endpoint)


async def test_telling_does_not_wait() -> None:
    async with called() as (desk, line, _exchange):
        line.tell("note", "nobody is connected yet")
        await line.call("echo", 1)
        line.tell("note", 1)
        line.tell("refuse")
        await line.call("echo", 1)
        assert desk.told == [1]


async def test_a_failure_that_nobody_waits_for_is_logged_without_what_it_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with called() as (_, line, _exchange):
        await line.call("echo", 1)
        line.tell("note", 1, "one too many")
        await line.call("echo", 1)
    (entry,) = caplog.records
    assert entry.getMessage() == "note, for whose answer nobody waits, failed: TypeError"


async def test_so_many_are_answered_at_once_and_the_others_after_them() -> None:
    async with called() as (desk, line, _exchange):
        desk.expected = MOST_AT_ONCE
        calls = [asyncio.ensure_future(line.call("wait")) for _ in range(MOST_AT_ONCE + 200)]
        await desk.enough.wait()
        desk.free.set()
        assert await asyncio.gather(*calls) == ["freed"] * len(calls)
        assert desk.most_at_once == MOST_AT_ONCE


async def test_a_caller_who_gave_up_disturbs_nobody() -> None:
    async with called() as (desk, line, _exchange):
        given_up = asyncio.ensure_future(line.call("wait"))
        await desk.enough.wait()
        given_up.cancel()
        desk.free.set()
        assert await line.call("echo", 1) == 1


async def test_a_stream_gives_all_items_in_order() -> None:
    async with called() as (_, line, _exchange):
        assert [number async for number in line.stream("count", 100)] == list(range(100))


async def test_streams_and_calls_share_a_connection() -> None:
    async def counted(line: Line, end: int) -> list[int]:
        return [number async for number in line.stream("count", end)]

    async with called() as (_, line, _exchange):
        ends = range(0, 200, 20)
        counts = asyncio.gather(*(counted(line, end) for end in ends))
        assert await line.call("echo", 1) == 1
        assert await counts == [list(range(end)) for end in ends]


async def test_no_more_is_made_than_can_be_on_the_way() -> None:
    async with (
        called() as (desk, line, _exchange),
        aclosing(line.stream("count", 1000)) as numbers,
    ):
        assert await anext(numbers) == 0
        await settle()
        assert len(desk.told) <= 2 * MOST_AHEAD
        taken = [await anext(numbers) for _ in range(10 * MOST_AHEAD)]
        assert taken == list(range(1, 10 * MOST_AHEAD + 1))
        await settle()
        assert len(desk.told) <= 12 * MOST_AHEAD


async def test_who_takes_no_more_closes_what_makes_it() -> None:
    async with called() as (desk, line, _exchange):
        async with aclosing(line.stream("count", 1000)) as numbers:
            await anext(numbers)
        await desk.free.wait()
        assert desk.told[-1] == "closed"
        assert await line.call("echo", 1) == 1


async def test_a_caller_who_dies_closes_what_was_made_for_them() -> None:
    async with called() as (desk, line, _exchange):
        numbers = line.stream("count", 1000)
        await anext(numbers)
        line.close()
        await desk.free.wait()
        assert desk.told[-1] == "closed"
        await numbers.aclose()


async def test_a_stream_that_fails_raises_after_what_came_before() -> None:
    async with called() as (_, line, _exchange):
        for method, failure in (("stumble", UnknownTurn), ("unsendable_in_the_end", RuntimeError)):
            items = line.stream(method)
            assert await anext(items) == 1
            with pytest.raises(failure):
                await anext(items)
        assert await line.call("echo", 1) == 1


async def test_a_stream_that_was_asked_for_wrongly_fails() -> None:
    async with called() as (_, line, _exchange):
        with pytest.raises(TypeError):
            await anext(line.stream("count"))


async def test_a_stream_hears_that_the_process_died() -> None:
    async with called() as (_, line, exchange):
        numbers = line.stream("count", 1000)
        assert await anext(numbers) == 0
        await exchange.close()
        with pytest.raises(ProcessDied):
            assert [number async for number in numbers]


async def test_a_stream_on_which_nothing_comes_counts_as_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.cluster.line.ITEM_WITHIN_S", 0.01)
    async with called() as (_, line, _exchange):
        with pytest.raises(ProcessDied):
            await anext(line.stream("dawdle"))


async def test_too_many_streams_are_refused_and_calls_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actors.cluster.exchange.MOST_STREAMS", 2)
    async with called() as (_, line, _exchange):
        streams = [line.stream("count", 1000) for _ in range(3)]
        for stream in streams[:2]:
            await anext(stream)
        with pytest.raises(Busy):
            await anext(streams[2])
        assert await line.call("echo", 1) == 1
        for stream in streams:
            await stream.aclose()
