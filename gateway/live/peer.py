"""The other end of a live connection, and what is said to it."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

from starlette.websockets import WebSocketDisconnect

from gateway.live.frames import Frame, encoded

SEND_WITHIN_S = 20.0
"""For which a caller may have no room for what is sent."""


class PeerGone(Exception):
    """Nothing can be sent any more."""


class Socket(Protocol):
    """What a peer needs of a WebSocket; Starlette's has it."""

    async def send_text(self, data: str) -> None: ...
    async def send_bytes(self, data: bytes) -> None: ...
    async def close(self, code: int = 1000, reason: str | None = None) -> None: ...


class Peer(Protocol):
    """Whom a session talks to, in whatever protocol they understand."""

    async def tell(self, kind: str, **particulars: Any) -> None:
        """Say what docs/live.md calls a message of this kind.

        Raises:
            PeerGone: nothing can be sent any more.
        """

    async def play(self, frame: Frame) -> None:
        """Send sound. Raises as `tell`."""


class Connection:
    """Takes what is sent, for as long as the other end reads."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._gone = False

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send JSON.

        Raises:
            PeerGone: it has not read for too long, or is not there any more.
        """
        await self._send(self._socket.send_text(json.dumps(message, ensure_ascii=False)))

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame. Raises as `send`."""
        await self._send(self._socket.send_bytes(data))

    async def _send(self, sending: Coroutine[Any, Any, None]) -> None:
        if self._gone:
            sending.close()
            raise PeerGone
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await sending
        except TimeoutError:
            self._gone = True
            reason = f"nothing was read for {SEND_WITHIN_S:g} s; connect again and resume"
            await self.close(1008, reason)
            raise PeerGone from None
        except (WebSocketDisconnect, RuntimeError, OSError) as gone:
            self._gone = True
            raise PeerGone from gone

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye, as far as anybody hears it."""
        self._gone = True
        try:
            async with asyncio.timeout(1):
                await self._socket.close(code, reason)
        except (WebSocketDisconnect, TimeoutError, RuntimeError, OSError):
            return


class LivePeer:
    """Understands docs/live.md."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def tell(self, kind: str, **particulars: Any) -> None:
        await self._connection.send({"type": kind, **particulars})

    async def play(self, frame: Frame) -> None:
        await self._connection.send_bytes(encoded(frame))
