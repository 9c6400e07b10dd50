"""The plain classes of this room as Ray actors: thin, and each the whole of a process.

Nothing is retried by Ray (`max_task_retries=0`): a retried call would be done twice and a retried
stream would be spliced from two runs. Whoever asks, asks again, under the same name.

Drivers are imported by the one process that needs them: there are many processes for conversations,
and each would pay for DuckDB and FFmpeg.
"""

import asyncio
import gc
import logging
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from typing import Any

import ray
from ray.exceptions import RayActorError

from actors import tracing
from actors.cluster.exchange import Exchange, methods_of
from actors.cluster.remote import (
    FIRST_ENGINE_WITHIN_S,
    RemoteAudio,
    RemoteEar,
    RemoteHost,
    RemoteJournal,
    RemoteStage,
    RemoteWorker,
    answer,
)
from actors.cluster.settings import LOG_FILE, NAMESPACE, ClusterSettings, new_id, now
from actors.cluster.wire import Endpoint
from actors.commands import HeardSound
from actors.directing import LIMITS
from actors.directory import Directory
from actors.engines.base import (
    BYTES_PER_SAMPLE,
    SAMPLE_RATE,
    EngineDescription,
    EngineError,
    Sound,
)
from actors.engines.choice import choose_engine, load_engine
from actors.hearing.attention import Attention
from actors.host import ConversationHost
from actors.journal import Scribe
from actors.synthesis.conveyor import conveyed
from actors.synthesis.pool import SynthesisPool
from actors.synthesis.sizing import Sizing
from actors.synthesis.upkeep import Crew, tend
from actors.synthesis.worker import SynthesisWorker
from actors.synthesis.workplaces import Lease
from actors.take import Means
from actors.understanding.reader import TextReader
from actors.voices import Voices
from events.segments import DIRECTORY, Follower
from events.turns import Features, Phrase

MOST_CALLS_AT_ONCE = 1000
MOST_CALLS_WAITING = 20_000
TEND_EVERY_S = 2.0
REPLENISH_EVERY_S = 0.02
LEASE_S = 120.0
CROWD = 8
"""Phrases that may be open at a worker for each that it speaks at a time, so that whoever begins is
heard as soon as a piece of sound of another is made, not the whole of its phrase."""
REAL_TIME_FACTORS = {"kokoro": 0.4}
"""What an engine is taken to cost until it is known; others next to nothing."""
START_WITHIN_S = 60.0
"""Many processes that start at once take long; starting more instead would make it worse."""
EXPORT_EVERY_S = 2.0

MOST_FILES_AT_ONCE = 4
LISTENS_AT_NICE = 5
"""Whoever waits for sound goes first."""
MOST_UPLOADS_AT_ONCE = 4
"""Each may have as many bytes as a request may have."""
MOST_SOUND_WAITING_S = 30.0
"""Of our own, to be measured: more takes longer than a turn waits for it."""

BUSY_ASYNC = {
    "max_concurrency": MOST_CALLS_AT_ONCE,
    "max_pending_calls": MOST_CALLS_WAITING,
    "enable_task_events": False,
}
"""Options of an actor with many short calls."""

OF_SCRIBE = (
    "open", "release", "append", "read", "read_all", "conversations", "head",
    "last_position", "news", "verify", "status",
)  # fmt: skip
OF_POOL = ("admit", "leave", "lease", "release", "status")
OF_ARCHIVE = ("keep", "samples")
OF_EAR = ("measure",)
OF_WORKER = ("synthesise",)
OF_HOST = ("take", "sleep", "status", "ask", "speak", "hear")
OF_DIRECTORY = ("locate", "lost", "status")

_log = logging.getLogger(__name__)


