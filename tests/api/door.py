"""The app over a system in one process, and a caller at its door."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.app import create_app
from gateway.settings import Settings
from tests.fakes import LocalStage, LocalSystem, ids
from tests.fakes.http import Call

TEXT = "This is the first sentence of two and it is rather long indeed. Here is another one."
MAX_TEXT = 500
MAX_BODY = 20_000


class Door:
    def __init__(self, stage: LocalStage | None = None, **settings: Any) -> None:
        self.system = LocalSystem(stage)
        small = {"max_text_chars": MAX_TEXT, "max_body_mb": MAX_BODY / 1_000_000}
        self.settings = Settings(**{**small, **settings})
        self.app: FastAPI = create_app(
            self.system, self.settings, ids("new"), clock=self.system.clock
        )
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")

    async def get(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get(path, params=params or None)

    async def post(
        self, path: str, data: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post JSON as many languages write it: with NaN, and with lone surrogates escaped."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        return await self.client.post(path, content=json.dumps(data), headers=sent)

    async def start(self, **more: object) -> httpx.Response:
        people = ["ann", {"id": "bob", "role": "human"}]
        body = {"participants": people, "conversation_id": "c", **more}
        return await self.post("/v1/conversation/start", body)

    async def speak(self, **more: object) -> httpx.Response:
        body = {"text": TEXT, "speaker_id": "ann", "turn_id": "t1", "response_format": "pcm"}
        return await self.post("/v1/conversation/c/speak", {**body, **more})

    async def listen(self, **more: object) -> httpx.Response:
        body = {"text": "What time is it?", "speaker_id": "bob", "turn_id": "h1", **more}
        return await self.post("/v1/conversation/c/listen", body)

    def call(self, path: str, data: object, headers: Mapping[str, str] | None = None) -> Call:
        return Call(self.app, "POST", path, data=data, headers=headers)

    def calls_to_speak(self, **more: object) -> Call:
        body = {"text": TEXT, "speaker_id": "ann", "turn_id": "t1", "response_format": "pcm"}
        return self.call("/v1/conversation/c/speak", {**body, **more})

    def events(self, conversation_id: str = "c") -> list[str]:
        return self.system.journal.types(conversation_id)


def refused(
    answer: httpx.Response, status: int, code: str, param: str | None, *, beside: str | None = None
) -> str:
    """That an answer is an error in the shape of the OpenAI API; gives its message.

    `beside` names what another server's clients look for instead.
    """
    assert answer.status_code == status, answer.text
    assert answer.headers["x-request-id"]
    assert set(answer.json()) == {"error", beside or "error"}
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["code"], error["param"]) == (code, param), error
    kinds = {429: "rate_limit_error", 500: "server_error", 503: "server_error"}
    assert error["type"] == kinds.get(status, "invalid_request_error")
    message = error["message"]
    assert isinstance(message, str)
    assert message
    assert "Traceback" not in message
    return message
