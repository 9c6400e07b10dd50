"""Where plain classes become Ray actors, and where they are started, joined and ended.

Nothing is retried by Ray (`max_task_retries=0`): a retried call would be done twice and a retried
stream would be spliced from two runs. Whoever asks, asks again, under the same name.

Drivers are imported by the one process that needs them: there are many processes for conversations,
and each would pay for DuckDB and FFmpeg.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ray
from uuid_utils import uuid7

from actors.commands import Speak
from actors.conversation import Means
from actors.directory import Directory, DirectoryStatus, ProcessDied
from actors.engines.base import EngineError, Sound, Voice
from actors.engines.choice import choose_engine, load_engine
from actors.host import ConversationHost, HostStatus
from actors.journal import Scribe
from actors.reception import Reception
from actors.remote import (
    RemoteAudio,
    RemoteHost,
    RemoteJournal,
    RemoteRegister,
    RemoteStage,
    answer,
    packed,
    unpacked,
)
from actors.synthesis.pool import Lease, PoolStatus, SynthesisPool
from actors.synthesis.worker import SynthesisWorker
from actors.voices import Voices
from events.envelope import ConversationHead, Opened, Recorded, Verification
from events.segments import DIRECTORY, Follower
from events.turn import Turn
from events.turns import Phrase

NAMESPACE = "colloquy"
MOST_CALLS_AT_ONCE = 1000
MOST_CALLS_WAITING = 20_000
TEND_EVERY_S = 2.0
REPLENISH_EVERY_S = 0.02
LEASE_S = 120.0
EXPORT_EVERY_S = 2.0
LOG_FILE = "log.duckdb"
LOG_NODE = "colloquy_log"
"""Resource of the one node that has the disk with the log and the audio."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What the actors need to know; see `gateway.settings` for the meaning and the defaults."""

    data_dir: Path
    model_dir: Path
    engine: str
    workers: int
    threads_per_worker: int
    gpus_per_worker: float
    most_phrases_waiting: int
    most_awake: int
    warm: int
    sleep_after_s: float
    object_store_mb: int
    cpus: int | None
    address: str | None
    """Of the cluster to join; None starts one here."""


def new_id() -> str:
    return str(uuid7())


def now() -> datetime:
    return datetime.now(UTC)


class CannotJoin(Exception):
    """The Ray cluster that was named cannot be joined; the message says what to look at."""


class _Scribe:
    """The scribe's process. Opened again by Ray if it dies, it opens the log again at first use."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings
        self._opening: asyncio.Task[Scribe] | None = None
        self._follower: Follower | None = None
        self._export: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        await self._scribe()

    async def open(self, conversation_id: str) -> Opened:
        return await (await self._scribe()).open(conversation_id)

    async def release(self, conversation_id: str, epoch: int) -> None:
        await (await self._scribe()).release(conversation_id, epoch)

    async def append(self, appends: bytes) -> None:
        await (await self._scribe()).append(unpacked(appends))

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]:
        return await (await self._scribe()).read(conversation_id, after=after, limit=limit)

    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]:
        return await (await self._scribe()).read_all(after=after, limit=limit)

    async def conversations(
        self, *, after: str | None = None, limit: int = 100, ended: bool | None = None
    ) -> Sequence[ConversationHead]:
        scribe = await self._scribe()
        return await scribe.conversations(after=after, limit=limit, ended=ended)

    async def last_position(self) -> int:
        return await (await self._scribe()).last_position()

    async def verify(self) -> Verification:
        return await (await self._scribe()).verify()

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


class _Archive:
    def __init__(self, settings: ClusterSettings) -> None:
        from actors.archive import AudioArchive

        self._archive = AudioArchive(settings.data_dir / "audio")

    def keep(self, pcm: bytes) -> str:
        return self._archive.keep(pcm)

    def samples(self, digest: str) -> bytes:
        return self._archive.samples(digest)


class _Worker:
    def __init__(self, settings: ClusterSettings) -> None:
        # An error here would reach nobody: Ray says only that the actor died.
        self._unfit: EngineError | None = None
        try:
            choice = choose_engine(settings.engine, settings.model_dir)
            engine = load_engine(choice, settings.threads_per_worker)
            self._worker = SynthesisWorker(engine)
        except EngineError as unfit:
            self._unfit = unfit

    @ray.method(concurrency_group="speech")
    def synthesise(self, lease_id: int, phrase: Phrase, voice: str) -> Iterator[Sound]:
        yield from self._fit().synthesise(lease_id, phrase, voice)

    @ray.method(concurrency_group="control")
    def cancel(self, lease_id: int) -> None:
        self._fit().cancel(lease_id)

    @ray.method(concurrency_group="control")
    def voices(self) -> tuple[Voice, ...]:
        """Of the engine. Raises `EngineError` if it could not be loaded."""
        return self._fit().voices()

    def _fit(self) -> SynthesisWorker:
        if self._unfit is not None:
            raise self._unfit
        return self._worker


class _Pool:
    """The pool's process; the workers are its children and end with it."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._workers = [_start_worker(settings) for _ in range(settings.workers)]
        self._pool = SynthesisPool(
            range(settings.workers),
            max_waiting=settings.most_phrases_waiting,
            lease_s=LEASE_S,
            clock=time.monotonic,
            on_expiry=lambda lease: self._workers[lease.worker].cancel.remote(lease.lease_id),
        )
        self._tending: asyncio.Task[None] | None = None

    async def voices(self) -> tuple[Voice, ...]:
        """Of the engine; answered once the first worker has loaded it."""
        self._tending = self._tending or asyncio.create_task(_repeatedly(self._tend, TEND_EVERY_S))
        return await answer(self._workers[0].voices.remote(), within_s=120.0)

    async def lease(self, deadline_in_s: float, patience_s: float) -> tuple[Lease, Any]:
        lease = await self._pool.lease(deadline_in_s, patience_s)
        return lease, self._workers[lease.worker]

    async def release(self, lease_id: int, *, died: bool = False) -> None:
        self._pool.release(lease_id, died=died)

    async def status(self) -> PoolStatus:
        return self._pool.status()

    async def _tend(self) -> None:
        self._pool.expire()
        for worker in self._pool.dead():
            with suppress(ProcessDied):
                await answer(self._workers[worker].voices.remote(), within_s=TEND_EVERY_S)
                self._pool.revived(worker)


