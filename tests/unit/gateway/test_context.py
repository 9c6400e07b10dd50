"""What every request carries, whatever the app behind it does."""

import asyncio
import json
import logging

import pytest
from starlette.types import Message, Receive, Scope, Send

from gateway.context import BODY_WITHIN_S, SLOWEST_BYTES_PER_S, HeadAsGet, RequestContext
from gateway.errors import TooSlow
from tests.fakes import ids
from tests.fakes.clock import VirtualLoop, settle
from tests.fakes.http import Call


async def well(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["state"]["request_id"].encode()})


async def breaks(_: Scope, __: Receive, ___: Send) -> None:
    try:
        dict[str, str]()["the first word"]
    except KeyError as error:
        raise RuntimeError("the second word") from error


async def breaks_off(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("a word")


def call(app: object, **more: object) -> Call:
    middleware = RequestContext(app, new_id=ids("made"), max_body_bytes=100)  # type: ignore[arg-type]
    return Call(middleware, "POST", "/", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "kept"), [("mine", "mine"), ("", "made-1"), ("a b", "made-1"), ("x" * 129, "made-1")]
)
async def test_the_app_and_the_caller_are_told_the_same_id(sent: str, kept: str) -> None:
    answered = call(well, headers={"X-Request-ID": sent})
    await answered.done
    assert answered.body.decode() == answered.headers["x-request-id"] == kept


async def test_a_body_may_be_as_large_as_it_may_be() -> None:
    answered = call(well, body=b"x" * 100)
    await answered.done
    assert answered.status == 200


async def test_an_error_is_answered_and_its_place_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answered = call(breaks)
    await answered.done
    assert answered.status == 500
    assert answered.headers["x-request-id"] == "made-1"
    assert json.loads(answered.body)["error"]["code"] == "internal"
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "made-1 ended with RuntimeError from KeyError" in record.getMessage()
    assert "in breaks" in record.getMessage()


async def test_a_stream_that_breaks_is_broken_off(caplog: pytest.LogCaptureFixture) -> None:
    answered = call(breaks_off)
    await answered.done
    assert (answered.status, answered.body, answered.whole) == (200, b"half", False)
    assert "ended with RuntimeError" in caplog.text


async def test_nothing_but_requests_is_touched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope["type"])

    async def unused(*_: object) -> dict[str, object]:
        raise AssertionError

    middleware = RequestContext(app, new_id=ids(), max_body_bytes=1)
    await middleware({"type": "lifespan"}, unused, unused)  # type: ignore[arg-type]
    assert seen == ["lifespan"]


async def takes_all(_: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"all of it"})


def seconds_until_refused(pieces: int, size: int, every_s: float) -> float | None:
    """When a body that comes in pieces is refused for being slow; None if it is taken."""

    async def refused_after() -> float | None:
        loop = asyncio.get_running_loop()
        left = pieces

        async def receive() -> Message:
            nonlocal left
            await asyncio.sleep(every_s)
            left -= 1
            return {"type": "http.request", "body": bytes(size), "more_body": left > 0}

        async def send(_: Message) -> None: ...

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await takes_all(scope, receive, send)
            except TooSlow:
                refused.append(loop.time() - began)

        refused: list[float] = []
        began = loop.time()
        middleware = RequestContext(app, new_id=ids(), max_body_bytes=10**9)
        await middleware({"type": "http", "headers": []}, receive, send)
        return refused[0] if refused else None

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(refused_after())


def test_a_body_that_drips_is_refused() -> None:
    after = seconds_until_refused(pieces=10_000, size=1, every_s=1)
    assert after == pytest.approx(BODY_WITHIN_S, abs=2)


def test_a_body_that_never_comes_is_refused() -> None:
    assert seconds_until_refused(1, 1, 3600) == pytest.approx(BODY_WITHIN_S)


def test_a_large_body_over_a_slow_line_is_taken() -> None:
    assert seconds_until_refused(pieces=1000, size=SLOWEST_BYTES_PER_S, every_s=1) is None


def test_who_has_been_asked_is_waited_for_without_end() -> None:
    """A listener says nothing for as long as it listens."""

    async def app(_: Scope, receive: Receive, __: Send) -> None:
        await receive()
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(BODY_WITHIN_S * 100)
        seen.append(waiting.done())
        waiting.cancel()

    async def receive() -> Message:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(_: Message) -> None: ...

    asked: list[bool] = []
    seen: list[bool] = []
    middleware = RequestContext(app, new_id=ids(), max_body_bytes=1)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(middleware({"type": "http", "headers": []}, receive, send))
    assert seen == [False]


async def test_a_feed_without_end_is_answered_to_head_with_its_headers() -> None:
    async def feed(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    answered = Call(HeadAsGet(feed), "HEAD", "/")
    await settle()
    assert answered.whole
    await answered.hang_up()  # as servers do once an answer is complete
    assert (answered.status, answered.headers, answered.body) == (200, {"a": "b"}, b"")
