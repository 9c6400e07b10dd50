"""Which process has which conversation; a warm, bounded set of processes, used again and again."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from actors.host import HostStatus
from actors.refusals import Busy


class ProcessDied(Exception):
    """A process is gone, or does not answer; what it was asked may have been done or not."""


class Process(Protocol):
    """A `ConversationHost` somewhere. Every method may raise `ProcessDied`."""

    async def take(self, conversation_id: str) -> None: ...
    async def sleep(self, conversation_id: str) -> bool: ...
    async def status(self) -> HostStatus: ...


QUIET_S = 0.5
"""How long nobody must have asked for a conversation before its process is taken for another's."""
MOST_LOOKED_AT = 8

P = TypeVar("P", bound=Process)


@dataclass(frozen=True, slots=True)
class DirectoryStatus:
    processes: int
    awake: int
    idle: int
    woken: int = 0
    """Conversations that were given to a process, since the directory began."""


class Directory(Generic[P]):
    """Hands conversations to processes.

    Args:
        launch: Starts a process.
        most: Processes at the most.
        warm: Idle processes to keep at hand.
        sleep_after_s: Seconds without a request after which a conversation is put to sleep.
        patience_s: Seconds to wait for a process when all are busy.
        clock: Seconds, from any origin.
    """

    def __init__(
        self,
        launch: Callable[[], Awaitable[P]],
        *,
        most: int,
        warm: int,
        sleep_after_s: float,
        patience_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._launch = launch
        self._most = most
        self._warm = warm
        self._sleep_after_s = sleep_after_s
        self._patience_s = patience_s
        self._clock = clock
        self._at: OrderedDict[str, P] = OrderedDict()  # least recently asked for first
        self._idle: deque[P] = deque()
        self._moving: dict[str, asyncio.Task[P]] = {}
        self._count = self._woken = 0
        self._taken = asyncio.Event()
        self._making_room = asyncio.Lock()

    async def locate(self, conversation_id: str) -> P:
        """The process that has the conversation, which it wakes if need be.

        Raises:
            Busy: all processes are busy.
            Exception: what waking it raised.
        """
        while (moving := self._moving.get(conversation_id)) is not None:
            await asyncio.wait([moving])
        process = self._at.get(conversation_id)
        if process is not None:
            self._at.move_to_end(conversation_id)
            return process
        return await self._move(conversation_id, self._house(conversation_id))

    async def lost(self, conversation_id: str) -> None:
        """Somebody could not reach the conversation where we said it was."""
        process = self._at.get(conversation_id)
        if process is None:
            return
        try:
            free = (await process.status()).conversation_id != conversation_id
        except ProcessDied:
            if self._forget(conversation_id, process):
                self._count -= 1
            return
        if free and self._forget(conversation_id, process):  # it surrendered the conversation
            self._idle.append(process)

    async def tend(self) -> None:
        """Put the idle to sleep, forget the dead, keep some processes at hand."""
        for conversation_id, process in list(self._at.items()):
            try:
                status = await process.status()
            except ProcessDied:
                await self.lost(conversation_id)
                continue
            if status.idle_s >= self._sleep_after_s and conversation_id not in self._moving:
                await self._put_to_sleep(conversation_id)
        await self._warm_up()

    def status(self) -> DirectoryStatus:
        return DirectoryStatus(self._count, len(self._at), len(self._idle), self._woken)

    async def replenish(self) -> None:
        """Wait until an idle process is taken, then have as many at hand again as there should be.

        New ones are started while there may be more; then whoever was quiet the longest sleeps.
        """
        await self._taken.wait()
        self._taken.clear()
        await self._warm_up()

    async def _warm_up(self) -> None:
        while len(self._idle) < self._warm:
            if self._count < self._most:
                self._idle.append(await self._start())
            elif not await self._rest_somebody():
                return

    async def _rest_somebody(self) -> bool:
        for conversation_id, process in list(self._at.items())[:MOST_LOOKED_AT]:
            try:
                status = await process.status()
            except ProcessDied:
                await self.lost(conversation_id)
                continue
            quiet = not status.busy and status.idle_s >= QUIET_S
            if quiet and conversation_id not in self._moving:
                return await self._put_to_sleep(conversation_id)
        return False

    async def _start(self) -> P:
        self._count += 1
        try:
            return await self._launch()
        except BaseException:
            self._count -= 1
            raise

    async def _house(self, conversation_id: str) -> P:
        while True:
            process = await self._free_process()
            try:
                await process.take(conversation_id)
            except ProcessDied:
                self._count -= 1
                continue
            except BaseException:
                self._idle.append(process)
                raise
            self._at[conversation_id] = process
            self._woken += 1
            return process

    async def _free_process(self) -> P:
        give_up = self._clock() + self._patience_s
        self._taken.set()
        while not self._idle:
            if self._count < self._most:
                return await self._start()
            async with self._making_room:  # first come, first served
                await self._make_room(give_up)
        return self._idle.popleft()

    async def _make_room(self, give_up: float) -> None:
        while not self._idle and self._count >= self._most:
            for conversation_id in list(self._at):
                if conversation_id not in self._moving and await self._put_to_sleep(
                    conversation_id
                ):
                    break
            else:
                if self._clock() >= give_up:
                    raise Busy(1)
                await asyncio.sleep(0.02)

    async def _put_to_sleep(self, conversation_id: str) -> bool:
        """Free a conversation's process; nobody can locate it meanwhile."""
        process = self._at.get(conversation_id)
        if process is None:
            return False
        await self._move(conversation_id, self._rest(conversation_id, process))
        return conversation_id not in self._at

    async def _rest(self, conversation_id: str, process: P) -> P:
        try:
            asleep = await process.sleep(conversation_id)
        except ProcessDied:
            await self.lost(conversation_id)
            return process
        if asleep and self._forget(conversation_id, process):
            self._idle.append(process)
        return process

    async def _move(self, conversation_id: str, moving: Awaitable[P]) -> P:
        async def run() -> P:
            try:
                return await moving
            finally:
                self._moving.pop(conversation_id, None)

        task = self._moving[conversation_id] = asyncio.create_task(run())
        return await asyncio.shield(task)

    def _forget(self, conversation_id: str, process: P) -> bool:
        """Whether it was there until now: several may notice at once that it is not."""
        if self._at.get(conversation_id) is not process:
            return False
        del self._at[conversation_id]
        return True
