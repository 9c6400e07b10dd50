"""The way from a door to a conversation, wherever it is, and however often it moves."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, Protocol, overload

from actors import tracing
from actors.commands import (
    Consider,
    Dictate,
    Dictated,
    GetState,
    GetTurn,
    GetTurns,
    Hear,
    Heard,
    Interrupt,
    Listen,
    ListenToMany,
    Obey,
    Obeyed,
    Part,
    Request,
    Speak,
)
from actors.directory import ProcessDied
from actors.host import Asked, NotHere
from actors.journal import JournalUnreachable
from actors.utterance import Portion
from events.state import State
from events.turn import Turn

MOST_REMEMBERED = 10_000
MOST_TOGETHER = 128
TRIES = 4


class Host(Protocol):
    """A `ConversationHost` somewhere. Every method may raise `ProcessDied`."""

    async def ask(self, conversation_id: str, requests: Sequence[Asked]) -> list[object]: ...

    def speak(
        self, conversation_id: str, command: Speak, listener_id: str
    ) -> AsyncIterator[Turn | bytes]: ...

    def hear(self, conversation_id: str, asked: Hear) -> AsyncIterator[Turn | Portion]: ...


class Register(Protocol):
    """A `Directory` somewhere."""

    async def locate(self, conversation_id: str) -> Host: ...
    async def lost(self, conversation_id: str) -> None: ...


class Reception:
    """Brings requests to conversations.

    Requests to one conversation that come while others to it are under way travel together. What
    may not have arrived is asked again, in the same words, wherever the conversation is by then:
    every request has a name that makes its repetition harmless.
    """

    def __init__(self, register: Register, new_id: Callable[[], str]) -> None:
        self._register = register
        self._new_id = new_id
        self._hosts: OrderedDict[str, Host] = OrderedDict()
        self._waiting: dict[str, list[tuple[Asked, asyncio.Future[Any]]]] = {}
        self._carriers: set[asyncio.Task[None]] = set()

    @overload
    async def ask(self, conversation_id: str, request: Obey) -> Obeyed: ...
    @overload
    async def ask(self, conversation_id: str, request: GetState) -> State: ...
    @overload
    async def ask(self, conversation_id: str, request: GetTurn) -> Turn: ...
    @overload
    async def ask(self, conversation_id: str, request: GetTurns) -> tuple[Turn, ...]: ...
    @overload
    async def ask(self, conversation_id: str, request: Listen | Interrupt) -> tuple[Turn, int]: ...
    @overload
    async def ask(self, conversation_id: str, request: ListenToMany) -> Heard: ...
    @overload
    async def ask(self, conversation_id: str, request: Dictate) -> Dictated: ...
    @overload
    async def ask(self, conversation_id: str, request: Consider) -> tuple[Turn, int] | None: ...
    @overload
    async def ask(self, conversation_id: str, request: Part) -> None: ...
    async def ask(self, conversation_id: str, request: Request) -> Any:
        """The answer to a request; see `actors.commands` for what each is answered with.

        Raises:
            Refused: nothing was recorded.
            LogUnavailable, JournalUnreachable, ProcessDied: ask again in the same words.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.get(conversation_id)
        traced = tracing.traced(request)  # others that travel with it are parts of other traces
        if waiting is not None:
            waiting.append((traced, answer))
        else:
            self._waiting[conversation_id] = [(traced, answer)]
            carrier = asyncio.create_task(self._carry(conversation_id))
            self._carriers.add(carrier)
            carrier.add_done_callback(self._carriers.discard)
        return await answer

    async def speak(self, conversation_id: str, command: Speak) -> tuple[str, Turn, "Sound"]:
        """Have a line spoken: the listener's name, the turn, and its sound as it comes.

        Raises: as `ask`.
        """
        listener_id = self._new_id()
        for last in (*[False] * (TRIES - 1), True):
            host = await self._locate(conversation_id)
            items = host.speak(conversation_id, command, listener_id)
            try:
                turn = await anext(items)
            except (NotHere, ProcessDied, JournalUnreachable) as missed:
                await self._missed(conversation_id, missed)
                if last:
                    raise ProcessDied(conversation_id) from missed
                continue
            if not isinstance(turn, Turn):
                raise TypeError("a host speaks of the turn first")
            return listener_id, turn, _sound(items)
        raise AssertionError("the last try returns or raises")

    async def hear(self, conversation_id: str, asked: Hear) -> tuple[Turn, AsyncIterator[Portion]]:
        """A turn that is being dictated, once it is begun, and its sound as it comes.

        Raises: as `ask`.
        """
        for last in (*[False] * (TRIES - 1), True):
            host = await self._locate(conversation_id)
            items = host.hear(conversation_id, asked)
            try:
                turn = await anext(items)
            except (NotHere, ProcessDied) as missed:
                await self._missed(conversation_id, missed)
                if last:
                    raise ProcessDied(conversation_id) from missed
                continue
            if not isinstance(turn, Turn):
                raise TypeError("a host speaks of the turn first")
            return turn, _portions(items)
        raise AssertionError("the last try returns or raises")

    async def _carry(self, conversation_id: str) -> None:
        waiting = self._waiting[conversation_id]
        while waiting:
            batch = waiting[:MOST_TOGETHER]
            del waiting[: len(batch)]
            try:
                answers = await self._deliver(conversation_id, [request for request, _ in batch])
            except Exception as failure:  # noqa: BLE001  (every asker hears of it)
                answers = [failure] * len(batch)
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, BaseException):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        del self._waiting[conversation_id]

    async def _deliver(self, conversation_id: str, requests: Sequence[Asked]) -> list[Any]:
        for last in (*[False] * (TRIES - 1), True):
            host = await self._locate(conversation_id)
            try:
                return await host.ask(conversation_id, requests)
            except (NotHere, ProcessDied) as missed:
                await self._missed(conversation_id, missed)
                if last:
                    raise ProcessDied(conversation_id) from missed
        raise AssertionError("the last try returns or raises")

    async def _locate(self, conversation_id: str) -> Host:
        host = self._hosts.get(conversation_id)
        if host is None:
            host = self._hosts[conversation_id] = await self._register.locate(conversation_id)
            if len(self._hosts) > MOST_REMEMBERED:
                self._hosts.popitem(last=False)
        return host

    async def _missed(self, conversation_id: str, missed: Exception) -> None:
        self._hosts.pop(conversation_id, None)
        await self._register.lost(conversation_id)


Sound = AsyncIterator[bytes]


async def _portions(items: AsyncIterator[Turn | Portion]) -> AsyncIterator[Portion]:
    async with aclosing(items):  # type: ignore[type-var]
        async for item in items:
            if isinstance(item, Portion):
                yield item


async def _sound(items: AsyncIterator[Turn | bytes]) -> Sound:
    async with aclosing(items):  # type: ignore[type-var]
        async for item in items:
            if isinstance(item, bytes):
                yield item
