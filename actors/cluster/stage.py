"""The stage, kept by the pool and its workers elsewhere."""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from time import monotonic
from typing import Any

import ray

from actors import tracing
from actors.cluster.line import Line
from actors.cluster.remote import (
    FIRST_ENGINE_WITHIN_S,
    PIECE_WITHIN_S,
    STATUS_WITHIN_S,
    answer,
    line_to,
)
from actors.cluster.wire import Endpoint
from actors.directory import ProcessDied
from actors.engines.base import EngineDescription, Sound
from actors.synthesis.claims import NOBODYS, Claim
from actors.synthesis.stage import WorkerDied, WorkerSilent, seconds
from actors.synthesis.status import PoolStatus
from actors.synthesis.workplaces import Lease, Outcome
from events.direction import Phrase

WAIT_FOR_WORKER_S = 10.0


class RemoteWorker:
    """A worker, from the pool's process: see `WorkerControl`."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker

    async def ready(self) -> None:
        await self._ask(self._worker.engine.remote())

    async def speaking(self) -> Mapping[int, float]:
        return await self._ask(self._worker.speaking.remote())

    def restart(self) -> None:
        ray.kill(self._worker, no_restart=False)

    def end(self) -> None:
        ray.kill(self._worker)

    async def _ask(self, reference: Any) -> Any:
        try:
            async with asyncio.timeout(STATUS_WITHIN_S):
                return await answer(reference)
        except TimeoutError:
            raise WorkerSilent from None
        except ProcessDied as died:
            raise WorkerDied(str(died)) from None


class RemoteStage:
    """The synthesis pool and its workers, from another process."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._line = Line(self._find)
        self._workers: Mapping[int, Any] = {}
        self._lines: dict[Any, Line] = {}

    async def admit(self, claim: Claim, deadline_in_s: float, characters: int) -> None:
        try:
            await self._line.call("admit", claim, deadline_in_s, characters)
        except ProcessDied as died:
            raise WorkerDied(str(died)) from None

    def leave(self, claim: Claim) -> None:
        self._line.tell("leave", claim)

    async def say(
        self,
        phrase: Phrase,
        voice: str,
        deadline_in_s: float,
        after_s: float,
        claim: Claim = NOBODYS,
    ) -> AsyncIterator[Sound]:
        heard = _Heard(deadline_in_s, begun=after_s > 0.0)
        patience_s = PIECE_WITHIN_S if after_s else WAIT_FOR_WORKER_S
        lease = await self._lease(deadline_in_s, patience_s, claim, len(phrase.text))
        died = finished = False
        try:
            worker = await self._worker(lease.worker)
            asked = (lease.lease_id, phrase, voice, after_s, lease.due_in_s)
            async with aclosing(worker.stream("synthesise", *asked)) as sounds:
                async for together in sounds:
                    for sound in together:
                        heard.add(sound)
                        yield sound
            finished = True
        except ProcessDied as gone:
            died = True
            raise WorkerDied(str(gone)) from None
        finally:
            came = heard.outcome(died=died, finished=finished)
            self._line.tell("release", lease.lease_id, came)

    async def status(self) -> PoolStatus:
        return await self._line.call("status")

    async def engine(self) -> EngineDescription:
        return await self._line.call("engine", within_s=FIRST_ENGINE_WITHIN_S)

    async def _find(self) -> Endpoint:
        endpoint: Endpoint
        endpoint, self._workers = await answer(self._pool.endpoint.remote())
        known, self._lines = self._lines, {}
        for worker in self._workers.values():
            self._lines[worker] = known.pop(worker) if worker in known else line_to(worker)
        for gone in known.values():
            gone.close()
        return endpoint

    async def _worker(self, number: int) -> Line:
        if number not in self._workers:  # it came after we asked who is there
            await self._find()
        if number not in self._workers:
            raise ProcessDied(f"worker {number}")
        return self._lines[self._workers[number]]

    async def _lease(
        self, deadline_in_s: float, patience_s: float, claim: Claim, characters: int
    ) -> Lease:
        asked = (deadline_in_s, patience_s, claim, characters)
        call = self._line.call("lease", *asked, within_s=patience_s + 5)
        leasing = asyncio.ensure_future(call)
        try:
            with tracing.span("wait for a worker", **_of(claim), characters=characters):
                return await asyncio.shield(leasing)
        except asyncio.CancelledError:
            leasing.add_done_callback(self._unwanted)
            raise
        except ProcessDied as died:
            raise WorkerDied(str(died)) from None

    def _unwanted(self, leasing: "asyncio.Future[Lease]") -> None:
        if not leasing.cancelled() and leasing.exception() is None:
            self._line.tell("release", leasing.result().lease_id)


def _of(claim: Claim) -> dict[str, tracing.Attribute]:
    return {"conversation_id": claim.conversation_id, "turn_id": claim.turn_id}


class _Heard:
    """What came of a phrase, what it cost, and how late it was."""

    def __init__(self, deadline_in_s: float, *, begun: bool) -> None:
        self.sound_s = self.worked_s = self.late_s = 0.0
        self._dry_at = monotonic() + deadline_in_s if begun else math.inf

    def add(self, sound: Sound) -> None:
        now = monotonic()
        dry_at = now if math.isinf(self._dry_at) else self._dry_at  # it begins to be heard
        self.late_s = max(self.late_s, now - dry_at)
        self.sound_s += seconds(len(sound.pcm))
        self.worked_s += sound.worked_s
        self._dry_at = max(now, dry_at) + seconds(len(sound.pcm))

    def outcome(self, *, died: bool, finished: bool) -> Outcome:
        return Outcome(self.sound_s, self.worked_s, self.late_s, died, finished)
