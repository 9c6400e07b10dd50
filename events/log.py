"""The port to the log, and the ways in which it refuses."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from events.envelope import Append, ConversationHead, Opened, Recorded, Verification


class LogError(Exception):
    """What a log refuses, or cannot do."""


class StaleEpoch(LogError):
    """The writer's awakening is over.

    `taken` says whether somebody else has opened the conversation since. Where nobody has (the log
    itself was opened anew), the writer may open it again; otherwise it must give up.
    """

    def __init__(self, conversation_id: str, epoch: int, *, taken: bool) -> None:
        super().__init__(conversation_id, epoch, taken)
        self.conversation_id = conversation_id
        self.epoch = epoch
        self.taken = taken

    def __reduce__(self) -> tuple[object, ...]:
        return (_stale_epoch, (self.conversation_id, self.epoch, self.taken))

    def __str__(self) -> str:
        why = "somebody else opened it" if self.taken else "the log was opened anew"
        return f"epoch {self.epoch} of conversation {self.conversation_id} is over: {why}"


def _stale_epoch(conversation_id: str, epoch: int, taken: bool) -> StaleEpoch:
    return StaleEpoch(conversation_id, epoch, taken=taken)


class VersionConflict(LogError):
    """The conversation is not at the version that the writer expected; nothing was written."""

    def __init__(self, conversation_id: str, expected: int, actual: int) -> None:
        super().__init__(conversation_id, expected, actual)
        self.conversation_id = conversation_id
        self.expected = expected
        self.actual = actual

    def __str__(self) -> str:
        return (
            f"conversation {self.conversation_id} is at version {self.actual}, "
            f"not {self.expected}; nothing was written"
        )


class LogUnavailable(LogError):
    """The log cannot be written or read now (disk full, say); it tries to recover by itself."""


class LogInUse(LogError):
    """Another process has the log open."""


class LogTooNew(LogError):
    """The log was made by a newer release."""


class LogTruncated(LogError):
    """Events that had been acknowledged are missing at the end of the log."""

    def __init__(self, found: int, promised: int) -> None:
        super().__init__(found, promised)
        self.found = found
        self.promised = promised

    def __str__(self) -> str:
        return (
            f"the log ends at position {self.found}, but events up to position {self.promised} had "
            f"been acknowledged: positions {self.found + 1} to {self.promised} are missing"
        )


class LogCorrupt(LogError):
    """The log's file cannot be read."""


class EventLog(Protocol):
    """An append-only record of all conversations, with one writer to each."""

    async def open(self, conversation_id: str) -> Opened:
        """Take the conversation over: a new epoch, and all its events, oldest first.

        Epochs grow strictly, over restarts too; the one before is stale from this moment. A
        conversation that does not exist opens with no events.
        """
        ...

    async def release(self, conversation_id: str, epoch: int) -> None:
        """Give the conversation back. Does nothing if the epoch is over."""
        ...

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Write, and return once it is durable.

        Raises:
            StaleEpoch: the writer is not the conversation's owner any more.
            VersionConflict: the conversation is at another version than expected.
            LogUnavailable: nothing was acknowledged; ask again with the same command id.
        """
        ...

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        """Durable events of a conversation with a version above `after`, oldest first."""
        ...

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        """Durable events of all conversations with a position above `after`, oldest first."""
        ...

    async def conversations(
        self,
        *,
        after: str | None = None,
        limit: int = 100,
        ended: bool | None = None,
        owner: str | None = None,
    ) -> Sequence[ConversationHead]:
        """Conversations, newest start first; `after` is the id of the last one already seen.

        Of one owner, if one is named. Raises `ValueError` if `after` is not among them.
        """
        ...

    async def head(self, conversation_id: str) -> ConversationHead | None:
        """What is known of one conversation; None if there is no such conversation."""
        ...

    async def last_position(self) -> int:
        """The position of the last durable event; 0 for an empty log."""
        ...

    async def news(self, *, after: int, limit: int = 1000) -> Sequence[Recorded]:
        """Durable events above a position, oldest first, as soon as there is one.

        None if the log is closed while they are waited for.
        """
        ...

    def follow(self, *, after: int = 0) -> AsyncIterator[Recorded]:
        """Catch up from a position, then wait for what comes; nothing missed, nothing twice."""
        ...

    async def verify(self) -> Verification:
        """Recompute every chain and say exactly where the log is not what was written."""
        ...

    async def close(self) -> None:
        """Stop taking appends, finish those under way, close."""
        ...
