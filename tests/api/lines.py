"""A server on a real socket, and callers who write what they like."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from gateway.connections import bound_connections, server_of

AT_LAST_S = 30

Talk = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Line:
    """A socket that listens."""

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self.server = server
        self.address = ("127.0.0.1", port)

    async def call(self, sent: bytes = b"") -> Talk:
        reader, writer = await asyncio.open_connection(*self.address)
        writer.write(sent)
        return reader, writer

    async def answer(self, sent: bytes) -> tuple[int, dict[str, str]]:
        """Status and error of the answer after which the server closes the connection."""
        reader, writer = await self.call(sent)
        said = await until_closed(reader)
        writer.close()
        head, _, content = said.partition(b"\r\n\r\n")
        assert b"x-request-id: " in head.lower()
        return int(head.split()[1]), json.loads(content)["error"]


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(AT_LAST_S):
        with suppress(ConnectionResetError):
            return await reader.read()
    return b""


@asynccontextmanager
async def listening(
    app: ASGIApp, on_leaving: Callable[[], None] = lambda: None
) -> AsyncIterator[Line]:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        bound_connections(listener)
        server = server_of(app, on_leaving)
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield Line(server, listener.getsockname()[1])
        finally:
            server.should_exit = True
            await serving
