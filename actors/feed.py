"""The newest events for any number of readers of one process, at the price of one wait for them.

One follower asks the scribe for what is new, over and over, while anybody reads. What comes is kept
for a while in tails that readers share: one of the whole log, and one of each conversation that is
being read. A reader keeps nothing but its place. One who falls behind reads from the log again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from operator import attrgetter
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

from events.envelope import ConversationHead, Recorded
from events.heads import ENDED
from events.replay import replay
from events.subscriptions import Tail

WAIT_S = 20.0
"""For which the scribe waits for an event before it says that there is none."""
AGAIN_AFTER_S = 0.1
"""After a failure: the scribe is started again, or the log opened anew, within seconds."""

_PAGE = 50
"""Events that are in the hands of a reader at a time."""
_MOST_NEWS = 1000
_KEPT = 2048
_KEPT_OF_CONVERSATION = 64

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Source(Protocol):
    """What a feed needs of the log; see `EventLog`, and `Scribe` for `news`."""

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]: ...
    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]: ...
    async def head(self, conversation_id: str) -> ConversationHead | None: ...
    async def last_position(self) -> int: ...
    async def news(self, after: int, *, wait_s: float, limit: int = 1000) -> Sequence[Recorded]: ...


class Read(Protocol):
    """Durable events above a number, oldest first."""

    async def __call__(self, *, after: int, limit: int) -> Sequence[Recorded]: ...


class Reader:
    """Reads on from a number: each event once, in order, none left out."""

    def __init__(
        self, tail: Tail, read: Read, after: int, number: Callable[[Recorded], int]
    ) -> None:
        self._tail = tail
        self._read = read
        self._number = number
        self._behind = True
        self.after = after
        """The number of the last event that was given."""

    async def next(self) -> Sequence[Recorded]:
        """The next events, as soon as there is one; none when nothing will follow.

        May be cancelled, and asked again.
        """
        events: Sequence[Recorded] = ()
        while not events and not self._tail.closed and not await self._over():
            if self._behind or await self._tail.beyond(self.after):
                events = await self._more()
        if events:
            self.after = self._number(events[-1])
        return events

    async def _over(self) -> bool:
        return False

    async def _more(self) -> Sequence[Recorded]:
        events = None if self._behind else self._tail.after(self.after, _PAGE)
        if events is None:
            events = await _insist(partial(self._read, after=self.after, limit=_PAGE))
            # A page that is not full has the last event there was while the tail was growing.
            self._behind = len(events) == _PAGE
        return events


class ConversationReader(Reader):
    """A reader of one conversation, up to its end."""

    def __init__(self, tail: Tail, source: Source, head: ConversationHead, after: int) -> None:
        super().__init__(tail, partial(source.read, head.conversation_id), after, _VERSION)
        self._source = source
        self._conversation_id = head.conversation_id
        self._ended = head.ended

    async def next(self) -> Sequence[Recorded]:
        events = await super().next()
        self._ended = self._ended or any(event.type == ENDED for event in events)
        return events

    async def _over(self) -> bool:
        over = partial(is_over, self._source, self._conversation_id, self.after)
        return self._ended and await _insist(over)


async def is_over(source: Source, conversation_id: str, version: int) -> bool:
    """Whether a conversation that ended had no event above a version, and no turn is open."""
    events = await source.read(conversation_id)
    return events[-1].version <= version and await asyncio.to_thread(_at_rest, events)


class Feed:
    """The events of a log, told to readers as they become durable."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._everything = Tail(capacity=_KEPT)
        self._conversations: WeakValueDictionary[str, Tail] = WeakValueDictionary()
        self._readers = 0
        self._following: asyncio.Task[None] | None = None
        self._closed = False

    @asynccontextmanager
    async def everything(self, after: int) -> AsyncIterator[Reader]:
        """A reader of the whole log, above a position."""
        async with self._followed():
            yield Reader(self._everything, self._source.read_all, after, _POSITION)

    @asynccontextmanager
    async def conversation(self, head: ConversationHead, after: int) -> AsyncIterator[Reader]:
        """A reader of a conversation, above a version, up to its end."""
        async with self._followed():
            tail = self._tail_of(head.conversation_id)
            yield ConversationReader(tail, self._source, head, after)

    @property
    def readers(self) -> int:
        """Who read at this moment."""
        return self._readers

    def close(self) -> None:
        """Let all readers go, also those who come later."""
        self._closed = True
        if self._following is not None:
            self._following.cancel()
        for tail in (self._everything, *self._conversations.values()):
            tail.close()

    def _tail_of(self, conversation_id: str) -> Tail:
        """The tail of a conversation, for as long as somebody reads it."""
        tail = self._conversations.get(conversation_id)
        if tail is None:
            tail = Tail(capacity=_KEPT_OF_CONVERSATION, number=_VERSION)
            self._conversations[conversation_id] = tail
            if self._closed:
                tail.close()
        return tail

    @asynccontextmanager
    async def _followed(self) -> AsyncIterator[None]:
        self._readers += 1
        try:
            await self._follow_from_now()
            yield
        finally:
            self._readers -= 1

    async def _follow_from_now(self) -> None:
        """From a position at or before the next answer of the log, which so leaves no gap."""
        if self._is_followed:
            return
        position = await _insist(self._source.last_position)
        if not self._is_followed:
            self._following = asyncio.create_task(self._follow(position))

    @property
    def _is_followed(self) -> bool:
        return self._closed or (self._following is not None and not self._following.done())

    async def _follow(self, position: int) -> None:
        # Not cancelled when the last reader leaves: its wait would go on at the scribe, beside that
        # of the next reader.
        while self._readers:
            events = await _insist(
                partial(self._source.news, position, wait_s=WAIT_S, limit=_MOST_NEWS)
            )
            if events:
                self._show(events)
                position = events[-1].position

    def _show(self, events: Sequence[Recorded]) -> None:
        self._everything.extend(events)
        by_conversation: dict[str, list[Recorded]] = {}
        for event in events:
            by_conversation.setdefault(event.conversation_id, []).append(event)
        for conversation_id, theirs in by_conversation.items():
            tail = self._conversations.get(conversation_id)
            if tail is not None:
                tail.extend(theirs)


_VERSION: Callable[[Recorded], int] = attrgetter("version")
_POSITION: Callable[[Recorded], int] = attrgetter("position")


async def _insist(ask: Callable[[], Awaitable[_T]]) -> _T:
    """Ask until there is an answer."""
    told = False
    while True:
        try:
            return await ask()
        except Exception as failure:  # noqa: BLE001  (nobody waits for this: the log must tell)
            if not told:
                _log.warning("the feed waits for the log: %s", type(failure).__name__)
            told = True
        await asyncio.sleep(AGAIN_AFTER_S)


def _at_rest(events: Sequence[Recorded]) -> bool:
    """Whether every turn that was begun has come to its end."""
    return not replay(events[0].conversation_id, events).transcript.open()
