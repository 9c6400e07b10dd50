"""The whole system behind the door, in one process."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from actors.directory import Directory, DirectoryStatus
from actors.engines.base import Voice, description_of
from actors.reception import Reception
from actors.synthesis.status import PoolStatus
from actors.take import Means
from actors.understanding.reader import TextReader
from actors.voices import Voices
from events.memory import MemoryLog
from tests.fakes.audio import FakeAudio
from tests.fakes.clock import Clock, ids
from tests.fakes.ear import FakeEar
from tests.fakes.journal import LocalJournal
from tests.fakes.process import LocalProcess
from tests.fakes.stage import LocalStage


class LocalSystem:
    """A `gateway.system.System` whose parts can be reached and made to fail."""

    engine = "scripted"
    engine_sentence = "A tone for every voice."

    def __init__(self, stage: LocalStage | None = None, *, most: int = 3) -> None:
        self.clock = Clock()
        self.stage = stage or LocalStage()
        self.audio = FakeAudio()
        self.ear = FakeEar(self.audio)
        self.journal = LocalJournal(MemoryLog(clock=self.clock.now, new_id=ids("event")))
        self.voice_list: tuple[Voice, ...] = self.stage.engine.voices()
        self.voices = Voices(voice.id for voice in self.voice_list)
        self.means = Means(
            journal=self.journal,
            stage=self.stage,
            audio=self.audio,
            ear=self.ear,
            engine=description_of(self.stage.engine),
            voices=self.voices,
            reader=TextReader(),
            now=self.clock.now,
            clock=self.clock,
        )
        self.processes: list[LocalProcess] = []
        self.directory = Directory(
            self._launch,
            most=most,
            warm=0,
            sleep_after_s=60,
            patience_s=0,
            clock=self.clock,
        )
        self.reception = Reception(self.directory, ids("listener"))
        self.failure: Exception | None = None
        """Raised by `load` and by all who are asked for their status, if set."""
        self.answering = asyncio.Event()
        """Until it is set, nobody tells their status."""
        self.answering.set()

    async def load(self) -> tuple[DirectoryStatus, PoolStatus]:
        if self.failure is not None:
            raise self.failure
        return self.directory.status(), self._pool()

    def statuses(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        return {
            "directory": partial(self._told, self.directory.status),
            "pool": partial(self._told, self._pool),
            "scribe": partial(self._told, self.journal.status),
        }

    async def _told(self, status: Callable[[], object]) -> object:
        if self.failure is not None:
            raise self.failure
        await self.answering.wait()
        return status()

    def _pool(self) -> PoolStatus:
        return PoolStatus(1, 0, 0, len(self.stage.asked), 0)

    async def _launch(self) -> LocalProcess:
        process = LocalProcess(replace(self.means))
        self.processes.append(process)
        return process
