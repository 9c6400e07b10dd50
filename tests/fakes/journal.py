"""The scribe over a log in memory, with a line to it that can be made to fail."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Literal

from actors.journal import JournalUnreachable, Scribe
from events.envelope import Append, Opened, Verification
from events.log import LogUnavailable
from events.memory import MemoryLog
from tests.fakes.clock import Clock, ids

Mishap = Literal["lost before writing", "lost after writing", "disk full"]


class LocalJournal(Scribe):
    """Strict as the other one; appends can be held back, lost or refused."""

    def __init__(self, log: MemoryLog | None = None) -> None:
        self.log = log or MemoryLog(clock=Clock().now, new_id=ids("event"))
        super().__init__(self.log)
        self.calls: list[Sequence[Append]] = []
        """All calls of `append`, whatever became of them."""
        self.opened = 0
        self.mishaps: deque[Mishap | None] = deque()
        """What happens to the next calls of `append`, in this order."""
        self.open_failures: deque[Exception] = deque()
        self.verify_failures: deque[Exception] = deque()
        self._free = asyncio.Event()
        self._free.set()

    def hold(self) -> None:
        """Let appends wait before they are written."""
        self._free.clear()

    def free(self) -> None:
        self._free.set()

    async def open(self, conversation_id: str) -> Opened:
        if self.open_failures:
            raise self.open_failures.popleft()
        self.opened += 1
        return await super().open(conversation_id)

    async def verify(self) -> Verification:
        if self.verify_failures:
            raise self.verify_failures.popleft()
        return await super().verify()

    async def append(self, appends: Sequence[Append]) -> None:
        self.calls.append(tuple(appends))
        await self._free.wait()
        mishap = self.mishaps.popleft() if self.mishaps else None
        if mishap == "lost before writing":
            raise JournalUnreachable("never arrived")
        if mishap == "disk full":
            raise LogUnavailable("the disk is full")
        await super().append(appends)
        if mishap == "lost after writing":
            raise JournalUnreachable("the answer was lost")

    def types(self, conversation_id: str) -> list[str]:
        """The stored names of a conversation's events, oldest first."""
        return [e.type for e in self.log.events if e.conversation_id == conversation_id]
