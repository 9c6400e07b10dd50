"""The log's own proof of where it ended.

DuckDB opens a file whose write-ahead log was cut off without a word. This small file beside it says
how far events had been acknowledged; it is also the lock that keeps a second process out.
"""

import fcntl
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from events.envelope import GENESIS
from events.log import LogCorrupt, LogInUse, LogUnavailable

_RECORD = struct.Struct(">4sQQ32sI")
_MAGIC = b"CHW1"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the log had got."""

    opening: int = 0
    """The number of the opening that wrote it."""
    position: int = 0
    """Of the last event acknowledged; 0 for an empty log."""
    chain: bytes = GENESIS
    """Of that event."""


class HighWater:
    """The file, locked for as long as it is open.

    The lock belongs to the open file, so a second log in the same process is refused as well, and
    a killed process leaves none behind.
    """

    def __init__(self, descriptor: int, mark: Mark) -> None:
        self._descriptor = descriptor
        self.mark = mark

    @classmethod
    def take(cls, path: Path) -> "HighWater":
        """Open the file, made if it is not there, and lock it.

        Raises:
            LogInUse: another log, here or in another process, holds it.
            LogUnavailable: it can be neither opened nor made.
            LogCorrupt: what it says cannot be believed.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise LogUnavailable(f"{path} cannot be written: {error.strerror}") from error
        try:
            _lock(descriptor, path)
            return cls(descriptor, _read(descriptor, path))
        except BaseException:
            os.close(descriptor)
            raise

    def raise_to(self, mark: Mark) -> None:
        """Say how far the log has got.

        Not flushed: it must outlive the process, which the kernel sees to. After a power cut it may
        say less than the log holds, never more, because the log's commit comes first.
        """
        body = _RECORD.pack(_MAGIC, mark.opening, mark.position, mark.chain, 0)[:-4]
        os.pwrite(self._descriptor, body + zlib.crc32(body).to_bytes(4, "big"), 0)
        self.mark = mark

    def flush(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LogInUse(
            f"another process has the log beside {path} open: stop it, or choose another log"
        ) from error


def _read(descriptor: int, path: Path) -> Mark:
    record = os.pread(descriptor, _RECORD.size, 0)
    if not record:
        return Mark()
    if len(record) != _RECORD.size or zlib.crc32(record[:-4]).to_bytes(4, "big") != record[-4:]:
        raise LogCorrupt(
            f"{path}, which proves where the log ended, is damaged: without it there is no proof"
        )
    _, opening, position, chain, _ = _RECORD.unpack(record)
    return Mark(opening, position, chain)