class _Host:
    """A process for conversations."""

    def __init__(
        self, scribe: Any, pool: Any, archive: Any, engine: str, voice_ids: Sequence[str]
    ) -> None:
        means = Means(
            journal=RemoteJournal(scribe),
            stage=RemoteStage(pool),
            audio=RemoteAudio(archive),
            engine=engine,
            voices=Voices(voice_ids),
            now=now,
            clock=time.monotonic,
        )
        self._host = ConversationHost(means, time.monotonic)

    async def take(self, conversation_id: str) -> None:
        await self._host.take(conversation_id)

    async def sleep(self, conversation_id: str) -> bool:
        return await self._host.sleep(conversation_id)

    async def status(self) -> HostStatus:
        return self._host.status()

    async def ask(self, conversation_id: str, requests: bytes) -> bytes:
        return packed(await self._host.ask(conversation_id, unpacked(requests)))

    async def speak(
        self, conversation_id: str, command: Speak, listener_id: str
    ) -> AsyncIterator[Turn | bytes]:
        async for item in self._host.speak(conversation_id, command, listener_id):
            yield item


class _Directory:
    """The directory's process; the hosts are its children and end with it."""

    def __init__(self, settings: ClusterSettings, engine: str) -> None:
        self._pool = ray.get_actor("pool", NAMESPACE)
        scribe, archive = ray.get_actor("scribe", NAMESPACE), ray.get_actor("archive", NAMESPACE)
        self._host_arguments = (scribe, self._pool, archive, engine)
        self._voice_ids: tuple[str, ...] | None = None
        self._directory = Directory(
            self._launch,
            most=settings.most_awake,
            warm=min(settings.warm, settings.most_awake),
            sleep_after_s=settings.sleep_after_s,
            patience_s=5.0,
            clock=time.monotonic,
        )
        self._tending: list[asyncio.Task[None]] = []

    async def ready(self) -> None:
        """Answers once the processes to be kept at hand are there."""
        await self._directory.tend()
        self._tend()

    async def locate(self, conversation_id: str) -> RemoteHost:
        self._tend()
        return await self._directory.locate(conversation_id)

    async def lost(self, conversation_id: str) -> None:
        await self._directory.lost(conversation_id)

    async def status(self) -> DirectoryStatus:
        return self._directory.status()

    def _tend(self) -> None:
        if not self._tending:
            self._tending = [
                asyncio.create_task(_repeatedly(self._directory.tend, TEND_EVERY_S)),
                asyncio.create_task(_repeatedly(self._directory.replenish, REPLENISH_EVERY_S)),
            ]

    async def _launch(self) -> RemoteHost:
        if self._voice_ids is None:
            voices = await answer(self._pool.voices.remote(), within_s=120.0)
            self._voice_ids = tuple(voice.id for voice in voices)
        host = RemoteHost(
            ray.remote(num_cpus=0, max_restarts=0, max_task_retries=0, **_BUSY_ASYNC)(_Host).remote(
                *self._host_arguments, self._voice_ids
            )
        )
        await host.status()
        return host


_BUSY_ASYNC = {
    "max_concurrency": MOST_CALLS_AT_ONCE,
    "max_pending_calls": MOST_CALLS_WAITING,
    "enable_task_events": False,
}


async def _repeatedly(work: Callable[[], Awaitable[object]], every_s: float) -> None:
    """For as long as the process lives; what fails is tried again the next time."""
    while True:
        try:
            await work()
        except Exception as failure:  # noqa: BLE001  (nobody waits for this: the log must tell)
            _log.warning("upkeep failed and will be tried again: %s", type(failure).__name__)
        await asyncio.sleep(every_s)


