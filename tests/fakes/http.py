"""A caller who talks ASGI: reads as it comes, and can hang up in the middle."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message


class Call:
    """One request, sent when the call is made."""

    def __init__(
        self,
        app: ASGIApp,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        data: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        sent = body if body is not None else json.dumps(data).encode()
        given = {"content-type": "application/json", **(headers or {})}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in given.items()],
            "scheme": "http",
            "server": ("test", 80),
            "client": ("caller", 1),
        }
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._inbox.put_nowait({"type": "http.request", "body": sent, "more_body": False})
        self._arrived = asyncio.Event()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.whole = False
        """Whether the server said that this was all."""
        self.done: asyncio.Task[None] = asyncio.create_task(self._run(app, scope))

    async def bytes_arrived(self, count: int = 1) -> None:
        """Wait for so many bytes of the body."""
        while len(self.body) < count and not self.done.done():
            self._arrived.clear()
            await self._arrived.wait()

    async def hang_up(self) -> None:
        """Go away, and wait until the server has noticed."""
        self._inbox.put_nowait({"type": "http.disconnect"})
        await self.done

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._inbox.get, self._send)
        finally:
            self._arrived.set()

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)
        self._arrived.set()
