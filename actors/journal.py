"""The port through which a conversation remembers, and the scribe, who keeps the log."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

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
    """Owner of the log: the one process that has its file open."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def open(self, conversation_id: str) -> Opened:
        return await self._log.open(conversation_id)

    async def release(self, conversation_id: str, epoch: int) -> None:
        await self._log.release(conversation_id, epoch)

    async def append(self, appends: Sequence[Append]) -> None:
        written = await asyncio.gather(
            *(self._log.append(append) for append in appends), return_exceptions=True
        )
        for outcome in written:
            if isinstance(outcome, BaseException):
                raise outcome

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

    async def owned(self, owner: str) -> Sequence[str]:
        return await self._log.owned(owner)

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
