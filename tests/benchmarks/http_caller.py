"""A caller that costs little: HTTP/1.1 over a kept connection, and nothing else."""

import asyncio
import json
from time import perf_counter


class Caller:
    """One connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> "Caller":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: str, body: object) -> tuple[int, bytes]:
        """Status and body of the answer."""
        status, _, content = await self.post_timed(path, body)
        return status, content

    async def post_timed(self, path: str, body: object) -> tuple[int, float, bytes]:
        """Status, milliseconds from sending to the first byte of the body, and the body."""
        payload = json.dumps(body).encode()
        began = perf_counter()
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n".encode()
            + payload
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = _header(head, b"content-length")
        first = await self._reader.readexactly(1) if length is None or int(length) else b""
        first_ms = (perf_counter() - began) * 1000
        if length is not None:
            rest = await self._reader.readexactly(int(length) - len(first))
            return status, first_ms, first + rest
        return status, first_ms, await self._chunks(first)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def _chunks(self, first: bytes) -> bytes:
        body = b""
        size = int(first + (await self._reader.readuntil(b"\r\n")).strip(), 16)
        while size:
            body += (await self._reader.readexactly(size + 2))[:-2]
            size = int((await self._reader.readuntil(b"\r\n")).strip(), 16)
        await self._reader.readexactly(2)
        return body


def _header(head: bytes, name: bytes) -> bytes | None:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return None
