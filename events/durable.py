"""The log that lasts: the ledger decides, one thread writes, a few read."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from events.commit import Commits
from events.envelope import Append, ConversationHead, Opened, Recorded, Verification
from events.heads import Heads
from events.high_water import HighWater
from events.ledger import Ledger, Repeated
from events.log import LogCorrupt, LogTruncated, LogUnavailable
from events.store import HIGH_WATER_SUFFIX, Store
from events.subscriptions import Tail, follow, news
from events.verification import verify

Clock = Callable[[], datetime]
NewId = Callable[[], str]
_T = TypeVar("_T")

_READERS = 3
_MAX_READS = 1000


class _Session:
    """One opening of the file: everything that a failure makes worthless."""

    def __init__(self, store: Store, ledger: Ledger, tail: Tail, quiet_s: float) -> None:
        self.store, self.ledger, self._tail = store, ledger, tail
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="log-reader")
        self._reads = 0
        self._closing = False
        self.commits = Commits(
            write=store.write, settle=store.settle, committed=self._committed, quiet_s=quiet_s
        )

    @property
    def failed(self) -> bool:
        return self.commits.failure is not None or self.store.invalid

    async def read(self, work: Callable[[], _T]) -> _T:
        """Do something with the store in a reader thread."""
        if self._closing:
            raise LogUnavailable("the log is closed, or about to be opened anew")
        if self._reads >= _MAX_READS:
            raise LogUnavailable("too many reads of the log wait: ask again in a moment")
        self._reads += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, work)
        finally:
            self._reads -= 1

    async def close(self) -> None:
        self._closing = True
        await self.commits.close()
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self.store.close)

    def _committed(self, events: Sequence[Recorded]) -> None:
        self.ledger.commit(events)
        self._tail.extend(events)


class DuckDBLog:
    """The event log in a DuckDB file; for all methods see `EventLog`.

    A write that fails, for want of disk space say, makes the whole open file worthless. Everybody
    who waits is told `LogUnavailable`, all epochs are over, and the next call opens the file anew.
    """

    def __init__(self, path: Path, *, clock: Clock, new_id: NewId, quiet_s: float) -> None:
        """Not for use: see `connect`."""
        self._path = path
        self._clock, self._new_id, self._quiet_s = clock, new_id, quiet_s
        self._tail = Tail()
        self._session: _Session | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    @classmethod
    async def connect(
        cls, path: Path, *, clock: Clock, new_id: NewId, quiet_s: float = 1.0
    ) -> "DuckDBLog":
        """Open the log at `path`, made if it is not there.

        `clock` tells the time in UTC; `new_id` makes UUIDv7s in their usual spelling, lower case;
        after `quiet_s` seconds without an append the log tidies up.

        Raises:
            LogInUse, LogTooNew, LogTruncated, LogCorrupt, LogUnavailable: each says what to do.
        """
        log = cls(path, clock=clock, new_id=new_id, quiet_s=quiet_s)
        await log._live()
        return log

    async def open(self, conversation_id: str) -> Opened:
        session = await self._live()
        epoch = session.ledger.open(conversation_id)
        try:
            # From here on the writer before is stale; what it still has under way must be seen.
            await session.commits.drain()
            events = await self._conversation(session, conversation_id)
        except BaseException:
            session.ledger.release(conversation_id, epoch)
            raise
        session.ledger.remember(events)
        return Opened(epoch, events)

    async def release(self, conversation_id: str, epoch: int) -> None:
        session = await self._live()
        session.ledger.release(conversation_id, epoch)

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        session = await self._live()
        under_way = session.commits.find(append.conversation_id, append.command_id)
        if under_way is not None:
            return await under_way
        session.commits.check_room()
        admitted = session.ledger.admit(append, self._clock())
        if isinstance(admitted, Repeated):
            first, last = admitted.first_position, admitted.last_position
            return await session.read(lambda: session.store.between(first, last))
        return await session.commits.put(admitted)

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        session = await self._live()
        return await self._conversation(session, conversation_id, after=after, limit=limit)

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        session = await self._live()
        last = min(after + limit, session.ledger.durable_position)
        if last <= after:
            return ()
        return await session.read(lambda: session.store.between(after + 1, last))

    async def conversations(
        self,
        *,
        after: str | None = None,
        limit: int = 100,
        ended: bool | None = None,
        owner: str | None = None,
    ) -> Sequence[ConversationHead]:
        session = await self._live()
        return session.ledger.heads.newest(after=after, limit=limit, ended=ended, owner=owner)

    async def head(self, conversation_id: str) -> ConversationHead | None:
        head = (await self._live()).ledger.heads.get(conversation_id)
        return None if head is None else head.public()

    async def last_position(self) -> int:
        return (await self._live()).ledger.durable_position

    async def news(self, *, after: int, limit: int = 1000) -> Sequence[Recorded]:
        await self._live()
        return await news(self._tail, self.read_all, after, limit)

    def follow(self, *, after: int = 0) -> AsyncIterator[Recorded]:
        return follow(self._tail, self.read_all, after)

    async def verify(self) -> Verification:
        session = await self._live()
        promised = session.ledger.durable_position
        return await session.read(lambda: verify(session.store.scan(), promised=promised))

    async def export_segment(self, after: int, path: Path, limit: int) -> int:
        """Write up to `limit` events above position `after` to a Parquet file, whole or not at all.

        Returns the position of the last one written; `after`, and no file, if there was none.
        """
        session = await self._live()
        last = min(after + limit, session.ledger.durable_position)
        if last <= after:
            return after
        await session.read(lambda: session.store.export(after, last, path))
        return last

    async def close(self) -> None:
        self._closed = True
        self._tail.close()
        async with self._turn:
            session, self._session = self._session, None
            if session is not None:
                await session.close()

    async def _live(self) -> _Session:
        session = self._session
        if session is not None and not session.failed:
            return session
        async with self._turn:
            return await self._begin_anew()

    async def _begin_anew(self) -> _Session:
        if self._closed:
            raise LogUnavailable("the log is closed")
        session = self._session
        if session is not None:
            if not session.failed:
                return session  # somebody else was faster
            # Every trace of the old instance must go, or DuckDB hands it out again.
            self._session = None
            await session.close()
        self._session = await self._begin()
        return self._session

    async def _begin(self) -> _Session:
        now = self._clock()
        store = await asyncio.to_thread(_open, self._path, now)
        try:
            heads = Heads(await asyncio.to_thread(store.heads))
        except BaseException:
            with suppress(LogUnavailable):
                store.close()
            raise
        last = store.last_position
        ledger = Ledger(opening=store.opening, new_id=self._new_id, heads=heads, last=last)
        self._tail.restart(last)
        return _Session(store, ledger, self._tail, self._quiet_s)

    async def _conversation(
        self, session: _Session, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> tuple[Recorded, ...]:
        head = session.ledger.heads.get(conversation_id)
        if head is None:
            return ()
        return await session.read(
            lambda: session.store.conversation(head, after=after, limit=limit)
        )


def inspect(path: Path) -> Verification:
    """Check a log that nobody has open, as it lies there: also one that `connect` refuses.

    Raises: as `look_at`.
    """
    store = look_at(path)
    try:
        return verify(store.scan(), promised=store.last_position)
    finally:
        store.close()


def look_at(path: Path) -> Store:
    """Open a log that nobody has open, only to read it, unchecked.

    Raises:
        LogInUse, LogCorrupt, LogTruncated, LogUnavailable: each says what to do.
    """
    with _said_in_our_words(path):
        if path.is_file() and not path.stat().st_size:
            _refuse_empty(path)
        return Store.look_at(path)


def _open(path: Path, now: datetime) -> Store:
    with _said_in_our_words(path):
        return Store.open(path, now=now)


_MAGIC, _MAGIC_AT = b"DUCK", 8
"""How each DuckDB file begins, after a checksum."""


@contextmanager
def _said_in_our_words(path: Path) -> Iterator[None]:
    """Say what to do about what is no log, or a damaged one."""
    if path.is_dir():
        raise LogUnavailable(
            f"{path} is a directory, not a log: move it away, or choose another log"
        )
    try:
        yield
    except LogCorrupt as error:
        if error.__cause__ is None:
            raise
        raise LogCorrupt(_remedy(path)) from error


def _remedy(path: Path) -> str:
    # Danger: closing the file gives up every lock that this process has on it. It has none, or
    # the log would have been refused as being in use.
    with path.open("rb") as file:
        known = file.read(_MAGIC_AT + len(_MAGIC)).endswith(_MAGIC)
    if known:
        return f"{path} is damaged: restore it from a backup, or choose another log"
    return f"{path} is no log: move it away, restore the log from a backup, or choose another"


def _refuse_empty(path: Path) -> None:
    high_water = HighWater.take(path.with_name(path.name + HIGH_WATER_SUFFIX))
    try:
        promised = high_water.mark.position
    finally:
        high_water.close()
    if promised:
        raise LogTruncated(0, promised)
    raise LogUnavailable(
        f"{path} is empty, nothing was ever recorded in it: serve once, and it is made"
    )
