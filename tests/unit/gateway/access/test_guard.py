"""WebSockets at the guard: refused with an answer, not with a bare goodbye."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from events.memory import MemoryLog
from gateway.access import keyfile
from gateway.access.callers import Caller, Owners
from gateway.access.guard import Guard
from gateway.access.keyfile import WatchedKeys
from gateway.access.keys import Limits
from gateway.access.quotas import Quotas
from tests.fakes import Clock, ids
from tests.unit.gateway.access.test_keys import key, token


class App:
    """Accepts, and stays until it is let go."""

    def __init__(self) -> None:
        self.callers: list[Caller] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.callers.append(scope["state"]["caller"])
        await send({"type": "websocket.accept"})
        await receive()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / keyfile.NAME


async def connect(path: Path, *origins: str, query: str = "", **headers: str) -> "Answer":
    app, answer = App(), Answer()
    guard = Guard(
        app,
        keys=WatchedKeys(path, Clock()),
        quotas=Quotas(Limits(concurrent_requests=5)),
        owners=Owners(MemoryLog(clock=Clock().now, new_id=ids())),
        origins=origins,
        clock=Clock(),
    )
    await guard(_scope(query, headers), answer.receive, answer.send)
    answer.callers = app.callers
    return answer


def _scope(query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": "/v1/conversation/c/stream",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "extensions": {"websocket.http.response": {}},
    }


class Answer:
    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.callers: list[Caller] = []

    async def receive(self) -> Message:
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def accepted(self) -> bool:
        return self.messages[0]["type"] == "websocket.accept"

    def refusal(self) -> tuple[int, str]:
        start, body = self.messages
        assert start["type"] == "websocket.http.response.start"
        return start["status"], json.loads(body["body"])["error"]["code"]


async def test_without_keys_anybody_connects(path: Path) -> None:
    answer = await connect(path)
    assert answer.accepted
    assert answer.callers[0].key is None


@pytest.mark.parametrize(
    ("headers", "query"), [({}, ""), ({}, "api_key=x"), ({"xi-api-key": "x"}, "")]
)
async def test_without_a_good_key_nobody_connects(
    path: Path, headers: dict[str, str], query: str
) -> None:
    keyfile.change(path, lambda ring: ring.with_key(key("a")))
    answer = await connect(path, query=query, **headers)
    assert answer.refusal() == (401, "invalid_api_key")
    assert not answer.callers


async def test_with_a_key_in_the_address_it_is_known_who_connects(path: Path) -> None:
    keyfile.change(path, lambda ring: ring.with_key(key("a")))
    answer = await connect(path, query=f"api_key={token('a')}")
    assert answer.accepted
    assert answer.callers[0].key_id == "a" * 12
    told = {name.decode(): value.decode() for name, value in answer.messages[0]["headers"]}
    assert told["x-ratelimit-remaining-concurrent"] == "4"
    quota = answer.callers[0].quota
    assert quota is not None
    assert dict(quota.headers(0.0))["x-ratelimit-remaining-concurrent"] == "5", "it has ended"


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("http://here:8354", True),
        ("https://friend.example", True),
        ("https://elsewhere.example", False),
        ("null", False),
    ],
)
async def test_pages_of_elsewhere_do_not_connect(path: Path, origin: str, welcome: bool) -> None:
    answer = await connect(path, "https://friend.example", host="here:8354", origin=origin)
    assert answer.accepted == welcome
    if not welcome:
        assert answer.refusal() == (403, "origin_not_allowed")
    assert (await connect(path, "*", host="here:8354", origin=origin)).accepted
