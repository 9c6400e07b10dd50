"""Databases that stay open from one question to the next, while the exported log is what it was.

To open one and to define its views takes longer than most answers.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from analytics.archive import DIRECTORY as ARCHIVE
from analytics.archive import newest
from analytics.refusals import AnalyticsError
from analytics.sandbox_base import Base
from analytics.scope import EVERYTHING, Scope
from analytics.warehouse import SHORTAGES
from events.segments import DIRECTORY, segments

NONE: Mapping[str, str] = {}
MOST = 2
"""Of them, each with the events of other askers. The definitions alone take some 150 MB in each."""

Fingerprint: TypeAlias = tuple[tuple[str, int, int], ...]
Key: TypeAlias = tuple[Path, Scope, tuple[tuple[str, str], ...]]
Answer = TypeVar("Answer")

_FLAWS = (*SHORTAGES, MemoryError, AnalyticsError)
"""What a database that was kept may suffer from, and a new one not."""


class Kept:
    """Belongs to one thread. What may be seen by one asker is never in the database of another.

    Args:
        most_bytes: What one of them may hold to be kept.
        opens: Opens one.
    """

    def __init__(self, most_bytes: int, opens: Callable[..., Base] = Base) -> None:
        self._most_bytes = most_bytes
        self._open = opens
        self._bases: OrderedDict[Key, tuple[Fingerprint, Base]] = OrderedDict()

    def ask(
        self,
        work: Callable[[Any, int], Answer],
        reads: Collection[str],
        data_dir: Path,
        scope: Scope = EVERYTHING,
        bounds: Mapping[str, str] = NONE,
    ) -> Answer:
        """What `work` makes of a connection that only reads, and of the position of its answers.

        If it fails for want of memory or a file, it is tried once more with nothing kept. The other
        arguments are those of `Base`.

        Raises:
            AnalyticsError: the exported log cannot be read.
        """
        key = data_dir, scope, tuple(sorted(bounds.items()))
        others = bool(self._bases)
        try:
            return self._answer(work, reads, key)
        except _FLAWS:
            self.forget()
            if not others:
                raise
        return self._answer(work, reads, key)

    def forget(self) -> None:
        """Close them all."""
        for key in list(self._bases):
            self._drop(key)

    def _answer(
        self, work: Callable[[Any, int], Answer], reads: Collection[str], key: Key
    ) -> Answer:
        base = self._base(key)
        with base.reading(reads) as connection:
            answer = work(connection, base.position)
        if base.held_bytes() > self._most_bytes:
            self._drop(key)
        return answer

    def _base(self, key: Key) -> Base:
        seen = fingerprint(key[0])
        if key in self._bases and self._bases[key][0] != seen:
            self._drop(key)
        if key not in self._bases:
            while len(self._bases) >= MOST:
                self._drop(next(iter(self._bases)))
            self._bases[key] = seen, self._open(key[0], key[1], dict(key[2]))
        self._bases.move_to_end(key)
        return self._bases[key][1]

    def _drop(self, key: Key) -> None:
        self._bases.pop(key)[1].close()


def fingerprint(data_dir: Path) -> Fingerprint:
    """Of all that is exported of a log: files that were written again under their names differ."""
    directory = data_dir / DIRECTORY
    generation = newest(directory / ARCHIVE)
    files = [*segments(directory), *([generation.path] if generation else [])]
    return tuple(_mark(path) for path in files)


def _mark(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except FileNotFoundError:  # it was removed since it was listed
        return path.name, 0, 0
    return path.name, stat.st_ino, stat.st_mtime_ns
