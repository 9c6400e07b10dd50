"""Child processes that answer one message at a time, and are killed when they do not."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from analytics.sandbox_wire import LENGTHS, pack

Message: TypeAlias = dict[str, Any]

READY_WITHIN_S = 30.0


class TooManyWait(Exception):
    """Others are being answered; ask again in a moment."""


class Overdue(Exception):
    """The deadline has passed; the process was killed."""


class Died(Exception):
    """The process ended before it had answered."""


class NoProcess(Exception):
    """No process comes up."""


class Pool:
    """Processes started when they are needed, and used again; belongs to one event loop.

    Args:
        command: What starts a process. It is sent `greeting`, and answers when it is ready.
        greeting: The first message to each process.
        processes: How many answer at the same time.
        most_waiting: How many more may wait for their turn.
    """

    def __init__(
        self, command: Sequence[str], greeting: Message, *, processes: int, most_waiting: int
    ) -> None:
        self._command = command
        self._greeting = greeting
        self._slots = asyncio.Semaphore(processes)
        self._most = processes + most_waiting
        self._asked = 0
        self._idle: list[_Process] = []

    async def ask(self, message: Message, within_s: float) -> tuple[Message, bytes]:
        """Head and body of the answer. The deadline counts from when a process takes it up.

        Raises:
            TooManyWait, Overdue, Died, NoProcess
        """
        if self._asked >= self._most:
            raise TooManyWait
        self._asked += 1
        try:
            async with self._slots:
                return await self._answered(message, within_s)
        finally:
            self._asked -= 1

    async def prepare(self) -> None:
        """Have a process at hand; if none comes up, whoever asks will hear of it."""
        async with self._slots:
            if not self._idle:
                with suppress(NoProcess, OSError):
                    self._idle.append(await self._start())

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().end()

    async def _answered(self, message: Message, within_s: float) -> tuple[Message, bytes]:
        process = await self._free()
        try:
            async with asyncio.timeout(within_s):
                answer = await process.ask(message)
        except TimeoutError:
            await process.end()
            raise Overdue from None
        except (asyncio.IncompleteReadError, OSError, ValueError) as failure:
            await process.end()
            raise Died from failure
        except BaseException:  # whoever asked is gone
            await process.end()
            raise
        self._idle.append(process)
        return answer

    async def _free(self) -> "_Process":
        while self._idle:
            process = self._idle.pop()
            if process.alive:
                return process
            await process.end()
        return await self._start()

    async def _start(self) -> "_Process":
        process = await _Process.start(self._command)
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await process.ask(self._greeting)
        except (TimeoutError, asyncio.IncompleteReadError, OSError) as failure:
            await process.end()
            raise NoProcess from failure
        except BaseException:
            await process.end()
            raise
        return process


class _Process:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str]) -> "_Process":
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                *command,
                stdin=pipe,
                stdout=pipe,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, message: Message) -> tuple[Message, bytes]:
        to, back = self._process.stdin, self._process.stdout
        assert to is not None, "it was started with pipes"  # noqa: S101
        assert back is not None, "it was started with pipes"  # noqa: S101
        to.write(pack(message))
        await to.drain()
        head, body = LENGTHS.unpack(await back.readexactly(LENGTHS.size))
        told: Message = json.loads(await back.readexactly(head))
        return told, await back.readexactly(body)

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await asyncio.shield(self._process.communicate())
