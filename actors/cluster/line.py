"""The side that calls: a line to one process, wherever it is by now."""

import asyncio
import logging
import pickle
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any

from actors.cluster.wire import PROVE_WITHIN_S, Endpoint, Messages, proof
from actors.directory import ProcessDied
from actors.refusals import Busy

ANSWER_WITHIN_S = 30.0
MOST_WAITING = 20_000
"""Calls on one connection that wait for their answers."""

_log = logging.getLogger(__name__)


class Line:
    """Calls to one process, over one connection that is made when it is needed, and made again.

    Args:
        find: Says where the process is; asked before each connection. Raises `ProcessDied`.
    """

    def __init__(self, find: Callable[[], Awaitable[Endpoint]]) -> None:
        self._find = find
        self._connecting: asyncio.Task[_Calling] | None = None

    async def call(
        self,
        method: str,
        *arguments: object,
        within_s: float = ANSWER_WITHIN_S,
        **named: object,
    ) -> Any:
        """What the method returned; what it raised is raised here.

        Raises:
            ProcessDied: the process is gone or did not answer in time; it is unknown what it did.
            Busy: too many wait for it.
        """
        try:
            async with asyncio.timeout(within_s):
                return await (await self._connection()).call(method, arguments, named)
        except TimeoutError:
            raise ProcessDied(method) from None

    def tell(self, method: str, *arguments: object, **named: object) -> None:
        """Call without waiting for an answer; it is lost where the connection is.

        A failure is logged, by its type: what it says may quote what somebody said.
        """
        connecting = self._connecting
        if connecting is not None and _usable(connecting):
            answer = connecting.result().call(method, arguments, named)
            answer.add_done_callback(partial(_told, method))

    def close(self) -> None:
        """Hang up; whoever waits for an answer hears that the process died."""
        if self._connecting is not None and _usable(self._connecting):
            self._connecting.result().transport.abort()

    async def _connection(self) -> "_Calling":
        connecting = self._connecting
        if connecting is None or (connecting.done() and not _usable(connecting)):
            connecting = self._connecting = asyncio.create_task(self._connect())
            connecting.add_done_callback(_heard_of)
        return connecting.result() if connecting.done() else await asyncio.shield(connecting)

    async def _connect(self) -> "_Calling":
        endpoint = await self._find()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PROVE_WITHIN_S):
                _, connection = await loop.create_connection(
                    lambda: _Calling(endpoint.key), endpoint.host, endpoint.port
                )
                await connection.proved
        except OSError:
            raise ProcessDied("unreachable") from None
        return connection


class _Calling(Messages):
    """The side of a connection that calls."""

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._key = key
        self._ids = count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self.proved: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def call(
        self, method: str, arguments: Sequence[object], named: Mapping[str, object]
    ) -> asyncio.Future[Any]:
        if self.transport.is_closing():
            raise ProcessDied(method)
        if len(self._waiting) >= MOST_WAITING:
            raise Busy(1)
        call_id = next(self._ids)
        message = pickle.dumps((call_id, method, arguments, named), pickle.HIGHEST_PROTOCOL)
        answer = self._waiting[call_id] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._waiting.pop(call_id, None))
        self.send(message)
        return answer

    def received(self, message: bytes) -> None:
        if self.longest is not None:
            self.longest = None
            self.send(proof(self._key, message))
            self.proved.set_result(None)
            return
        call_id, succeeded, value = pickle.loads(message)  # noqa: S301  (of ours)
        answer = self._waiting.get(call_id)
        if answer is None or answer.done():
            return
        if succeeded:
            answer.set_result(value)
        else:
            answer.set_exception(value)

    def connection_lost(self, exc: Exception | None) -> None:
        for answer in (self.proved, *self._waiting.values()):
            if not answer.done():
                answer.set_exception(ProcessDied("connection lost"))
        with suppress(asyncio.CancelledError):
            self.proved.exception()  # perhaps nobody waits for it


def _usable(connecting: asyncio.Task[_Calling]) -> bool:
    if not connecting.done() or connecting.cancelled() or connecting.exception() is not None:
        return False
    return not connecting.result().transport.is_closing()


def _told(method: str, done: asyncio.Future[Any]) -> None:
    failure = None if done.cancelled() else done.exception()
    if failure is not None and not isinstance(failure, ProcessDied):
        kind = type(failure).__name__
        _log.error("%s, for whose answer nobody waits, failed: %s", method, kind)


def _heard_of(done: asyncio.Future[Any]) -> None:
    """Its failure is raised to whoever waits, which may be nobody."""
    if not done.cancelled():
        done.exception()
