"""Digests of files, remembered for as long as nobody touches the files."""

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path

SETTLED_S = 2.0
"""A file changed so lately could change again within one tick of the clock of its file system."""


class Digests:
    """SHA-256 by file. What is remembered is kept in a file of its own; losing it costs time only.

    A file is known again by its place, its size, and the moments of its last changes, of which
    nobody but the system sets the one of its inode.
    """

    def __init__(self, kept: Path) -> None:
        self._kept = kept

    def of(self, path: Path) -> str:
        """The digest of a file, in hexadecimal.

        Raises:
            OSError: it cannot be read.
        """
        name, known = str(path.resolve()), self._known()
        stamp = _stamp(path)
        if known.get(name, [""])[0] == stamp:
            return known[name][1]
        digest = _digest(path)
        settled = time.time() - path.stat().st_ctime > SETTLED_S
        if settled and _stamp(path) == stamp:
            self._keep(known | {name: [stamp, digest]})
        return digest

    def _known(self) -> dict[str, list[str]]:
        try:
            known = json.loads(self._kept.read_bytes())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _keep(self, known: dict[str, list[str]]) -> None:
        own = self._kept.with_suffix(f".{os.getpid()}")
        there = {name: each for name, each in known.items() if Path(name).exists()}
        with suppress(OSError):  # it will be computed again
            own.write_text(json.dumps(there, indent=1))
            own.replace(self._kept)


def _stamp(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_ino} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
