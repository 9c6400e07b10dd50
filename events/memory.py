"""The log without a file, for tests and for those who want to forget: strict as the other one."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime

from events.envelope import Append, ConversationHead, Opened, Recorded, Verification
from events.heads import Heads
from events.ledger import Ledger, Repeated
from events.log import LogUnavailable
from events.subscriptions import Tail, follow, news
from events.verification import verify


class MemoryLog:
    """The event log in memory; for all methods see `EventLog`.

    `events` and `opening` begin it where another one ended: `MemoryLog(events=old.events,
    opening=old.opening + 1, ...)` is what a restart would find.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        events: Iterable[Recorded] = (),
        opening: int = 1,
    ) -> None:
        self.opening = opening
        self._clock = clock
        self._events = list(events)
        last = len(self._events)
        heads = Heads()
        for event in self._events:
            heads.apply(event)
        self._ledger = Ledger(opening=opening, new_id=new_id, heads=heads, last=last)
        self._tail = Tail(last)
        self._closed = False

    @property
    def events(self) -> Sequence[Recorded]:
        """All of them, oldest first."""
        return tuple(self._events)

    async def open(self, conversation_id: str) -> Opened:
        self._check_open()
        epoch = self._ledger.open(conversation_id)
        events = tuple(await self.read(conversation_id))
        self._ledger.remember(events)
        return Opened(epoch, events)

    async def release(self, conversation_id: str, epoch: int) -> None:
        self._check_open()
        self._ledger.release(conversation_id, epoch)

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        self._check_open()
        admitted = self._ledger.admit(append, self._clock())
        if isinstance(admitted, Repeated):
            return tuple(self._events[admitted.first_position - 1 : admitted.last_position])
        self._events.extend(admitted)
        self._ledger.commit(admitted)
        self._tail.extend(admitted)
        return admitted

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        self._check_open()
        head = self._ledger.heads.get(conversation_id)
        if head is None:
            return ()
        span = self._events[head.first_position - 1 : head.last_position]
        found = [e for e in span if e.conversation_id == conversation_id and e.version > after]
        return tuple(found[:limit])

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        self._check_open()
        return tuple(self._events[after : after + limit])

    async def conversations(
        self,
        *,
        after: str | None = None,
        limit: int = 100,
        ended: bool | None = None,
        owner: str | None = None,
    ) -> Sequence[ConversationHead]:
        self._check_open()
        return self._ledger.heads.newest(after=after, limit=limit, ended=ended, owner=owner)

    async def head(self, conversation_id: str) -> ConversationHead | None:
        self._check_open()
        head = self._ledger.heads.get(conversation_id)
        return None if head is None else head.public()

    async def last_position(self) -> int:
        self._check_open()
        return self._ledger.durable_position

    async def news(self, *, after: int, limit: int = 1000) -> Sequence[Recorded]:
        self._check_open()
        return await news(self._tail, self.read_all, after, limit)

    def follow(self, *, after: int = 0) -> AsyncIterator[Recorded]:
        return follow(self._tail, self.read_all, after)

    async def verify(self) -> Verification:
        self._check_open()
        return verify(self._events, promised=self._ledger.durable_position)

    async def close(self) -> None:
        self._closed = True
        self._tail.close()

    def _check_open(self) -> None:
        if self._closed:
            raise LogUnavailable("the log is closed")
