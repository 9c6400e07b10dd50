"""The processes of conversations, and the one that hands them out."""

import asyncio
import time
from typing import Any

import ray

from actors.cluster.process import (
    BUSY_ASYNC,
    TEND_EVERY_S,
    endpoint_of,
    exchange_of,
    repeatedly,
    settle_in,
    trace_to,
)
from actors.cluster.remote import RemoteAudio, RemoteEar, RemoteHost, RemoteJournal
from actors.cluster.settings import NAMESPACE, ClusterSettings, now
from actors.cluster.stage import RemoteStage
from actors.cluster.wire import Endpoint
from actors.directing import LIMITS
from actors.directory import Directory
from actors.engines.base import EngineDescription
from actors.host import ConversationHost
from actors.take import Means
from actors.understanding.reader import TextReader
from actors.voices import Voices

START_WITHIN_S = 60.0
"""Many processes that start at once take long; starting more instead would make it worse."""
REPLENISH_EVERY_S = 0.02
OF_HOST = ("take", "sleep", "status", "ask", "speak", "hear")
OF_DIRECTORY = ("locate", "lost", "status")


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
        trace_to(traces_to, "conversation")
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
        self._exchange = exchange_of(self._host, OF_HOST)
        settle_in()

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
        self._exchange = exchange_of(self._directory, OF_DIRECTORY)
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
                asyncio.create_task(repeatedly(self._directory.tend, TEND_EVERY_S)),
                asyncio.create_task(repeatedly(self._directory.replenish, REPLENISH_EVERY_S)),
            ]

    async def _launch(self) -> RemoteHost:
        if self._engine is None:
            self._engine = await self._stage.engine()
        actor = ray.remote(num_cpus=0, max_restarts=0, max_task_retries=0, **BUSY_ASYNC)(
            ConversationActor
        ).remote(*self._host_arguments, self._engine)
        return RemoteHost(actor, await endpoint_of(actor, START_WITHIN_S))
