"""The other end of a live connection."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Protocol

from starlette.websockets import WebSocketDisconnect

SEND_WITHIN_S = 20.0
"""For which a caller may have no room for what is sent."""


class PeerGone(Exception):
    """Nothing can be sent any more."""


class Socket(Protocol):
    """What a peer needs of a WebSocket; Starlette's has it."""

    async def send_text(self, data: str) -> None: ...
    async def send_bytes(self, data: bytes) -> None: ...
    async def close(self, code: int = 1000, reason: str | None = None) -> None: ...


class Peer:
    """Takes what is sent, for as long as it reads."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._gone = False

    async def tell(self, kind: str, **particulars: Any) -> None:
        """Send a message.

        Raises:
            PeerGone: it has not read for too long, or is not there any more.
        """
        message: Mapping[str, Any] = {"type": kind, **particulars}
        await self._send(self._socket.send_text(json.dumps(message, ensure_ascii=False)))

    async def play(self, frame: bytes) -> None:
        """Send sound. Raises as `tell`."""
        await self._send(self._socket.send_bytes(frame))

    async def _send(self, sending: Any) -> None:
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
