"""Many turns that others spoke, heard as one by one, but written together."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import count

from actors.commands import Heard, Listen, ListenToMany
from actors.decisions import listen
from actors.refusals import Refused, TurnIdConflict, TurnTimesReversed, UnknownSpeaker
from actors.understanding.reader import Reader
from actors.writing import Writer
from events.state import State, evolve
from events.transcript import Transcript
from events.turn import Turn
from events.turns import TurnHeard

OF_ONE_TURN = (TurnIdConflict, TurnTimesReversed, UnknownSpeaker)
"""Refusals that leave the other turns as they are."""

WRITTEN_TOGETHER = 250
"""Turns of one append; nobody else in the conversation is answered while they are read."""

Clock = Callable[[], datetime]


class Batches:
    """Hears the batches of one conversation."""

    def __init__(self, writer: Writer, reader: Reader, now: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._now = now
        self._numbers = count(1)

    async def hear(self, batch: ListenToMany) -> Heard:
        """Record the turns that are not recorded yet, in their order.

        Raises:
            Refused: of the conversation; what came before is recorded.
            LogUnavailable, JournalUnreachable, Surrendered: see `Writer.write`.
        """
        outcomes: list[int | Refused] = []
        for part in _parts(batch.turns):
            outcomes += await self._hear(part)
        return Heard(tuple(outcomes), self._writer.state.version)

    async def _hear(self, turns: Sequence[Listen]) -> list[int | Refused]:
        refusals: dict[int, Refused] = {}

        def decide(state: State, known: Transcript) -> list[TurnHeard]:
            refusals.clear()  # it may be decided anew
            return hear_all(state, known, turns, refusals, self._now, reader=self._reader)

        # The turns' names make a repetition harmless; this one must be no other batch's.
        command_id = f"batch/{self._writer.epoch}/{next(self._numbers)}"
        await self._writer.write(command_id, decide)
        return [refusals.get(place) or self._number(turn) for place, turn in enumerate(turns)]

    def _number(self, turn: Listen) -> int:
        known = self._writer.transcript.get(turn.turn_id)
        assert known is not None, "it was recorded, now or before"  # noqa: S101
        return known.number


def hear_all(
    state: State,
    known: Transcript,
    turns: Sequence[Listen],
    refusals: dict[int, Refused],
    now: Clock,
    *,
    reader: Reader,
) -> list[TurnHeard]:
    """What `decisions.listen` makes of each turn after those before it.

    Args:
        state: Before them.
        known: The turns of the conversation.
        turns: To be heard, in this order.
        refusals: Takes in what was refused, by its place in `turns`.
        now: Tells the time.
        reader: Reads them.

    Raises:
        Refused: not of one turn alone; nothing is to be written.
    """
    events: list[TurnHeard] = []
    fresh: dict[str, Turn] = {}
    for place, turn in enumerate(turns):
        before = fresh.get(turn.turn_id) or known.get(turn.turn_id)
        try:
            heard = listen(state, before, turn, now(), reader=reader)
        except OF_ONE_TURN as refusal:
            refusals[place] = refusal
            continue
        for event in heard:
            state = evolve(state, event)
            fresh[event.turn_id] = Turn(event)
        events += heard
    return events


def _parts(turns: Sequence[Listen]) -> Iterator[Sequence[Listen]]:
    for start in range(0, len(turns), WRITTEN_TOGETHER):
        yield turns[start : start + WRITTEN_TOGETHER]
