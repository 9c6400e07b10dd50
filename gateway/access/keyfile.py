"""The file of keys: written whole or not at all, by one at a time, read again when it changed."""

import fcntl
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.access.keys import Key, Keyring

NAME = "keys.json"
LOOK_EVERY_S = 0.1
"""A call to the system for each request would cost a twentieth of what the request does."""

_LOG = logging.getLogger(__name__)


class KeyFileDamaged(Exception):
    """The file of keys cannot be read; the message says which, and what to do."""


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    keys: tuple[Key, ...] = ()


def read(path: Path) -> Keyring:
    """The keys of a file; none if it is not there.

    Raises:
        KeyFileDamaged: it cannot be read, or holds something else.
    """
    try:
        stored = _Stored.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Keyring()
    except OSError as error:
        raise KeyFileDamaged(
            f"cannot read {path} ({error.strerror}): let its owner serve"
        ) from None
    except ValidationError:
        raise KeyFileDamaged(
            f"{path} is not a file of keys of this release: put back a copy, or move it away and "
            "make new keys"
        ) from None
    return Keyring({key.id: key for key in stored.keys})


def change(path: Path, by: Callable[[Keyring], Keyring]) -> Keyring:
    """Replace the keys of a file; who changes it meanwhile waits.

    Raises:
        KeyFileDamaged: as `read`; nothing was changed.
        OSError: it cannot be written; nothing was changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keyring = by(read(path))
        _write(path, keyring)
    return keyring


def _write(path: Path, keyring: Keyring) -> None:
    text = _Stored(keys=tuple(keyring)).model_dump_json(indent=2)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    # Digests of tokens tell nobody a token, but names and scopes are no one else's business.
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class WatchedKeys:
    """The keys of a file as they were within the last `LOOK_EVERY_S`, for one who asks often.

    Once there were keys, the door stays locked: a file that vanishes leaves none, and one that is
    damaged the keys before.

    Args:
        path: Of the file.
        clock: Seconds, from any origin.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        """Read the file; raises `KeyFileDamaged`."""
        self._path = path
        self._clock = clock
        self._looked_at = clock()
        self._seen = _mark(path)
        self._keyring = read(path)
        self.locked = bool(self._keyring)
        """Whether a key is needed, as of the last look."""

    def current(self) -> Keyring:
        """Look whether the file has changed, unless that was just done, and give its keys."""
        now = self._clock()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self._look()
        return self._keyring

    def _look(self) -> None:
        mark = _mark(self._path)
        if mark != self._seen:
            self._seen = mark
            self._read_again()

    def _read_again(self) -> None:
        try:
            self._keyring = read(self._path)
        except KeyFileDamaged:
            _LOG.error("the keys stay as they were: their file is damaged")
        self.locked = self.locked or bool(self._keyring)


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
