"""The processes that speak: the pool, and its workers."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from typing import Any

import ray

from actors import tracing
from actors.cluster.exchange import Exchange, methods_of
from actors.cluster.process import TEND_EVERY_S, exchange_of, repeatedly, settle_in, trace_to
from actors.cluster.remote import FIRST_ENGINE_WITHIN_S, answer
from actors.cluster.settings import ClusterSettings
from actors.cluster.stage import RemoteWorker
from actors.cluster.wire import Endpoint
from actors.engines.base import EngineDescription, EngineError, Sound
from actors.engines.choice import choose_engine, load_engine
from actors.synthesis.conveyor import conveyed
from actors.synthesis.pool import SynthesisPool
from actors.synthesis.sizing import Sizing
from actors.synthesis.upkeep import Crew, tend
from actors.synthesis.worker import SynthesisWorker
from actors.synthesis.workplaces import Lease
from events.direction import Phrase

LEASE_S = 120.0
CROWD = 8
"""Phrases that may be open at a worker for each that it speaks at a time, so that whoever begins is
heard as soon as a piece of sound of another is made, not the whole of its phrase."""
REAL_TIME_FACTORS = {"kokoro": 0.4}
"""What an engine is taken to cost until it is known; others next to nothing."""
OF_POOL = ("admit", "leave", "lease", "release", "status")
OF_WORKER = ("synthesise",)


class WorkerProcess:
    def __init__(self, settings: ClusterSettings) -> None:
        trace_to(settings.traces_to, "worker")
        # An error here would reach nobody: Ray says only that the actor died.
        self._unfit: EngineError | None = None
        try:
            choice = choose_engine(settings.engine, settings.model_dir)
            engine = load_engine(choice, device=settings.device, calibrating=True)
            self._worker = SynthesisWorker(engine, settings.threads_per_worker)
        except EngineError as unfit:
            self._unfit = unfit
        self._voices = ThreadPoolExecutor(CROWD * settings.threads_per_worker)
        self._exchange = exchange_of(self, OF_WORKER)
        settle_in()

    async def endpoint(self) -> Endpoint:
        return await self._exchange.endpoint()

    async def synthesise(
        self, lease_id: int, phrase: Phrase, voice: str, after_s: float, due_in_s: float
    ) -> AsyncGenerator[tuple[Sound, ...], None]:
        """The sound of a phrase, as many pieces at a time as there are; closing it cancels."""
        worker = self._fit()
        sounds = worker.synthesise(
            lease_id, phrase, voice, after_s, due_in_s=due_in_s, place=tracing.here()
        )
        finished = False
        try:
            async with aclosing(conveyed(sounds, self._voices)) as pieces:
                async for together in pieces:
                    yield together
            finished = True
        finally:
            if not finished:
                worker.cancel(lease_id)

    def cancel(self, lease_id: int) -> None:
        self._fit().cancel(lease_id)

    def speaking(self) -> Mapping[int, float]:
        """See `SynthesisWorker.speaking`."""
        return self._fit().speaking

    def engine(self) -> EngineDescription:
        """Raises `EngineError` if it could not be loaded."""
        return self._fit().engine()

    def _fit(self) -> SynthesisWorker:
        if self._unfit is not None:
            raise self._unfit
        return self._worker


class PoolProcess:
    """The pool's process; the workers are its children and end with it."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings
        self._pool = SynthesisPool(
            (),
            max_waiting=settings.most_phrases_waiting,
            lease_s=LEASE_S,
            clock=time.monotonic,
            on_expiry=self._cancel,
            crowd=CROWD,
            max_load=settings.max_load,
            real_time_factor=_first_guess(settings),
        )
        self._handles: dict[int, Any] = {}
        sizing = Sizing(
            settings.workers,
            settings.most_workers,
            settings.threads_per_worker,
            settings.worker_quiet_s,
        )
        self._crew = Crew(self._pool, sizing, self._hire, time.monotonic)
        methods = {**methods_of(self._pool, OF_POOL), "engine": self.engine}
        self._exchange = Exchange(methods, ray.util.get_node_ip_address())
        self._tending: asyncio.Task[None] | None = None

    async def endpoint(self) -> tuple[Endpoint, Mapping[int, Any]]:
        """Where the pool answers, and its workers by the numbers that leases name."""
        self._tending = self._tending or asyncio.create_task(repeatedly(self._tend, TEND_EVERY_S))
        return await self._exchange.endpoint(), self._handles

    async def engine(self) -> EngineDescription:
        """Answered once the first worker has loaded it."""
        first = min(self._handles)
        asked = self._handles[first].engine.remote()
        description: EngineDescription = await answer(asked, within_s=FIRST_ENGINE_WITHIN_S)
        self._pool.revived(first)
        return description

    async def _tend(self) -> None:
        self._crew.resize()
        self._handles = {number: self._handles[number] for number in self._crew.workers}
        await tend(self._pool, self._crew.workers, TEND_EVERY_S)

    def _hire(self, number: int) -> RemoteWorker:
        handle = self._handles[number] = _start_worker(self._settings)
        return RemoteWorker(handle)

    def _cancel(self, lease: Lease) -> None:
        if lease.worker in self._handles:
            self._handles[lease.worker].cancel.remote(lease.lease_id)


def _first_guess(settings: ClusterSettings) -> float:
    with suppress(EngineError):  # of which the workers tell
        name = choose_engine(settings.engine, settings.model_dir).name
        return REAL_TIME_FACTORS.get(name, 0.01)
    return 0.01


def _start_worker(settings: ClusterSettings) -> Any:
    options = {
        "num_cpus": 0 if settings.gpus_per_worker else 1,
        "num_gpus": settings.gpus_per_worker,
        "max_restarts": -1,
        "max_task_retries": 0,
        "enable_task_events": False,
    }
    return ray.remote(**options)(WorkerProcess).remote(settings)
