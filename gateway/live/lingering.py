"""Turns whose connection is gone, kept for a while for whoever comes back for them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from actors.commands import Part

RESUME_WITHIN_S = 15.0
"""After which a lost connection counts as a listener who left, at what was sent."""

_LOG = logging.getLogger(__name__)


class Departures(Protocol):
    """Where a connection that ends reports the turns that it was hearing."""

    def leave(self, conversation_id: str, gone: Part) -> None:
        """A listener is gone, perhaps not for good."""


class Lingering:
    """Tells of departures once nobody can have come back.

    A listener who does come back is another one to the conversation: that the first has left does
    not interrupt what the second hears.

    Args:
        tell: Tells a conversation that a listener is gone.
        within_s: For which one may come back.
    """

    def __init__(
        self, tell: Callable[[str, Part], Awaitable[None]], within_s: float = RESUME_WITHIN_S
    ) -> None:
        self._tell = tell
        self._within_s = within_s
        self._leaving: set[asyncio.Task[None]] = set()

    def leave(self, conversation_id: str, gone: Part, within_s: float | None = None) -> None:
        """A listener is gone, and may come back `within_s`, by default as all may."""
        within_s = self._within_s if within_s is None else within_s
        task = asyncio.create_task(self._leave(conversation_id, gone, within_s))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def close(self) -> None:
        """Nobody can come back here; turns that are left open are closed by their conversation."""
        for task in self._leaving:
            task.cancel()

    async def _leave(self, conversation_id: str, gone: Part, within_s: float) -> None:
        await asyncio.sleep(within_s)
        try:
            await self._tell(conversation_id, gone)
        except Exception as failure:  # noqa: BLE001  (nobody waits for this: the log must tell)
            _LOG.warning("a departure could not be recorded: %s", type(failure).__name__)
