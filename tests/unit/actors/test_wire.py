"""Calls between processes, over real sockets of this machine."""

import asyncio
import hmac
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from actors.cluster.exchange import MOST_AT_ONCE, Exchange, methods_of
from actors.cluster.line import Line
from actors.cluster.wire import Endpoint
from actors.directory import ProcessDied
from actors.refusals import Refused, UnknownTurn

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


METHODS = ("echo", "note", "refuse", "wait", "unsendable")


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
