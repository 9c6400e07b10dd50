"""Answers over HTTP: sound as it is spoken, or why there is none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from gateway.errors import answer_to, noted
from gateway.live.frames import Frame
from gateway.live.peer import Peer
from gateway.sound import gone
from gateway.vendors.renditions import Rendition


class Spoken(Response):
    """Speaks, and sends what comes of it for as long as somebody is there.

    Args:
        speak: Speaks to a peer, to the end.
        rendition: What is sent of it.
        headers: Beside the content type.
    """

    def __init__(
        self,
        speak: Callable[[Peer], Awaitable[None]],
        rendition: Rendition,
        headers: Mapping[str, str],
    ) -> None:
        self.status_code = 200
        self.background = None
        self._speak = speak
        self._rendition = rendition
        kinds = {"content-type": rendition.media_type, "cache-control": "no-store"}
        self.init_headers({**headers, **kinds})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listener = _Listener(self._rendition, self, send)
        leaving = asyncio.create_task(gone(receive))
        speaking = asyncio.ensure_future(self._speak(listener))
        try:
            await asyncio.wait({speaking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            speaking.cancel()
            await asyncio.wait({speaking, leaving})
        if speaking.cancelled() or (failure := speaking.exception()) is None:
            return
        if listener.begun or not isinstance(failure, Exception):
            raise failure
        await refusal(HTTPConnection(scope), failure)(scope, receive, send)


class _Listener:
    """A peer over HTTP."""

    def __init__(self, rendition: Rendition, response: Response, send: Send) -> None:
        self.begun = False
        """Whether an answer is on its way."""
        self._rendition = rendition
        self._response = response
        self._send = send

    async def tell(self, kind: str, **particulars: Any) -> None:
        if kind == "turn.words":
            self._rendition.time(particulars["words"])
        if kind in ("turn.completed", "turn.interrupted"):
            await self._part(self._rendition.end())
            await self._send({"type": "http.response.body"})

    async def play(self, frame: Frame) -> None:
        await self._part(self._rendition.of(frame.pcm))

    async def _part(self, body: bytes) -> None:
        if not self.begun:
            self.begun = True
            head = {"status": self._response.status_code, "headers": self._response.raw_headers}
            await self._send({"type": "http.response.start", **head})
        if body:
            await self._send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.sleep(0)  # that nobody is there any more is seen only then


def refusal(asked: HTTPConnection, error: Exception) -> JSONResponse:
    """What went wrong, also where ElevenLabs' clients look for it: in `detail`."""
    status, told, headers = answer_to(error)
    detail = {"status": told["error"]["code"], "message": told["error"]["message"]}
    return JSONResponse({"detail": detail, **noted(asked, told)}, status, headers)
