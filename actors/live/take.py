"""A take of a turn whose words are still coming."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

from actors.engines.base import Sound
from actors.live.cutting import Piece
from actors.live.dictation import Dictation
from actors.markup import Marks
from actors.refusals import TextOverdue, TurnIdConflict, TurnOver, UnspeakableText
from actors.synthesis.admission import FIRST_SOUND_WITHIN_S
from actors.synthesis.claims import EVERYBODY, Claim
from actors.synthesis.stage import WorkerDied, perform
from actors.take import CloseTurn, Means, Take
from events.direction import Direction

HURRIED_S = 0.4
"""Sound in hand below which a clause is spoken without waiting for the end of its sentence."""
TEXT_WITHIN_S = 45.0
"""For which a piece that can be spoken is waited for."""

Record = Callable[[Piece, Callable[[Direction], None]], Awaitable[None]]
"""Records a piece; tells its direction as soon as that is decided, and returns once it is durable.

It may be decided anew, while the log cannot be reached: the last direction told is what was
recorded."""


class DictatedTake(Take):
    """Speaks piece after piece, each recorded while its synthesis begins.

    Args:
        turn_id: Of the turn.
        asked: Fingerprint of the manner in which it is to be spoken.
        dictation: Where the text comes in.
        record: To record pieces with.
        recorded: What the record has of the turn, which is spoken first, as it was directed then.
        means: To speak with.
        close: To record the end with.
        key_id: Of the key that asks; None where there are no keys.
    """

    def __init__(
        self,
        turn_id: str,
        asked: str,
        dictation: Dictation,
        record: Record,
        recorded: Piece | None,
        means: Means,
        close: CloseTurn,
        key_id: str | None = None,
    ) -> None:
        super().__init__(turn_id, means, close, means.clock())
        self.dictation = dictation
        self._asked = asked
        self._key_id = key_id or EVERYBODY
        self._record = record
        self._spoken = recorded
        self._text = ""
        self._direction: Direction | None = None
        self._sounding_since: float | None = None
        self._news = asyncio.Event()

    @property
    def dictated(self) -> str:
        return self.dictation.text

    def add(
        self, at: int, text: str, *, ended: bool, marks: Marks = (), marks_before: int = 0
    ) -> int:
        """Take more of the text; see `Dictation.add`.

        Raises:
            TurnOver: it is not being spoken any more.
        """
        if self.done:
            raise TurnOver(self._turn_id)
        known = self.dictation.add(at, text, ended=ended, marks=marks, marks_before=marks_before)
        self._news.set()
        return known

    def must_be_spoken_as(self, asked: str) -> None:
        """Refuse to be spoken in another manner.

        Raises:
            TurnIdConflict: it is another.
            TurnOver: it has been stopped.
        """
        if asked != self._asked:
            raise TurnIdConflict(self._turn_id)
        if self.stopped:
            raise TurnOver(self._turn_id)

    async def begun(self) -> None:
        """Return once its beginning is durable; raises what ended it before."""
        durable = asyncio.create_task(self._durable.wait())
        try:
            await asyncio.wait({durable, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            durable.cancel()
        if not self._durable.is_set():
            raise self.utterance.failure or TurnOver(self._turn_id)

    async def _perform(self) -> None:
        while (piece := await self._next()) is not None:
            await self._speak(piece)
        if not self._text:
            raise UnspeakableText
        await self._complete(self._text)

    async def _next(self) -> Piece | None:
        if self._spoken is not None:
            piece, self._spoken = self._spoken, None
            return piece
        try:
            async with asyncio.timeout(TEXT_WITHIN_S):
                return await self._dictated()
        except TimeoutError:
            raise TextOverdue(self._turn_id, f"{TEXT_WITHIN_S:g}") from None

    async def _dictated(self) -> Piece | None:
        hurried = False
        while not self.dictation.over:
            self._news.clear()
            left_s = self._in_hand_s() - HURRIED_S
            hurried = hurried or left_s <= 0
            if (piece := self.dictation.next(hurried=hurried)) is not None:
                return piece
            hurried = not await self._more_text(None if hurried else left_s)
        return None

    async def _more_text(self, within_s: float | None) -> bool:
        """Whether there was more before the listener was about to run out of sound."""
        try:
            async with asyncio.timeout(within_s):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _in_hand_s(self) -> float:
        """Seconds of sound that a listener who heard all from the start has not played yet."""
        if self._sounding_since is None:
            return 0.0
        return self._sounding_since + self.utterance.duration_s - self._means.clock()

    async def _speak(self, piece: Piece) -> None:
        if not self._text:
            self._arrived = self._means.clock()
            await self._admit(piece)
        directed = asyncio.Event()

        def direct(direction: Direction) -> None:
            self._direction = direction
            directed.set()

        recording = asyncio.create_task(self._recorded_piece(piece, direct))
        try:
            await _first(directed, recording)
            while not await self._performed(self._direction, recording):
                pass
        finally:
            recording.cancel()

    async def _admit(self, piece: Piece) -> None:
        """Be let in; nothing is recorded of who is not."""
        claim = Claim(self._turn_id, key_id=self._key_id, growing=not self.dictation.over)
        with suppress(WorkerDied):  # its first phrase will ask again
            await self._means.stage.admit(claim, FIRST_SOUND_WITHIN_S, len(piece.text))

    async def _recorded_piece(self, piece: Piece, direct: Callable[[Direction], None]) -> None:
        await self._record(piece, direct)
        self._text += piece.text
        if not self._durable.is_set():
            self.durable()

    async def _performed(
        self, direction: Direction | None, recording: "asyncio.Task[None]"
    ) -> bool:
        """Whether a direction was spoken; False if another one was recorded instead."""
        assert direction is not None  # noqa: S101
        sounds = perform(
            self._means.stage,
            direction,
            clock=self._means.clock,
            began=self._sounding_since,
            sounded=self.utterance.size,
            claim=Claim(self._turn_id, key_id=self._key_id, growing=not self.dictation.over),
        )
        async with aclosing(sounds):
            async for sound in sounds:
                await asyncio.shield(recording)
                if self._direction != direction:
                    return False
                self._heard(sound)
        await asyncio.shield(recording)
        return self._direction == direction

    def _heard(self, sound: Sound) -> None:
        if self._sounding_since is None:
            self._sounding_since = self._means.clock()
        self._sounded(sound)

    async def _recorded(self) -> None:
        """Nothing is being recorded when it fails: what could not be, is not."""


async def _first(directed: asyncio.Event, recording: "asyncio.Task[None]") -> None:
    """Return once the direction is known; raises what recording raised."""
    deciding = asyncio.create_task(directed.wait())
    try:
        await asyncio.wait({deciding, recording}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        deciding.cancel()
    if not directed.is_set():
        await recording
