"""The side that calls: a line to one process, wherever it is by now."""

import asyncio
import logging
import pickle
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, TypeVar

from actors import tracing
from actors.cluster.streams import GOES_ON, NOTHING_MORE, TAKEN, Taker
from actors.cluster.wire import PROVE_WITHIN_S, Endpoint, Messages, proof
from actors.directory import ProcessDied
from actors.refusals import Busy
from actors.tasks import heard_of

ANSWER_WITHIN_S = 30.0
ITEM_WITHIN_S = 60.0
"""For the next item of a stream."""
MOST_WAITING = 20_000
"""Calls on one connection that wait for their answers."""

T = TypeVar("T")

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

    async def stream(
        self, method: str, *arguments: object, **named: object
    ) -> AsyncGenerator[Any, None]:
        """What the method yields, item by item; closing this closes that.

        Raises:
            ProcessDied: the process is gone, or nothing came in time.
            Busy: too many wait for it.
            Exception: what the method raised, after the items that came before.
        """
        taker = await self._in_time(method, self._begun(method, arguments, named))
        try:
            while True:
                try:
                    item = await self._in_time(method, taker.next())
                except StopAsyncIteration:
                    return
                yield item
        finally:
            taker.leave()

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

    async def _begun(
        self, method: str, arguments: Sequence[object], named: Mapping[str, object]
    ) -> Taker:
        return (await self._connection()).stream(method, arguments, named)

    async def _in_time(self, method: str, coming: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(ITEM_WITHIN_S):
                return await coming
        except TimeoutError:
            raise ProcessDied(method) from None

    async def _connection(self) -> "_Calling":
        connecting = self._connecting
        if connecting is None or (connecting.done() and not _usable(connecting)):
            connecting = self._connecting = asyncio.create_task(self._connect())
            connecting.add_done_callback(heard_of)
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
        self._taking: dict[int, Taker] = {}
        self.proved: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def call(
        self, method: str, arguments: Sequence[object], named: Mapping[str, object]
    ) -> asyncio.Future[Any]:
        call_id = self._ask(method, arguments, named)
        answer = self._waiting[call_id] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._waiting.pop(call_id, None))
        return answer

    def stream(
        self, method: str, arguments: Sequence[object], named: Mapping[str, object]
    ) -> Taker:
        call_id = self._ask(method, arguments, named)
        taker = self._taking[call_id] = Taker(partial(self._taken, call_id))
        return taker

    def _ask(self, method: str, arguments: Sequence[object], named: Mapping[str, object]) -> int:
        if self.transport.is_closing():
            raise ProcessDied(method)
        if len(self._waiting) + len(self._taking) >= MOST_WAITING:
            raise Busy(1)
        call_id = next(self._ids)
        asked = tracing.traced((call_id, method, arguments, named))
        self.send(pickle.dumps(asked, pickle.HIGHEST_PROTOCOL))
        return call_id

    def _taken(self, call_id: int, count: int) -> None:
        if count == NOTHING_MORE:
            self._taking.pop(call_id, None)
        if not self.transport.is_closing():
            self.send(pickle.dumps((call_id, TAKEN, count), pickle.HIGHEST_PROTOCOL))

    def received(self, message: bytes) -> None:
        if self.longest is not None:
            self.longest = None
            self.send(proof(self._key, message))
            self.proved.set_result(None)
            return
        call_id, succeeded, value = pickle.loads(message)  # noqa: S301  (of ours)
        if call_id in self._taking:
            self._came(call_id, succeeded, value)
            return
        answer = self._waiting.get(call_id)
        if answer is None or answer.done():
            return
        if succeeded:
            answer.set_result(value)
        else:
            answer.set_exception(value)

    def _came(self, call_id: int, succeeded: bool | None, value: Any) -> None:
        if succeeded is GOES_ON:
            self._taking[call_id].came(value)
        else:
            self._taking.pop(call_id).end(None if succeeded else value)

    def connection_lost(self, exc: Exception | None) -> None:
        for taker in self._taking.values():
            taker.end(ProcessDied("connection lost"))
        self._taking.clear()
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
