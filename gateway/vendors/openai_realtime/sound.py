"""Sound of users: samples in base64, piece by piece."""

import binascii
from tempfile import SpooledTemporaryFile

from gateway.errors import Problem

IN_MEMORY = 1_000_000
"""Bytes; what is more waits on disk."""


def decoded(audio: str, param: str) -> bytes:
    """The samples.

    Raises:
        Problem: it is not base64.
    """
    try:
        return binascii.a2b_base64(audio, strict_mode=True)
    except ValueError:  # also where it is not ASCII
        message = f"{param}: this is not base64; nothing was taken"
        raise Problem(422, message, code="invalid_audio", param=param) from None


class InputBuffer:
    """What was appended since the last commit.

    Args:
        most_bytes: That it holds.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it ends with this

    def append(self, audio: str) -> None:
        """Take more, or raise `Problem` if it is not sound or there is no room for it."""
        samples = decoded(audio, "audio")
        if self._file.tell() + len(samples) > self._most_bytes:
            most = f"{self._most_bytes:,}"
            message = f"audio: the buffer holds {most} bytes; commit or clear it; none was taken"
            raise Problem(413, message, code="request_too_large", param="audio")
        self._file.write(samples)

    def samples(self) -> bytes:
        """All of it, which stays.

        Raises:
            Problem: there is nothing.
        """
        self._file.seek(0)
        samples = self._file.read()
        if not samples:
            message = "the buffer is empty: append sound first; nothing was recorded"
            raise Problem(400, message, code="input_audio_buffer_commit_empty")
        return samples

    def clear(self) -> None:
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        self._file.close()
