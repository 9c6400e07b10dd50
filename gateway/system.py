"""What the gateway needs of the rooms below: kept by a cluster, or by twins in one process."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from actors.directory import DirectoryStatus
from actors.engines.base import Voice
from actors.hearing.ear import Ear
from actors.reception import Reception
from actors.synthesis.stage import Stage
from actors.synthesis.status import PoolStatus
from actors.voices import Voices
from events.envelope import ConversationHead, Recorded, Verification


class Records(Protocol):
    """The log, for reading; see `EventLog`."""

    async def read(
        self, conversation_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[Recorded]: ...
    async def read_all(self, *, after: int = 0, limit: int = 1000) -> Sequence[Recorded]: ...
    async def conversations(
        self,
        *,
        after: str | None = None,
        limit: int = 100,
        ended: bool | None = None,
        owner: str | None = None,
    ) -> Sequence[ConversationHead]: ...
    async def head(self, conversation_id: str) -> ConversationHead | None: ...
    async def last_position(self) -> int: ...
    async def news(self, after: int, *, wait_s: float, limit: int = 1000) -> Sequence[Recorded]: ...
    async def verify(self) -> Verification: ...


class AudioStore(Protocol):
    async def samples(self, digest: str) -> bytes: ...


class System(Protocol):
    """Everything behind the door."""

    @property
    def engine(self) -> str: ...
    @property
    def engine_sentence(self) -> str: ...
    @property
    def reception(self) -> Reception: ...
    @property
    def journal(self) -> Records: ...
    @property
    def audio(self) -> AudioStore: ...
    @property
    def ear(self) -> Ear: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def voices(self) -> Voices: ...
    @property
    def voice_list(self) -> tuple[Voice, ...]: ...

    async def load(self) -> tuple[DirectoryStatus, PoolStatus]:
        """How busy it is. Raises what is wrong if it cannot serve."""
        ...

    def statuses(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        """To ask each of the processes behind the door how it is, by the name of what it does.

        The answers are a `DirectoryStatus` of `directory`, a `PoolStatus` of `pool`, a
        `ScribeStatus` of `scribe`.
        """
        ...
