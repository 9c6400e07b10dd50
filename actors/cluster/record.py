"""The processes that keep what was recorded: the log, and the sound."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from actors.cluster.exchange import Exchange
from actors.cluster.process import exchange_of, repeatedly, trace_to
from actors.cluster.settings import LOG_FILE, ClusterSettings, new_id, now
from actors.cluster.wire import Endpoint
from actors.journal import Scribe
from events.segments import DIRECTORY, Follower

EXPORT_EVERY_S = 2.0
MOST_FILES_AT_ONCE = 4
OF_SCRIBE = (
    "open", "release", "append", "read", "read_all", "conversations", "head",
    "last_position", "news", "verify", "status",
)  # fmt: skip
OF_ARCHIVE = ("keep", "samples")


class ScribeProcess:
    """The scribe's process. Opened again by Ray if it dies, it opens the log again at first use."""

    def __init__(self, settings: ClusterSettings) -> None:
        trace_to(settings.traces_to, "scribe")
        self._settings = settings
        self._opening: asyncio.Task[Scribe] | None = None
        self._follower: Follower | None = None
        self._export: asyncio.Task[None] | None = None
        self._exchange: Exchange | None = None

    async def endpoint(self) -> Endpoint:
        """Where the scribe answers, once the log is open. Raises `LogError` if it cannot be."""
        scribe = await self._scribe()
        if self._exchange is None:
            self._exchange = exchange_of(scribe, OF_SCRIBE)
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
        self._export = asyncio.create_task(repeatedly(self._follower.catch_up, EXPORT_EVERY_S))
        return Scribe(log)


class ArchiveProcess:
    def __init__(self, settings: ClusterSettings) -> None:
        from actors.archive import AudioArchive

        self._archive = AudioArchive(settings.data_dir / "audio")
        self._files = ThreadPoolExecutor(MOST_FILES_AT_ONCE)
        self._exchange = exchange_of(self, OF_ARCHIVE)

    async def endpoint(self) -> Endpoint:
        return await self._exchange.endpoint()

    async def keep(self, pcm: bytes) -> str:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._files, self._archive.keep, pcm)

    async def samples(self, digest: str) -> bytes:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._files, self._archive.samples, digest)