class ScribeProcess:
    """The scribe's process. Opened again by Ray if it dies, it opens the log again at first use."""

    def __init__(self, settings: ClusterSettings) -> None:
        _trace(settings.traces_to, "scribe")
        self._settings = settings
        self._opening: asyncio.Task[Scribe] | None = None
        self._follower: Follower | None = None
        self._export: asyncio.Task[None] | None = None
        self._exchange: Exchange | None = None

    async def endpoint(self) -> Endpoint:
        """Where the scribe answers, once the log is open. Raises `LogError` if it cannot be."""
        scribe = await self._scribe()
        if self._exchange is None:
            self._exchange = _exchange(scribe, OF_SCRIBE)
        return await self._exchange.endpoint()

    async def close(self) -> None:
        scribe = await self._scribe()
        if self._export is not None and self._follower is not None:
            self._export.cancel()
            await asyncio.wait({self._export})
            await self._follower.catch_up()
        await scribe.close()

    async def _scribe(self) -> Scribe:
        if self._opening is None or (self._opening.done() and self._opening.exception()):
            self._opening = asyncio.create_task(self._open())
        return await asyncio.shield(self._opening)

    async def _open(self) -> Scribe:
        from events.durable import DuckDBLog

        data_dir = self._settings.data_dir
        log = await DuckDBLog.connect(data_dir / LOG_FILE, clock=now, new_id=new_id)
        self._follower = Follower(log, data_dir / DIRECTORY)
        self._export = asyncio.create_task(_repeatedly(self._follower.catch_up, EXPORT_EVERY_S))
        return Scribe(log)


class ArchiveProcess:
    def __init__(self, settings: ClusterSettings) -> None:
        from actors.archive import AudioArchive

        self._archive = AudioArchive(settings.data_dir / "audio")
        self._files = ThreadPoolExecutor(MOST_FILES_AT_ONCE)
        self._exchange = _exchange(self, OF_ARCHIVE)

    async def endpoint(self) -> Endpoint:
        return await self._exchange.endpoint()

    async def keep(self, pcm: bytes) -> str:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._files, self._archive.keep, pcm)

    async def samples(self, digest: str) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._files, self._archive.samples, digest)


class EarProcess:
    """Listens for all conversations, which need not carry what it takes.

    FFmpeg reads what strangers send: if a file brings it down, this process alone goes with it.
    """

    def __init__(self, settings: ClusterSettings) -> None:
        from actors.archive import AudioArchive
        from actors.hearing.listener import Listener

        os.nice(LISTENS_AT_NICE)
        archive = AudioArchive(settings.data_dir / "audio")
        self._listener = Listener(archive, most_s=settings.most_audio_s)
        self._to_uploads = Attention(MOST_UPLOADS_AT_ONCE)
        self._to_us = Attention(MOST_SOUND_WAITING_S)
        self._exchange = _exchange(self, OF_EAR)

    async def endpoint(self) -> Endpoint:
        return await self._exchange.endpoint()

    async def hear(self, upload: bytes, text: str) -> HeardSound:
        return await self._to_uploads.give(1, lambda: self._listener.hear(upload, text))

    async def measure(self, pcm: bytes, text: str) -> Features:
        return await self._to_us.give(
            len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE, lambda: self._listener.measure(pcm, text)
        )


class WorkerProcess:
    def __init__(self, settings: ClusterSettings) -> None:
        _trace(settings.traces_to, "worker")
        # An error here would reach nobody: Ray says only that the actor died.
        self._unfit: EngineError | None = None
        try:
            choice = choose_engine(settings.engine, settings.model_dir)
            engine = load_engine(choice, device=settings.device, calibrating=True)
            self._worker = SynthesisWorker(engine, settings.threads_per_worker)
        except EngineError as unfit:
            self._unfit = unfit
        self._voices = ThreadPoolExecutor(CROWD * settings.threads_per_worker)
        self._exchange = _exchange(self, OF_WORKER)
        _settle_in()

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
        self._tending = self._tending or asyncio.create_task(_repeatedly(self._tend, TEND_EVERY_S))
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


