"""HTTP as uvicorn speaks it, with a bound to what a caller can leave unsaid or keep open.

Bodies are bounded in `gateway.context`; what comes before them, and who is gone, is seen here.
"""

import asyncio
import json
import socket
from collections.abc import Callable
from http import HTTPStatus
from uuid import uuid4

import uvicorn
from starlette.types import ASGIApp, Message
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from gateway.errors import body

LEAVE_WITHIN_S = 5
HEAD_WITHIN_S = 10.0
"""From the first byte of a request, or the opening of the connection, to the end of the headers."""
REST_WITHIN_S = 10.0
"""For the rest of a body that was answered before it was there."""
MOST_HEAD_BYTES = 65_536
WAITING_BYTES = 16_384
"""That may wait here for a slow caller before it is not given more."""
SEND_BUFFER_BYTES = 65_536
"""Left to itself, Linux grows it to 4 MB: a minute of sound that would count as delivered."""
LIVE_SEND_BUFFER_BYTES = 16_384
"""Of a WebSocket; Linux takes twice as much. The sound of most of a second."""
GONE_AFTER_S = 30
"""A caller whose system confirms nothing for so long, or has no room for more, is gone."""


MOST_MESSAGE_BYTES = 4_194_304
"""Of one message of a WebSocket; a longer one closes it, with 1009."""
PING_EVERY_S = 20.0
PONG_WITHIN_S = 20.0
"""A caller on a WebSocket who answers no ping for so long is gone."""


class LeavingServer(uvicorn.Server):
    """Ends what would go on for ever before it waits for what is under way."""

    def __init__(self, config: uvicorn.Config, on_leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_leaving = on_leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_leaving()
        await super().shutdown(sockets)


def server_of(app: ASGIApp, on_leaving: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """A server that answers by the app, and bounds what its callers can do to it.

    `on_leaving` is called when it stops, for streams that do not end by themselves.
    """
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        ws=LiveConnection,
        ws_max_size=MOST_MESSAGE_BYTES,
        ws_ping_interval=PING_EVERY_S,
        ws_ping_timeout=PONG_WITHIN_S,
        ws_per_message_deflate=False,  # sound does not get smaller, and each would hold its window
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=LEAVE_WITHIN_S,
    )
    return LeavingServer(config, on_leaving)


def bound_connections(listener: socket.socket) -> None:
    """Have the kernel close connections to callers who vanished, and keep little for the slow.

    The connections that the listener accepts inherit it.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {
        "TCP_KEEPIDLE": max(1, GONE_AFTER_S // 3),
        "TCP_KEEPINTVL": max(1, GONE_AFTER_S // 6),
        "TCP_KEEPCNT": 4,
        "TCP_USER_TIMEOUT": GONE_AFTER_S * 1000,
    }
    for name, value in options.items():
        if hasattr(socket, name):  # not every system has every one
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


class LiveConnection(WebSocketsSansIOProtocol):
    """Says why it closes also to a caller who has not read all before, and waits for no room.

    Little waits here for a slow caller: what is said next should not have to wait behind it.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(WAITING_BYTES)
        connected = transport.get_extra_info("socket")
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LIVE_SEND_BUFFER_BYTES)

    async def send(self, message: Message) -> None:  # type: ignore[override]
        if message["type"] == "websocket.close":
            self.writable.set()
        await super().send(message)  # type: ignore[arg-type]  # uvicorn's own name for it


class BoundedConnection(HttpToolsProtocol):
    """Closes connections on which a request does not come, or comes without end."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes: int | None = None
    """So far; None outside the head of a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(WAITING_BYTES)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        head = self._deadline
        super().data_received(data)
        if self._head_bytes is None or self._deadline is not head:  # that head is complete
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            message = f"the headers are longer than {MOST_HEAD_BYTES:,} bytes"
            self._refuse(431, message, code="headers_too_large")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_bytes is None:
            self._expect_head()
        self._head_bytes = 1  # at least; the piece of data that it came in may hold more

    def on_headers_complete(self) -> None:
        self._expect_nothing()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._expect_nothing()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body:
            self._deadline = self.loop.call_later(REST_WITHIN_S, self.transport.close)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "this is not HTTP as it should be", code="invalid_http")

    def _expect_head(self) -> None:
        self._expect_nothing()
        self._head_bytes = 0
        self._deadline = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def _expect_nothing(self) -> None:
        self._head_bytes = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self._head_bytes:
            message = f"the headers did not arrive within {HEAD_WITHIN_S:g} s"
            self._refuse(408, message, code="request_timeout")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str, *, code: str) -> None:
        if self.transport.is_closing():
            return
        answer, cycle = _answer(status, f"{message}; nothing was recorded", code), self.cycle
        begun = cycle is not None and cycle.response_started and not cycle.response_complete
        if not begun:  # or it would become a part of that answer
            self.transport.write(answer)
        self.transport.close()


def _answer(status: int, message: str, code: str) -> bytes:
    content = json.dumps(body(message, status=status, code=code, param=None)).encode()
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n"
        f"x-request-id: {uuid4()}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + content
