"""One take of a turn: from the decision to speak to an end in the record."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from actors import tracing
from actors.directing import LIMITS, Limits
from actors.engines.base import EngineDescription, EngineError, Sound
from actors.hearing.ear import (
    MEASURED_WHEN_CUT_WITHIN_S,
    MEASURED_WITHIN_S,
    MEASURED_WITHIN_SHARE,
    Ear,
    Measured,
    measured,
)
from actors.journal import Journal, JournalUnreachable
from actors.refusals import Busy, Refused, SpeechFailed
from actors.synthesis.claims import Claim
from actors.synthesis.stage import Stage, WorkerDied, perform
from actors.understanding.reader import Reader
from actors.utterance import Utterance
from actors.voices import Voices
from actors.writing import Surrendered
from events.log import LogError
from events.turns import Failure, Timings, TurnBegun, TurnCompleted, TurnFailed, words_json

CloseTurn = Callable[[TurnCompleted | TurnFailed], Awaitable[None]]
"""Records the end of a turn, if it is still open there."""


class AudioKeeper(Protocol):
    """Keeps finished audio, addressed by its content."""

    async def keep(self, pcm: bytes) -> str:
        """Keep samples for good; returns their content hash.

        Raises:
            Exception: they could not be kept; the turn is not complete then.
        """
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a conversation works with."""

    journal: Journal
    stage: Stage
    audio: AudioKeeper
    ear: Ear
    engine: EngineDescription
    """The engine that speaks."""
    voices: Voices
    reader: Reader
    now: Callable[[], datetime]
    clock: Callable[[], float]
    """Seconds, from any origin."""
    limits: Limits = LIMITS
    """Of expression."""


LINGERS_S = 45.0
"""Beyond the time that playing a turn takes, a listener who has not parted is not waited for."""


class Take(ABC):
    """A turn being spoken: synthesis begins at once, sound leaves when its text is durable.

    Args:
        turn_id: Of the turn.
        means: To speak with.
        close: To record the end with.
        arrived: When it was asked for, on the clock of `means`.
    """

    def __init__(self, turn_id: str, means: Means, close: CloseTurn, arrived: float) -> None:
        self.utterance = Utterance()
        self.stopped = False
        """By an interruption that may not be durable yet."""
        self._turn_id = turn_id
        self._means = means
        self._close = close
        self._arrived = arrived
        self._durable = asyncio.Event()
        self._begun_ms: float | None = None
        self._first_ms: float | None = None
        self._completed_at: float | None = None
        """On the clock of `means`."""
        self._task = asyncio.create_task(self._run())

    @property
    def dictated(self) -> str:
        """What has come of the turn's text, where it comes bit by bit."""
        return ""

    @property
    def done(self) -> bool:
        return self._task.done()

    @property
    def attended(self) -> bool:
        """Whether it is being spoken or, as far as can be, still listened to.

        Nobody else knows who listens, and so who is the last to leave.
        """
        if not self.done:
            return True
        if self._completed_at is None or not self.utterance.listeners:
            return False
        playing_s = self._means.clock() - self._completed_at
        return playing_s < self.utterance.duration_s + LINGERS_S

    def durable(self) -> None:
        """The beginning is on disk."""
        self._begun_ms = self._ms()
        self._durable.set()

    def abandon(self) -> None:
        """The beginning will not be on disk: nobody will ever hear of this take."""
        self._task.cancel()

    async def stop(self) -> None:
        """Stop speaking; returns when the synthesis has been told. Nothing is recorded."""
        self.stopped = True
        self._task.cancel()
        await asyncio.wait([self._task])
        self.utterance.finish()

    async def _run(self) -> None:
        try:
            await self._traced()
        except (EngineError, WorkerDied) as failure:
            await self._fail(SpeechFailed(str(failure)))
        except Exception as failure:  # noqa: BLE001  (its listeners hear of it, and so does the log)
            await self._fail(failure)
        else:
            self._completed_at = self._means.clock()
            self.utterance.finish()

    async def _traced(self) -> None:
        with tracing.span("turn", turn_id=self._turn_id) as span:
            try:
                await self._perform()
            finally:
                first_s = (self._first_ms or 0.0) / 1000
                span.note(sound_s=self.utterance.duration_s, first_audio_s=first_s)

    @abstractmethod
    async def _perform(self) -> None:
        """Speak all of it, and `_complete` it."""

    def _sounded(self, sound: Sound) -> None:
        self.utterance.add(sound)
        self._first_ms = self._first_ms or self._ms()

    async def _complete(self, text: str) -> None:
        times = Timings(
            begun_ms=self._begun_ms, first_audio_ms=self._first_ms, synthesised_ms=self._ms()
        )
        await self._durable.wait()
        await self._close(await self._completed(text, times))

    async def _completed(self, text: str, times: Timings) -> TurnCompleted:
        audio, heard = await kept_and_measured(self._means, self.utterance, text)
        return TurnCompleted(
            turn_id=self._turn_id,
            audio=audio,
            duration_s=self.utterance.duration_s,
            words_json=words_json(self.utterance.words(text)),
            completed_at=self._means.now(),
            timings=times,
            features=heard.features,
            unread=heard.unread,
        )

    async def _fail(self, failure: Exception) -> None:
        await self._recorded()
        failed = TurnFailed(
            turn_id=self._turn_id, cause=_cause(failure), failed_at=self._means.now()
        )
        # If even that fails, the turn is closed when it is asked for again, or at the next waking.
        with suppress(Refused, LogError, JournalUnreachable, Surrendered):
            await self._close(failed)
        self.utterance.fail(failure)

    async def _recorded(self) -> None:
        """Return once it is known what the record has of the turn."""
        await self._durable.wait()

    def _ms(self) -> float:
        return round((self._means.clock() - self._arrived) * 1000, 3)


class LineTake(Take):
    """A take of a turn whose words are all known, on their way to the log."""

    def __init__(
        self, begun: TurnBegun, means: Means, close: CloseTurn, arrived: float, claim: Claim
    ) -> None:
        super().__init__(begun.turn_id, means, close, arrived)
        self._begun = begun
        self._claim = claim

    async def _perform(self) -> None:
        sounds = perform(
            self._means.stage,
            self._begun.direction,
            clock=self._means.clock,
            claim=self._claim,
        )
        async with aclosing(sounds):
            async for sound in sounds:
                await self._durable.wait()
                self._sounded(sound)
        await self._complete(self._begun.text)


async def kept_and_measured(
    means: Means, utterance: Utterance, text: str, *, cut: bool = False
) -> tuple[str, Measured]:
    """Have the sound of a turn kept, and measured meanwhile; not for long if it was cut short.

    Raises:
        Exception: it could not be kept.
    """
    pcm = utterance.pcm
    whole_within_s = MEASURED_WITHIN_S + MEASURED_WITHIN_SHARE * utterance.duration_s
    within_s = MEASURED_WHEN_CUT_WITHIN_S if cut else whole_within_s
    spoken = " ".join(word for word, _, _ in utterance.words(text)) or text
    measuring = asyncio.create_task(measured(means.ear, pcm, spoken, within_s))
    try:
        return await means.audio.keep(pcm), await measuring
    finally:
        measuring.cancel()


def _cause(failure: Exception) -> Failure:
    match failure:
        case Busy():
            return "busy"
        case SpeechFailed():
            return "engine"
        case _:
            return "lost"
