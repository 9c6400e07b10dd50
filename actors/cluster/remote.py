"""The ports of this room, kept by processes elsewhere.

What is asked goes over a `Line` to where Ray says that the process is, and so does the sound of a
turn; no stream of it outlives a process at either end.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from ray.exceptions import GetTimeoutError, PendingCallsLimitExceeded, RayActorError, RayTaskError

from actors.appended import ScribeStatus
from actors.cluster.line import ANSWER_WITHIN_S, Line
from actors.cluster.wire import Endpoint
from actors.commands import Hear, HeardSound, Speak
from actors.directory import DirectoryStatus, ProcessDied
from actors.host import Asked, HostStatus
from actors.journal import JournalUnreachable
from actors.refusals import Busy
from actors.utterance import Portion
from events.envelope import Append, ConversationHead, Opened, Recorded, Verification
from events.readings import Features
from events.turn import Turn

PIECE_WITHIN_S = 60.0
"""The longest that an engine may take over one piece of sound."""
FIRST_ENGINE_WITHIN_S = 150.0
VERIFIED_WITHIN_S = 3600.0
STATUS_WITHIN_S = 5.0
HEARD_WITHIN_S = 60.0
"""For the longest file that may be sent, with others before it."""
NEWS_ON_THE_WAY_S = 5.0
"""Beyond the time for which the scribe was to wait for them."""


async def answer(reference: Any, within_s: float = ANSWER_WITHIN_S) -> Any:
    """The outcome of a call of Ray's, with the exception that the method raised as it raised it.

    Raises:
        ProcessDied: the actor is gone or did not answer in time; it is unknown what it did.
        Busy: its mailbox is full.
    """
    try:
        return await asyncio.wait_for(_outcome(reference), within_s)
    except RayTaskError as error:
        raise error.cause from None
    except PendingCallsLimitExceeded:
        raise Busy(1) from None
    except (RayActorError, GetTimeoutError, TimeoutError) as error:
        raise ProcessDied(type(error).__name__) from None


async def _outcome(reference: Any) -> Any:
    return await reference


def line_to(actor: Any, within_s: float = ANSWER_WITHIN_S) -> Line:
    """A line to an actor that has a method `endpoint`."""

    async def find() -> Endpoint:
        endpoint: Endpoint = await answer(actor.endpoint.remote(), within_s)
        return endpoint

    return Line(find)


class RemoteJournal:
    """The scribe, from another process."""

    def __init__(self, scribe: Any) -> None:
        self._line = line_to(scribe)

    async def open(self, conversation_id: str) -> Opened:
        return await self._ask("open", conversation_id)

    async def release(self, conversation_id: str, epoch: int) -> None:
        await self._ask("release", conversation_id, epoch)

    async def append(self, appends: Sequence[Append]) -> None:
        await self._ask("append", appends)

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        return await self._ask("read", conversation_id, after=after, limit=limit)

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return await self._ask("read_all", after=after, limit=limit)

    async def conversations(
        self,
        *,
        after: str | None = None,
        limit: int = 100,
        ended: bool | None = None,
        owner: str | None = None,
    ) -> Sequence[ConversationHead]:
        asked = {"after": after, "limit": limit, "ended": ended, "owner": owner}
        return await self._ask("conversations", **asked)

    async def head(self, conversation_id: str) -> ConversationHead | None:
        return await self._ask("head", conversation_id)

    async def last_position(self) -> int:
        return await self._ask("last_position")

    async def news(self, after: int, *, wait_s: float, limit: int = 1000) -> Sequence[Recorded]:
        within_s = wait_s + NEWS_ON_THE_WAY_S
        return await self._ask("news", after, wait_s=wait_s, limit=limit, within_s=within_s)

    async def verify(self) -> Verification:
        return await self._ask("verify", within_s=VERIFIED_WITHIN_S)

    async def status(self) -> ScribeStatus:
        return await self._ask("status", within_s=STATUS_WITHIN_S)

    async def _ask(self, method: str, *arguments: object, **named: Any) -> Any:
        try:
            return await self._line.call(method, *arguments, **named)
        except ProcessDied as died:
            raise JournalUnreachable(str(died)) from None


class RemoteAudio:
    """The archive, from another process."""

    def __init__(self, archive: Any) -> None:
        self._line = line_to(archive)

    async def keep(self, pcm: bytes) -> str:
        return await self._line.call("keep", pcm)

    async def samples(self, digest: str) -> bytes:
        return await self._line.call("samples", digest)


class RemoteEar:
    """Whoever listens, from another process."""

    def __init__(self, ear: Any) -> None:
        self._ear = ear
        self._line = line_to(ear)

    async def hear(self, upload: bytes, text: str) -> HeardSound:
        # To hand over many megabytes takes a while, in which others are to be answered.
        hearing = await asyncio.to_thread(self._ear.hear.remote, upload, text)
        return await answer(hearing, HEARD_WITHIN_S)

    async def measure(self, pcm: bytes, text: str) -> Features:
        return await self._line.call("measure", pcm, text)


class RemoteHost:
    """A `ConversationHost` in another process."""

    def __init__(self, actor: Any, endpoint: Endpoint) -> None:
        self._actor = actor
        self.endpoint = endpoint
        self._line = Line(self._find)

    def __reduce__(self) -> tuple[Any, ...]:
        return RemoteHost, (self._actor, self.endpoint)

    async def take(self, conversation_id: str) -> None:
        await self._line.call("take", conversation_id)

    async def sleep(self, conversation_id: str) -> bool:
        return await self._line.call("sleep", conversation_id)

    async def status(self) -> HostStatus:
        return await self._line.call("status", within_s=STATUS_WITHIN_S)

    async def ask(self, conversation_id: str, requests: Sequence[Asked]) -> list[object]:
        return await self._line.call("ask", conversation_id, requests)

    async def speak(
        self, conversation_id: str, command: Speak, listener_id: str
    ) -> AsyncIterator[Turn | bytes]:
        spoken = self._line.stream("speak", conversation_id, command, listener_id)
        async with aclosing(spoken) as items:
            async for item in items:
                yield item

    async def hear(self, conversation_id: str, asked: Hear) -> AsyncIterator[Turn | Portion]:
        async with aclosing(self._line.stream("hear", conversation_id, asked)) as items:
            async for item in items:
                yield item

    async def _find(self) -> Endpoint:
        return self.endpoint  # who is not there any more is not started again


class RemoteRegister:
    """The directory, from another process."""

    def __init__(self, directory: Any) -> None:
        self._line = line_to(directory)
        self._hosts: dict[Endpoint, RemoteHost] = {}

    async def locate(self, conversation_id: str) -> RemoteHost:
        host: RemoteHost = await self._line.call("locate", conversation_id)
        # One connection to a process, however many conversations it has had.
        return self._hosts.setdefault(host.endpoint, host)

    async def lost(self, conversation_id: str) -> None:
        await self._line.call("lost", conversation_id)

    async def status(self) -> DirectoryStatus:
        return await self._line.call("status", within_s=STATUS_WITHIN_S)
