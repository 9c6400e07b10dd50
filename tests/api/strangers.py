"""Callers on a WebSocket who keep to the protocol only as far as they like."""

import asyncio
import json
import socket
from contextlib import suppress
from typing import Any, Self

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from gateway.live import frames
from tests.api.lines import AT_LAST_S, Line

LITTLE = 4096
"""Bytes that their system takes while they do not read."""


class Stranger:
    """Reads only in `read` and `read_on`, and answers pings only if it is told to."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str, *, pongs: bool
    ) -> None:
        self._reader, self._writer = reader, writer
        self._pongs = pongs
        self._protocol = ClientProtocol(parse_uri(url))
        self.told: list[dict[str, Any]] = []
        self.frames: list[frames.Frame] = []

    @classmethod
    async def connect(cls, line: Line, path: str, *, pongs: bool = True) -> Self:
        connected = socket.socket()
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        connected.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connected, line.address)
        reader, writer = await asyncio.open_connection(sock=connected, limit=LITTLE)
        host, port = line.address
        stranger = cls(reader, writer, f"ws://{host}:{port}{path}", pongs=pongs)
        stranger._protocol.send_request(stranger._protocol.connect())
        stranger._send()
        await stranger.read("ready")
        return stranger

    def say(self, kind: str, **particulars: object) -> None:
        self._protocol.send_text(json.dumps({"type": kind, **particulars}).encode())
        self._send()

    async def read(self, kind: str, **particulars: object) -> dict[str, Any]:
        """The first message of a kind, with these particulars, that came or comes."""
        wanted = {"type": kind, **particulars}
        while not (found := [m for m in self.told if wanted.items() <= m.items()]):
            assert await self._read(), f"the connection ended; it said {self.told}"
        return found[0]

    async def read_on(self) -> tuple[int | None, str | None]:
        """Read to the end of the connection; why it was closed."""
        while await self._read():
            pass
        self._writer.close()
        return self._protocol.close_code, self._protocol.close_reason

    def vanish(self) -> None:
        """Without a word."""
        self._writer.transport.abort()

    def pcm(self, turn_id: str) -> bytes:
        return b"".join(frame.pcm for frame in self.frames if frame.turn_id == turn_id)

    async def _read(self) -> bool:
        data = b""
        async with asyncio.timeout(AT_LAST_S):
            with suppress(ConnectionError):
                data = await self._reader.read(LITTLE)
        if not data:
            self._protocol.receive_eof()
            return False
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                assert event.status_code == 101
            elif isinstance(event, Frame):
                self._take(event)
        answers = self._protocol.data_to_send()
        if self._pongs:
            self._writer.writelines(answers)
        return True

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT:
            self.told.append(json.loads(bytes(frame.data)))
        elif frame.opcode is Opcode.BINARY:
            self.frames.append(frames.decoded(bytes(frame.data)))

    def _send(self) -> None:
        self._writer.writelines(self._protocol.data_to_send())
