"""What every request carries: an id of its own, no more bytes than we take, and one last net."""

import asyncio
import logging
import re
import traceback
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import TooLarge, TooSlow, answer_to

_LOG = logging.getLogger(__name__)

BODY_WITHIN_S = 20.0
SLOWEST_BYTES_PER_S = 4000
"""Each so many bytes of a body earn it another second."""

BEGINNINGS = ("http.response.start", "websocket.http.response.start", "websocket.accept")
"""Messages with which an answer begins, and that have headers."""

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


class RequestContext:
    """Gives each request an id (the caller's, if it sent one) and bounds its body, in time too.

    An error that nobody expected is answered with 500 and the id. The log is told where it arose,
    without its message, which may hold words that somebody spoke.
    """

    def __init__(self, app: ASGIApp, *, new_id: Callable[[], str], max_body_bytes: int) -> None:
        self._app = app
        self._new_id = new_id
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else self._new_id()
        scope.setdefault("state", {})["request_id"] = request_id

        begun = False

        async def send_with_id(message: Message) -> None:
            nonlocal begun
            if message["type"] in BEGINNINGS:
                begun = True
                message.setdefault("headers", [])
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            bounded = self._bounded(receive) if scope["type"] == "http" else receive
            await self._app(scope, bounded, send_with_id)
        except Exception as error:  # noqa: BLE001  (whatever it is, the caller gets an answer)
            _report(error, request_id)
            if not begun:  # a stream that breaks off in the middle is an answer too
                status, told, headers = answer_to(error)
                await JSONResponse(told, status, headers)(scope, receive, send_with_id)

    def _bounded(self, receive: Receive) -> Receive:
        taken, whole = 0, False
        begun_at: float | None = None

        async def bounded() -> Message:
            nonlocal taken, whole, begun_at
            if whole:
                return await receive()
            begun_at = begun_at or asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout_at(
                    begun_at + BODY_WITHIN_S + taken / SLOWEST_BYTES_PER_S
                ):
                    message = await receive()
            except TimeoutError:
                raise TooSlow from None
            taken += len(message.get("body", b""))
            if taken > self._max_body_bytes:
                raise TooLarge(self._max_body_bytes)
            whole = not message.get("more_body", False)
            return message

        return bounded


class HeadAsGet:
    """Answers HEAD as it would GET, up to the end of the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_headers(message: Message) -> None:
            # With the answer complete, `receive` tells the app that its caller is gone.
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body"})

        await self._app({**scope, "method": "GET"}, receive, send_headers)


def _report(error: BaseException, request_id: str) -> None:
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and cause not in causes:
        causes.append(cause)
    where = "".join(line for cause in causes for line in traceback.format_tb(cause.__traceback__))
    kinds = " from ".join(type(cause).__name__ for cause in causes)
    _LOG.error("request %s ended with %s\n%s", request_id, kinds, where)
