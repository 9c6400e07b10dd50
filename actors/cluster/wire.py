"""Messages between our processes, over connections of their own.

Ray starts the processes, watches them, starts them again and says where each of them is; what they
ask one another goes past it, at a tenth of the processor time of a call of Ray's.

A message is its length in four bytes and then a pickle. Danger: who can send a pickle can run code,
so nothing is unpickled before the caller has proved that it knows the key of the endpoint, which
only Ray gives away. The proof is an HMAC of a number used once; the messages that follow are not
encrypted, as Ray's are not: the network of a cluster must be its own.
"""

import asyncio
import hmac
import socket
import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import cast

PROOF_BYTES = 32
PROVE_WITHIN_S = 5.0
ACKNOWLEDGE_WITHIN_S = 10.0
"""How long a peer's machine may be silent until the connection is given up."""

_LENGTH = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a process answers calls."""

    host: str
    port: int
    key: bytes = field(repr=False)


class Messages(asyncio.Protocol, ABC):
    """Whole messages out of a stream of bytes, and into it."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._pending = bytearray()
        self.longest: int | None = PROOF_BYTES
        """Bytes of the longest message that is accepted."""
        self.full = False
        """Whether messages must wait."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        _watch(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        self._pending += data
        self.receive()

    def receive(self) -> None:
        """Take the messages that are whole, as far as there is room for them."""
        taken = 0
        while not self.full and len(self._pending) - taken >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._pending, taken)
            if self.longest is not None and length > self.longest:
                self.transport.abort()
                break
            end = taken + _LENGTH.size + length
            if len(self._pending) < end:
                break
            message = bytes(self._pending[taken + _LENGTH.size : end])
            taken = end
            self.received(message)
        del self._pending[:taken]

    @abstractmethod
    def received(self, message: bytes) -> None:
        """Take a whole message."""

    def send(self, message: bytes) -> None:
        self.transport.write(_LENGTH.pack(len(message)) + message)


def proof(key: bytes, challenge: bytes) -> bytes:
    return hmac.digest(key, challenge, "sha256")


def _watch(connected: socket.socket) -> None:
    """Have the system notice that the peer's machine is gone, which sends no word of it."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        timeout_ms = int(ACKNOWLEDGE_WITHIN_S * 1000)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)
