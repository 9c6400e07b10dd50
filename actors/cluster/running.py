"""Starting, joining and ending what runs on Ray."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import ray

from actors.cluster.conversations import DirectoryProcess
from actors.cluster.hearing import EarProcess
from actors.cluster.process import BUSY_ASYNC
from actors.cluster.record import ArchiveProcess, ScribeProcess
from actors.cluster.remote import RemoteAudio, RemoteEar, RemoteJournal, RemoteRegister, answer
from actors.cluster.settings import LOG_NODE, NAMESPACE, ClusterSettings, new_id
from actors.cluster.speech import PoolProcess
from actors.cluster.stage import RemoteStage
from actors.directory import DirectoryStatus, ProcessDied
from actors.engines.base import Voice
from actors.engines.choice import choose_engine
from actors.reception import Reception
from actors.synthesis.status import PoolStatus
from actors.voices import Voices

REACHED_WITHIN_S = 5.0


class CannotJoin(Exception):
    """The Ray cluster that was named cannot be joined; the message says what to look at."""


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
        self.ear = RemoteEar(named["ear"])
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
        cluster = cls(settings, choice.name, choice.sentence, _bring_up(settings))
        try:
            await cluster._wait()
        except BaseException:
            await cluster.stop()
            raise
        return cluster

    async def _wait(self) -> None:
        await answer(self._named["scribe"].endpoint.remote(), within_s=120.0)
        self.voice_list = (await self.stage.engine()).voices
        self.voices = Voices(voice.id for voice in self.voice_list)
        await answer(self._named["directory"].ready.remote(), within_s=60.0)

    async def load(self) -> tuple[DirectoryStatus, PoolStatus]:
        """How busy the processes and the workers are."""
        return await self.register.status(), await self.stage.status()

    def statuses(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        """Asks each of the processes how it is."""
        return {
            "directory": self.register.status,
            "pool": self.stage.status,
            "scribe": self.journal.status,
        }

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
    for name in ("directory", "pool", "ear", "archive", "scribe"):  # the log last
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
        num_cpus=max(settings.cpus or os.cpu_count() or 1, settings.most_workers),
        resources={LOG_NODE: 1},
        include_dashboard=False,
        object_store_memory=settings.object_store_mb * 1024 * 1024,
    )


def _connect(address: str, **own: object) -> None:
    _require_somebody(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Counting its own events is a fifth of what an idle process costs.
    os.environ.setdefault("RAY_event_stats", "0")
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


def _require_somebody(address: str) -> None:
    """Ray would try for minutes to reach an address at which nobody is."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return  # `local` or `auto`
    try:
        socket.create_connection((host, int(port)), REACHED_WITHIN_S).close()
    except OSError as error:
        raise CannotJoin(f"nobody answers at {address}: is the Ray cluster running?") from error


def _bring_up(settings: ClusterSettings) -> dict[str, Any]:
    once = {
        "num_cpus": 0,
        "namespace": NAMESPACE,
        "get_if_exists": True,
        "lifetime": "detached" if settings.address else None,
        "max_restarts": -1,
        "max_task_retries": 0,
    }
    busy = {**once, **BUSY_ASYNC}
    there = {"resources": {LOG_NODE: 0.001}}
    scribe = ray.remote(name="scribe", **busy, **there)(ScribeProcess).remote(settings)
    archive = ray.remote(name="archive", **busy, **there)(ArchiveProcess).remote(settings)
    ear = ray.remote(name="ear", **busy, **there)(EarProcess).remote(settings)
    pool = ray.remote(name="pool", **busy)(PoolProcess).remote(settings)
    directory = ray.remote(name="directory", **busy)(DirectoryProcess).remote(settings)
    return {
        "scribe": scribe, "archive": archive, "ear": ear, "pool": pool, "directory": directory
    }  # fmt: skip
