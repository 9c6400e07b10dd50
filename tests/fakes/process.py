"""A conversation process, in this process: nothing gets in or out that does not travel."""

import asyncio
import pickle
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from actors.commands import Hear, Request, Speak
from actors.directory import ProcessDied
from actors.engines.base import Sound
from actors.host import ConversationHost, HostStatus
from actors.synthesis.claims import NOBODYS, Claim
from actors.take import Means
from actors.utterance import Portion
from events.direction import Phrase
from events.envelope import Append, Opened, Recorded
from events.readings import Features
from events.turn import Turn

T = TypeVar("T")


def travelled(thing: T) -> T:
    """The thing, as another process would get it."""
    return cast("T", pickle.loads(pickle.dumps(thing)))  # noqa: S301


class _Life:
    """Whether the process lives; the dead neither speak nor write."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def check(self) -> None:
        if self.over.is_set():
            await asyncio.Event().wait()


class _Line:
    """A port as a process has it: it falls silent when the process dies."""

    def __init__(self, port: Any, life: _Life) -> None:
        self._port = port
        self._life = life

    async def open(self, conversation_id: str) -> Opened:
        await self._life.check()
        opened: Opened = await self._port.open(conversation_id)
        return travelled(opened)

    async def release(self, conversation_id: str, epoch: int) -> None:
        await self._life.check()
        await self._port.release(conversation_id, epoch)

    async def append(self, appends: Sequence[Append]) -> None:
        await self._life.check()
        await self._port.append(travelled(appends))

    async def read(self, conversation_id: str) -> Sequence[Recorded]:
        await self._life.check()
        return travelled(await self._port.read(conversation_id))

    async def keep(self, pcm: bytes) -> str:
        await self._life.check()
        return cast("str", await self._port.keep(pcm))

    async def measure(self, pcm: bytes, text: str) -> Features:
        await self._life.check()
        return travelled(await self._port.measure(pcm, text))

    async def admit(self, claim: Claim, deadline_in_s: float, characters: int) -> None:
        await self._life.check()
        await self._port.admit(travelled(claim), deadline_in_s, characters)

    def leave(self, claim: Claim) -> None:
        if not self._life.over.is_set():
            self._port.leave(travelled(claim))

    async def say(
        self,
        phrase: Phrase,
        voice: str,
        deadline_in_s: float,
        after_s: float,
        claim: Claim = NOBODYS,
    ) -> AsyncIterator[Sound]:
        sounds = self._port.say(travelled(phrase), voice, deadline_in_s, after_s, travelled(claim))
        try:
            async for sound in sounds:
                await self._life.check()
                yield travelled(sound)
        finally:
            await sounds.aclose()


class LocalProcess:
    def __init__(self, means: Means) -> None:
        self._life = _Life()
        journal, stage, audio, ear = (
            _Line(port, self._life) for port in (means.journal, means.stage, means.audio, means.ear)
        )
        ours = replace(means, journal=journal, stage=stage, audio=audio, ear=ear)
        self._host = ConversationHost(ours, means.clock)
        self.taken: list[str] = []

    def kill(self) -> None:
        self._life.over.set()

    async def take(self, conversation_id: str) -> None:
        self.taken.append(conversation_id)
        await self._call(self._host.take(conversation_id))

    async def sleep(self, conversation_id: str) -> bool:
        return await self._call(self._host.sleep(conversation_id))

    async def status(self) -> HostStatus:
        if self._life.over.is_set():
            raise ProcessDied("killed")
        return travelled(self._host.status())

    async def ask(self, conversation_id: str, requests: Sequence[Request]) -> list[object]:
        return await self._call(self._host.ask(conversation_id, travelled(requests)))

    async def speak(
        self, conversation_id: str, command: Speak, listener_id: str
    ) -> AsyncIterator[Turn | bytes]:
        async for item in self._streamed(
            self._host.speak(conversation_id, travelled(command), listener_id)
        ):
            yield item

    async def hear(self, conversation_id: str, asked: Hear) -> AsyncIterator[Turn | Portion]:
        async for item in self._streamed(self._host.hear(conversation_id, travelled(asked))):
            yield item

    async def _streamed(self, items: AsyncIterator[T]) -> AsyncIterator[T]:
        while True:
            try:
                item = await self._call(anext(items))
            except StopAsyncIteration:
                return
            yield item

    async def _call(self, work: Awaitable[T]) -> T:
        """The outcome of a call, or `ProcessDied` as soon as the process is dead."""
        working = asyncio.ensure_future(work)
        dying = asyncio.ensure_future(self._life.over.wait())
        try:
            await asyncio.wait({working, dying}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            dying.cancel()
        if self._life.over.is_set():
            working.cancel()
            await asyncio.wait({working})
            if not working.cancelled():
                working.exception()  # nobody will hear of it
            raise ProcessDied("killed")
        try:
            return travelled(working.result())
        except StopAsyncIteration:
            raise
        except Exception as error:  # noqa: BLE001  (whatever it is, it travels)
            raise travelled(error) from None
