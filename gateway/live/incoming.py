"""Sound that comes in on a live connection, frame by frame."""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.datastructures import UploadFile

from gateway.errors import Problem
from gateway.live.messages import TurnHeard

IN_MEMORY = 1_000_000
"""Bytes; what is more waits on disk."""


class Incoming:
    """The sound of one heard turn, until it is whole."""

    def __init__(self, asked: TurnHeard, size: int) -> None:
        self.asked = asked
        file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it ends with this
        self.file = UploadFile(cast("BinaryIO", file))
        self._size = size

    def whole_after(self, data: bytes) -> bool:
        """Take more of it; whether that was all.

        Raises:
            Problem: it is more than was announced.
        """
        self.file.file.write(data)
        came = self.file.file.tell()
        if came > self._size:
            message = f"{came:,} bytes of sound came where {self._size:,} were announced"
            raise Problem(422, message, code="invalid_audio", param="audio_bytes")
        if came == self._size:
            self.file.file.seek(0)
        return came == self._size