class ConversationActor:
    """A process for conversations."""

    def __init__(
        self,
        scribe: Any,
        pool: Any,
        archive: Any,
        ear: Any,
        step: float,
        traces_to: str | None,
        engine: EngineDescription,
    ) -> None:
        _trace(traces_to, "conversation")
        means = Means(
            journal=RemoteJournal(scribe),
            stage=RemoteStage(pool),
            audio=RemoteAudio(archive),
            ear=RemoteEar(ear),
            engine=engine,
            voices=Voices(voice.id for voice in engine.voices),
            reader=TextReader(),
            now=now,
            clock=time.monotonic,
            limits=LIMITS.with_step(step),
        )
        self._host = ConversationHost(means, time.monotonic)
        self._exchange = _exchange(self._host, OF_HOST)
        _settle_in()

    async def endpoint(self) -> Endpoint:
        return await self._exchange.endpoint()


class DirectoryProcess:
    """The directory's process; the hosts are its children and end with it."""

    def __init__(self, settings: ClusterSettings) -> None:
        scribe, archive = ray.get_actor("scribe", NAMESPACE), ray.get_actor("archive", NAMESPACE)
        pool, ear = ray.get_actor("pool", NAMESPACE), ray.get_actor("ear", NAMESPACE)
        self._stage = RemoteStage(pool)
        self._host_arguments = (
            scribe,
            pool,
            archive,
            ear,
            settings.expression_step,
            settings.traces_to,
        )
        self._engine: EngineDescription | None = None
        self._directory = Directory(
            self._launch,
            most=settings.most_awake,
            warm=min(settings.warm, settings.most_awake),
            sleep_after_s=settings.sleep_after_s,
            patience_s=5.0,
            clock=time.monotonic,
        )
        self._exchange = _exchange(self._directory, OF_DIRECTORY)
        self._tending: list[asyncio.Task[None]] = []

    async def ready(self) -> None:
        """Answers once the processes to be kept at hand are there."""
        await self._directory.tend()

    async def endpoint(self) -> Endpoint:
        self._tend()
        return await self._exchange.endpoint()

    def _tend(self) -> None:
        if not self._tending:
            self._tending = [
                asyncio.create_task(_repeatedly(self._directory.tend, TEND_EVERY_S)),
                asyncio.create_task(_repeatedly(self._directory.replenish, REPLENISH_EVERY_S)),
            ]

    async def _launch(self) -> RemoteHost:
        if self._engine is None:
            self._engine = await self._stage.engine()
        actor = ray.remote(num_cpus=0, max_restarts=0, max_task_retries=0, **BUSY_ASYNC)(
            ConversationActor
        ).remote(*self._host_arguments, self._engine)
        return RemoteHost(actor, await endpoint_of(actor, START_WITHIN_S))


async def endpoint_of(actor: Any, within_s: float) -> Endpoint:
    """Where a new actor answers; one that does not come up in time is ended.

    Raises:
        ProcessDied: it did not come up.
    """
    try:
        endpoint: Endpoint = await answer(actor.endpoint.remote(), within_s)
    except BaseException:
        with suppress(RayActorError):
            ray.kill(actor)  # or it would come up later, with nobody to know of it
        raise
    return endpoint


def _trace(endpoint: str | None, process: str) -> None:
    """Send the spans of this process, if anybody wants them."""
    if endpoint is None:
        return
    try:
        from actors.telemetry import Sender

        Sender(endpoint, process)
    except ModuleNotFoundError:
        _log.warning("no traces from this machine: it lacks the extra `traces` of colloquy")


def _exchange(target: object, methods: Iterable[str]) -> Exchange:
    return Exchange(methods_of(target, methods), ray.util.get_node_ip_address())


def _settle_in() -> None:
    """Have Python look for garbage in what comes from here on, soon, and not in what is there.

    It looks through everything only when a quarter has been added: here that is many megabytes.
    """
    gc.collect()
    gc.freeze()


async def _repeatedly(work: Callable[[], Awaitable[object]], every_s: float) -> None:
    """For as long as the process lives; what fails is tried again the next time."""
    while True:
        try:
            await work()
        except Exception as failure:  # noqa: BLE001  (nobody waits for this: the log must tell)
            _log.warning("upkeep failed and will be tried again: %s", type(failure).__name__)
        await asyncio.sleep(every_s)


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
