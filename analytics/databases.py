"""Empty databases in memory, made before they are wanted: each takes some ten milliseconds."""

from collections import deque
from typing import Any

import duckdb

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    # The tail is replaced under its name while we read: keep no pages of its predecessor.
    "enable_external_file_cache": "false",
}
_AT_HAND = 2
"""A warehouse's and that of a part of it."""
_ready: deque[Any] = deque()


def connect() -> Any:
    """An empty database in memory."""
    return _ready.popleft() if _ready else _made()


def prepare() -> None:
    """Make those that the next question will want."""
    while len(_ready) < _AT_HAND:
        _ready.append(_made())


def _made() -> Any:
    root = duckdb.connect(":memory:", config=_SETTINGS)
    root.execute("SET enable_progress_bar = false")  # standard output is for answers
    root.execute("SET GLOBAL TimeZone = 'UTC'")  # of its cursors, too
    return root
