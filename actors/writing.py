"""The one writer of a conversation.

Commands that arrive while the last ones are being written wait together, are decided one after the
other on the state that each leaves behind, and go to the log in one call. If that call fails, so do
all of them, and the state is read anew: what is in memory is never ahead of the log for long, and
what a caller was told never is.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from actors import tracing
from actors.journal import Journal, JournalUnreachable
from actors.refusals import Busy
from events.codec import CODEC
from events.envelope import Append
from events.log import LogUnavailable, StaleEpoch, VersionConflict
from events.replay import replay
from events.state import State, evolve
from events.transcript import Transcript
from events.turns import Event

Decide = Callable[[State, Transcript], Sequence[Event]]

MOST_TOGETHER = 256
MOST_WAITING = 2048
PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Before each new attempt to reach the scribe, who is back within a second of a crash."""


class Surrendered(Exception):
    """Somebody else owns the conversation now; ask the directory where it is."""


@dataclass(slots=True)
class _Waiting:
    command_id: str
    decide: Decide
    done: asyncio.Future[bool]
    place: tracing.Trace | None
    """In a trace, from which it was asked."""


class Writer:
    """State and transcript of a conversation, and the only way to change them."""

    def __init__(self, conversation_id: str, journal: Journal) -> None:
        self.state = State(conversation_id)
        self.transcript = Transcript()
        self.epoch = 0
        self._journal = journal
        self._recorded: set[str] = set()
        self._inbox: deque[_Waiting] = deque()
        self._drain: asyncio.Task[None] | None = None
        self._stale = False
        self._surrendered = False

    @property
    def busy(self) -> bool:
        return self._drain is not None

    async def wake(self) -> None:
        """Take the conversation over from whoever had it, and read it."""
        opened = await self._journal.open(self.state.conversation_id)
        replayed = replay(self.state.conversation_id, opened.events)
        self.state, self.transcript = replayed.state, replayed.transcript
        self.epoch = opened.epoch
        self._recorded = {event.command_id for event in opened.events}
        self._stale = False

    async def release(self) -> None:
        self._surrendered = True
        with suppress(JournalUnreachable, LogUnavailable):
            await self._journal.release(self.state.conversation_id, self.epoch)

    async def settled(self) -> None:
        """Wait until all that was asked before is durable."""
        await self._asked("", lambda _state, _turns: [])

    async def write(self, command_id: str, decide: Decide) -> bool:
        """Decide, write and evolve; returns once it is durable.

        `decide` may be called again, on a state read anew, after the log could not be reached.

        Returns:
            Whether the command made a difference; False if there was nothing left to do.

        Raises:
            Exception: what `decide` raised; nothing was written.
            LogUnavailable, JournalUnreachable: ask again with the same command id.
            Surrendered: this process does not own the conversation any more.
            Busy: too many wait.
        """
        with tracing.span("append", conversation_id=self.state.conversation_id):
            return await self._asked(command_id, decide)

    async def _asked(self, command_id: str, decide: Decide) -> bool:
        if self._surrendered:
            raise Surrendered
        if len(self._inbox) >= MOST_WAITING:
            raise Busy(1)
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._inbox.append(_Waiting(command_id, decide, done, tracing.here()))
        if self._drain is None:
            self._drain = asyncio.create_task(self._work())
        return await asyncio.shield(done)

    async def _work(self) -> None:
        try:
            while self._inbox:
                if self._surrendered:  # taken while these waited: it is not ours to take back
                    _refuse(self._inbox, Surrendered())
                    self._inbox.clear()
                    break
                batch = [self._inbox.popleft() for _ in range(min(len(self._inbox), MOST_TOGETHER))]
                try:
                    await self._write(batch)
                except Exception as failure:  # noqa: BLE001  (every caller hears of it)
                    self._stale = True
                    _refuse(batch, failure)
        finally:
            self._drain = None

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        for pause in (*PAUSES_S, None):
            try:
                if self._stale:
                    await self.wake()
                await self._attempt(batch)
            except (JournalUnreachable, VersionConflict) as failure:
                self._stale = True
                if pause is None:
                    raise
                if isinstance(failure, JournalUnreachable):
                    await asyncio.sleep(pause)
            except StaleEpoch as stale:
                self._stale = True
                if stale.taken:
                    self._surrendered = True
                    raise Surrendered from stale
                if pause is None:
                    raise
            else:
                return

    async def _attempt(self, batch: Sequence[_Waiting]) -> None:
        appends = [append for waiting in batch if (append := self._decided(waiting))]
        if appends:
            with tracing.within(batch[0].place):  # they travel together, as a part of one trace
                await self._journal.append(appends)
        self._recorded.update(append.command_id for append in appends)
        for waiting in batch:
            if not waiting.done.done():
                waiting.done.set_result(waiting.command_id in self._recorded)

    def _decided(self, waiting: _Waiting) -> Append | None:
        """The command's append, with the state evolved as if it were written already."""
        if waiting.done.done() or waiting.command_id in self._recorded:
            return None
        try:
            events = waiting.decide(self.state, self.transcript)
        except Exception as refusal:  # noqa: BLE001  (the caller's, whatever it is)
            _refuse([waiting], refusal)
            return None
        if not events:
            return None
        before = self.state.version
        self._evolve(events)
        return Append(
            self.state.conversation_id,
            before,
            self.epoch,
            waiting.command_id,
            CODEC.encode_all(events),
        )

    def _evolve(self, events: Iterable[Event]) -> None:
        for event in events:
            self.state = evolve(self.state, event)
            self.transcript.apply(event)


def _refuse(batch: Iterable[_Waiting], refusal: Exception) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_exception(refusal)
