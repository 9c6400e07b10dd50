"""The port through which a conversation remembers, and the scribe, who keeps the log."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from actors import tracing
from actors.appended import Appended, ScribeStatus
from events.envelope import Append, ConversationHead, Opened, Recorded, Verification
from events.log import EventLog


class Journal(Protocol):
    """What a conversation needs of the log: see `EventLog` for the promises."""

    async def open(self, conversation_id: str) -> Opened: ...

    async def release(self, conversation_id: str, epoch: int) -> None: ...

    async def append(self, appends: Sequence[Append]) -> None:
        """Write some appends in this order; if one is refused, so are those after it.

        Raises:
            StaleEpoch, VersionConflict, LogUnavailable: see `EventLog.append`.
            JournalUnreachable: it is unknown what was written; ask again with the same command ids.
        """
        ...

    async def read(self, conversation_id: str) -> Sequence[Recorded]: ...


class JournalUnreachable(Exception):
    """The scribe did not answer; what was asked may have been done or not."""


class Scribe:
    """Owner of the log: the one process that has its file open.

    Args:
        log: That nobody else writes to.
        clock: Seconds, from any origin.
    """

    def __init__(self, log: EventLog, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._appended = Appended()

    async def open(self, conversation_id: str) -> Opened:
        return await self._log.open(conversation_id)

    async def release(self, conversation_id: str, epoch: int) -> None:
        await self._log.release(conversation_id, epoch)

    async def append(self, appends: Sequence[Append]) -> None:
        began = self._clock()
        with tracing.span("commit", appends=len(appends)):
            written = await asyncio.gather(
                *(self._log.append(append) for append in appends), return_exceptions=True
            )
        took_s = self._clock() - began
        failures = []
        for append, outcome in zip(appends, written, strict=True):
            if isinstance(outcome, BaseException):
                failures.append(outcome)
                self._appended.fail()
            else:
                self._appended.note(append, took_s)
        if failures:
            raise failures[0]

    def status(self) -> ScribeStatus:
        return self._appended.status()

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        return await self._log.read(conversation_id, after=after, limit=limit)

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return await self._log.read_all(after=after, limit=limit)

    async def conversations(
        self,
        *,
        after: str | None = None,
        limit: int = 100,
        ended: bool | None = None,
        owner: str | None = None,
    ) -> Sequence[ConversationHead]:
        return await self._log.conversations(after=after, limit=limit, ended=ended, owner=owner)

    async def head(self, conversation_id: str) -> ConversationHead | None:
        return await self._log.head(conversation_id)

    async def last_position(self) -> int:
        return await self._log.last_position()

    async def news(self, after: int, *, wait_s: float, limit: int = 1000) -> Sequence[Recorded]:
        """Events above a position as soon as there is one; none if there was none for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                return await self._log.news(after=after, limit=limit)
        return ()

    async def verify(self) -> Verification:
        return await self._log.verify()

    async def close(self) -> None:
        await self._log.close()
