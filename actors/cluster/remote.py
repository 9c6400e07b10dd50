"""The ports of this room, kept by Ray actors: one place for deadlines and for Ray's errors."""

import asyncio
import pickle
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, PendingCallsLimitExceeded, RayActorError, RayTaskError

from actors.commands import Request, Speak
from actors.directory import DirectoryStatus, ProcessDied
from actors.engines.base import Sound
from actors.host import HostStatus
from actors.journal import JournalUnreachable
from actors.refusals import Busy
from actors.synthesis.pool import Lease, PoolStatus
from actors.synthesis.stage import WorkerDied
from events.envelope import Append, ConversationHead, Opened, Recorded, Verification
from events.turn import Turn
from events.turns import Phrase

ANSWER_WITHIN_S = 30.0
WAIT_FOR_WORKER_S = 10.0
PIECE_WITHIN_S = 60.0
"""The longest that an engine may take over one piece of sound."""


def packed(value: object) -> bytes:
    """What travels on the busiest ways: Ray pickles objects in Python, but passes bytes on."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def unpacked(value: bytes) -> Any:
    return pickle.loads(value)  # noqa: S301  (between processes of ours, behind Ray's token)


async def answer(reference: Any, within_s: float = ANSWER_WITHIN_S) -> Any:
    """The outcome of a remote call, with the exception that the method raised as it raised it.

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


class RemoteJournal:
    """The scribe, from another process."""

    def __init__(self, scribe: Any) -> None:
        self._scribe = scribe

    async def open(self, conversation_id: str) -> Opened:
        return await self._ask(self._scribe.open.remote(conversation_id))

    async def release(self, conversation_id: str, epoch: int) -> None:
        await self._ask(self._scribe.release.remote(conversation_id, epoch))

    async def append(self, appends: Sequence[Append]) -> None:
        await self._ask(self._scribe.append.remote(packed(list(appends))))

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        call = self._scribe.read.remote(conversation_id, after=after, limit=limit)
        return await self._ask(call)

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return await self._ask(self._scribe.read_all.remote(after=after, limit=limit))

    async def conversations(
        self, *, after: str | None = None, limit: int = 100, ended: bool | None = None
    ) -> Sequence[ConversationHead]:
        call = self._scribe.conversations.remote(after=after, limit=limit, ended=ended)
        return await self._ask(call)

    async def last_position(self) -> int:
        return await self._ask(self._scribe.last_position.remote())

    async def verify(self) -> Verification:
        return await self._ask(self._scribe.verify.remote(), within_s=3600.0)

    async def _ask(self, reference: Any, within_s: float = ANSWER_WITHIN_S) -> Any:
        try:
            return await answer(reference, within_s)
        except ProcessDied as died:
            raise JournalUnreachable(str(died)) from None


class RemoteAudio:
    """The archive, from another process."""

    def __init__(self, archive: Any) -> None:
        self._archive = archive

    async def keep(self, pcm: bytes) -> str:
        return await answer(self._archive.keep.remote(pcm))

    async def samples(self, digest: str) -> bytes:
        return await answer(self._archive.samples.remote(digest))


class RemoteStage:
    """The synthesis pool and its workers, from another process."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def say(self, phrase: Phrase, voice: str, deadline_in_s: float) -> AsyncIterator[Sound]:
        lease, worker = await self._lease(deadline_in_s)
        died = finished = False
        try:
            call = worker.synthesise.options(num_returns="streaming")
            sounds = call.remote(lease.lease_id, phrase, voice)
            while True:
                reference = await asyncio.wait_for(_next(sounds), PIECE_WITHIN_S)
                if reference is None:
                    break
                yield await reference
            finished = True
        except RayTaskError as error:
            finished = True
            raise error.cause from None
        except (RayActorError, TimeoutError) as error:
            died = True
            raise WorkerDied(type(error).__name__) from None
        finally:
            if not finished:
                worker.cancel.remote(lease.lease_id)
            self._pool.release.remote(lease.lease_id, died=died)

    async def status(self) -> PoolStatus:
        return await answer(self._pool.status.remote())

    async def _lease(self, deadline_in_s: float) -> tuple[Lease, Any]:
        call = self._pool.lease.remote(deadline_in_s, WAIT_FOR_WORKER_S)
        leasing = asyncio.ensure_future(answer(call, WAIT_FOR_WORKER_S + 5))
        try:
            return await asyncio.shield(leasing)
        except asyncio.CancelledError:
            leasing.add_done_callback(self._give_back)
            raise
        except ProcessDied as died:
            raise WorkerDied(str(died)) from None

    def _give_back(self, leasing: "asyncio.Future[tuple[Lease, Any]]") -> None:
        if not leasing.cancelled() and leasing.exception() is None:
            self._pool.release.remote(leasing.result()[0].lease_id)


async def _next(items: Any) -> Any:
    """The reference to a stream's next item; None at its end."""
    try:
        return await anext(items)
    except StopAsyncIteration:
        return None


class RemoteHost:
    """A `ConversationHost` in another process."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    async def take(self, conversation_id: str) -> None:
        await answer(self._actor.take.remote(conversation_id))

    async def sleep(self, conversation_id: str) -> bool:
        return await answer(self._actor.sleep.remote(conversation_id))

    async def status(self) -> HostStatus:
        return await answer(self._actor.status.remote(), within_s=5.0)

    async def ask(self, conversation_id: str, requests: Sequence[Request]) -> list[object]:
        call = self._actor.ask.remote(conversation_id, packed(list(requests)))
        answers: list[object] = unpacked(await answer(call))
        return answers

    async def speak(
        self, conversation_id: str, command: Speak, listener_id: str
    ) -> AsyncIterator[Turn | bytes]:
        call = self._actor.speak.options(num_returns="streaming")
        items = call.remote(conversation_id, command, listener_id)
        try:
            while (reference := await asyncio.wait_for(_next(items), PIECE_WITHIN_S)) is not None:
                yield await reference
        except RayTaskError as error:
            raise error.cause from None
        except (RayActorError, TimeoutError) as error:
            raise ProcessDied(type(error).__name__) from None

    def end(self) -> None:
        """End the process."""
        with suppress(RayActorError):
            ray.kill(self._actor)


class RemoteRegister:
    """The directory, from another process."""

    def __init__(self, directory: Any) -> None:
        self._directory = directory

    async def locate(self, conversation_id: str) -> RemoteHost:
        return await answer(self._directory.locate.remote(conversation_id))

    async def lost(self, conversation_id: str) -> None:
        await answer(self._directory.lost.remote(conversation_id))

    async def status(self) -> DirectoryStatus:
        return await answer(self._directory.status.remote(), within_s=5.0)
