"""What every request carries, whatever the app behind it does."""

import json
import logging

import pytest
from starlette.types import Receive, Scope, Send

from gateway.context import RequestContext
from tests.fakes import ids
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