def _start_worker(settings: ClusterSettings) -> Any:
    options = {
        "num_cpus": 0 if settings.gpus_per_worker else 1,
        "num_gpus": settings.gpus_per_worker,
        "max_restarts": -1,
        "max_task_retries": 0,
        "concurrency_groups": {"speech": 1, "control": 2},
        "enable_task_events": False,
    }
    return ray.remote(**options)(_Worker).remote(settings)


class Cluster:
    """The running system, as a door sees it."""

    def __init__(
        self, settings: ClusterSettings, engine: str, sentence: str, named: dict[str, Any]
    ) -> None:
        self._settings = settings
        self._named = named
        self.engine = engine
        self.engine_sentence = sentence
        self.journal = RemoteJournal(named["scribe"])
        self.audio = RemoteAudio(named["archive"])
        self.stage = RemoteStage(named["pool"])
        self.register = RemoteRegister(named["directory"])
        self.reception = Reception(self.register, new_id)
        self.voice_list: tuple[Voice, ...] = ()
        self.voices = Voices(())

    @classmethod
    async def start(cls, settings: ClusterSettings) -> "Cluster":
        """Start or join a cluster, and wait until it can hold a conversation.

        Raises:
            CannotJoin: there is no such cluster, or it does not let us in.
        LogError: the log cannot be opened; the message says what to do.
            EngineError: the engine that was asked for cannot be loaded.
        """
        choice = choose_engine(settings.engine, settings.model_dir)
        await asyncio.to_thread(_join, settings)
        cluster = cls(settings, choice.name, choice.sentence, _bring_up(settings, choice.name))
        try:
            await cluster._wait()
        except BaseException:
            await cluster.stop()
            raise
        return cluster

    async def _wait(self) -> None:
        await answer(self._named["scribe"].ready.remote(), within_s=120.0)
        self.voice_list = await answer(self._named["pool"].voices.remote(), within_s=150.0)
        self.voices = Voices(voice.id for voice in self.voice_list)
        await answer(self._named["directory"].ready.remote(), within_s=60.0)

    async def load(self) -> tuple[DirectoryStatus, PoolStatus]:
        """How busy the processes and the workers are."""
        return await self.register.status(), await self.stage.status()

    async def stop(self) -> None:
        """Close the log and end what was started here; a cluster that was joined goes on."""
        if self._settings.address is None:
            with suppress(ProcessDied):
                await answer(self._named["scribe"].close.remote())
        await asyncio.to_thread(ray.shutdown)


async def end(address: str) -> list[str]:
    """End what gateways left running in a cluster: the log is closed, all processes go.

    Returns the names of what was running.

    Raises:
        CannotJoin: there is no such cluster, or it does not let us in.
    """
    await asyncio.to_thread(_connect, address)
    ended = []
    for name in ("directory", "pool", "archive", "scribe"):  # the log last
        with suppress(ValueError, ProcessDied):
            actor = ray.get_actor(name, NAMESPACE)
            if name == "scribe":
                await answer(actor.close.remote())
            ray.kill(actor)
            ended.append(name)
    await asyncio.to_thread(ray.shutdown)
    return ended


def _join(settings: ClusterSettings) -> None:
    if settings.address is not None:
        _connect(settings.address)
        return
    _connect(
        "local",
        num_cpus=max(settings.cpus or os.cpu_count() or 1, settings.workers),
        resources={LOG_NODE: 1},
        include_dashboard=False,
        object_store_memory=settings.object_store_mb * 1024 * 1024,
    )


def _connect(address: str, **own: object) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(
            address=address,
            namespace=NAMESPACE,
            logging_level="error",
            log_to_driver=False,
            **own,
        )
    except (ConnectionError, RuntimeError) as error:
        if address == "local":
            raise
        raise CannotJoin(
            f"cannot join the Ray cluster at {address}: is it running, is its Ray "
            f"{ray.__version__}, and does this shell have its token (RAY_AUTH_MODE=token)?"
        ) from error


def _bring_up(settings: ClusterSettings, engine: str) -> dict[str, Any]:
    once = {
        "num_cpus": 0,
        "namespace": NAMESPACE,
        "get_if_exists": True,
        "lifetime": "detached" if settings.address else None,
        "max_restarts": -1,
        "max_task_retries": 0,
    }
    busy = {**once, **_BUSY_ASYNC}
    there = {"resources": {LOG_NODE: 0.001}}
    scribe = ray.remote(name="scribe", **busy, **there)(_Scribe).remote(settings)
    archive = ray.remote(name="archive", max_concurrency=4, **once, **there)(_Archive).remote(
        settings
    )
    pool = ray.remote(name="pool", **busy)(_Pool).remote(settings)
    directory = ray.remote(name="directory", **busy)(_Directory).remote(settings, engine)
    return {"scribe": scribe, "archive": archive, "pool": pool, "directory": directory}
