"""The side that is called: some methods, for whoever knows the key."""

import asyncio
import hmac
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from inspect import isasyncgenfunction, isawaitable
from secrets import token_bytes
from typing import Any, cast

from actors import tracing
from actors.cluster.streams import GOES_ON, NOTHING_MORE, TAKEN, Giver, Items
from actors.cluster.wire import PROOF_BYTES, PROVE_WITHIN_S, Endpoint, Messages, proof
from actors.refusals import Busy
from actors.tracing import Traced

Methods = Mapping[str, Callable[..., object]]
"""By name; what they return may have to be awaited. What an asynchronous generator yields is given
item by item."""

MOST_AT_ONCE = 1000
"""Calls of one connection that are being answered; what comes after them waits on the network."""
MOST_STREAMS = 1000
"""Of one connection, beside its calls. More are refused: what is said of those that are under way
cannot wait on the network."""


class Exchange:
    """Answers calls of some methods, on a port of a host.

    It opens when it is first asked for its endpoint.
    """

    def __init__(self, methods: Methods, host: str) -> None:
        self._methods = methods
        self._host = host
        self._key = token_bytes(PROOF_BYTES)
        self._opening: asyncio.Task[asyncio.Server] | None = None
        self._connected: set[_Answering] = set()

    async def endpoint(self) -> Endpoint:
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        server = await asyncio.shield(self._opening)
        return Endpoint(self._host, server.sockets[0].getsockname()[1], self._key)

    async def close(self) -> None:
        """Hang up on everybody, and take no further calls."""
        if self._opening is not None:
            (await self._opening).close()
        for connection in self._connected:
            connection.transport.abort()

    async def _open(self) -> asyncio.Server:
        def answering() -> _Answering:
            return _Answering(self._methods, self._key, self._connected)

        return await asyncio.get_running_loop().create_server(answering, self._host, 0)


def methods_of(target: object, names: Iterable[str]) -> Methods:
    """Those of an object that have these names."""
    return {name: getattr(target, name) for name in names}


class _Answering(Messages):
    """The side of a connection that is called."""

    def __init__(self, methods: Methods, key: bytes, connected: "set[_Answering]") -> None:
        super().__init__()
        self._methods = methods
        self._expected = b""
        self._key = key
        self._connected = connected
        self._answering: set[asyncio.Task[None]] = set()
        self._giving: dict[int, tuple[Giver, asyncio.Task[None]]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connected.add(self)
        challenge = token_bytes(PROOF_BYTES)
        self._expected = proof(self._key, challenge)
        self.send(challenge)
        asyncio.get_running_loop().call_later(PROVE_WITHIN_S, self._drop_unproved)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connected.discard(self)
        for _, task in self._giving.values():
            task.cancel()

    def received(self, message: bytes) -> None:
        if self.longest is None:
            self._opened(pickle.loads(message))  # noqa: S301  (the caller proved who it is)
        elif hmac.compare_digest(message, self._expected):
            self.longest = None
        else:
            self.transport.abort()

    def _opened(self, asked: Any) -> None:
        if isinstance(asked, Traced):
            with tracing.within(asked.place):  # and so does the task that answers
                self._take(*asked.asked)
        else:
            self._take(*asked)

    def _take(self, call_id: int, method: str | None, *arguments: Any) -> None:
        if method is TAKEN:
            self._taken(call_id, *arguments)
        elif isasyncgenfunction(self._methods.get(method)):
            self._begin_stream(call_id, method, *arguments)
        else:
            self._begin(call_id, method, *arguments)

    def _begin(self, call_id: int, method: str, *arguments: Any) -> None:
        task = asyncio.create_task(self._answer(call_id, method, *arguments))
        self._answering.add(task)
        task.add_done_callback(self._ended)
        if len(self._answering) == MOST_AT_ONCE:
            self.full = True
            self.transport.pause_reading()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        if self.full and not self.transport.is_closing():
            self.full = False
            self.receive()
            if not self.full:
                self.transport.resume_reading()

    async def _answer(
        self, call_id: int, method: str, arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> None:
        try:
            result = self._methods[method](*arguments, **named)
            answer = (call_id, True, await result if isawaitable(result) else result)
        except Exception as failure:  # noqa: BLE001  (the caller hears of it)
            answer = (call_id, False, failure)
        # Whoever called may be gone; what was asked is done all the same.
        self._reply(answer)

    def _begin_stream(
        self, call_id: int, method: str, arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> None:
        if len(self._giving) >= MOST_STREAMS:
            self._reply((call_id, False, Busy(1)))
            return
        try:
            items = self._methods[method](*arguments, **named)
        except TypeError as failure:
            self._reply((call_id, False, failure))
            return
        giver = Giver(cast("Items", items), partial(self._give, call_id))
        task = asyncio.create_task(self._stream(call_id, giver))
        self._giving[call_id] = giver, task
        task.add_done_callback(lambda _: self._giving.pop(call_id, None))

    async def _stream(self, call_id: int, giver: Giver) -> None:
        """To its end, or until nobody takes it any more."""
        try:
            await giver.give()
        except Exception as failure:  # noqa: BLE001  (the caller hears of it)
            self._reply((call_id, False, failure))
        else:
            self._reply((call_id, True, None))

    def _give(self, call_id: int, item: object) -> None:
        try:
            message = pickle.dumps((call_id, GOES_ON, item), pickle.HIGHEST_PROTOCOL)
        except Exception as failure:  # noqa: BLE001  (as in `_pickled`)
            raise _unsent(failure) from None
        if not self.transport.is_closing():
            self.send(message)

    def _taken(self, call_id: int, count: int) -> None:
        giver, task = self._giving.get(call_id, (None, None))
        if giver is None or task is None:  # its end is on the way
            return
        if count == NOTHING_MORE:
            task.cancel()
        else:
            giver.taken(count)

    def _reply(self, answer: tuple[int, bool, object]) -> None:
        if not self.transport.is_closing():
            self.send(_pickled(answer))

    def _drop_unproved(self) -> None:
        if self.longest is not None:
            self.transport.abort()


def _pickled(answer: tuple[int, bool, object]) -> bytes:
    try:
        return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except Exception as failure:  # noqa: BLE001  (whatever pickle raises of a stranger's object)
        return pickle.dumps((answer[0], False, _unsent(failure)), pickle.HIGHEST_PROTOCOL)


def _unsent(failure: Exception) -> RuntimeError:
    return RuntimeError(f"an answer that cannot be sent: {type(failure).__name__}")
