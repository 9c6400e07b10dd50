"""What goes between whoever asks and the process that answers.

A message is the length of its head and of its body, each in four bytes, then the head as JSON and
the body as it is. Never a pickle: the process has run what a stranger wrote.
"""

import json
import struct
from typing import Any, BinaryIO

LENGTHS = struct.Struct("!II")


def pack(head: dict[str, Any], body: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return LENGTHS.pack(len(text), len(body)) + text + body


def receive(stream: BinaryIO) -> dict[str, Any] | None:
    """The head of the next message; None at the end of the stream."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head, body = LENGTHS.unpack(lengths)
    told: dict[str, Any] = json.loads(stream.read(head))
    stream.read(body)
    return told
