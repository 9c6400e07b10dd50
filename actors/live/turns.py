"""The turns of a conversation whose words are still coming."""

import asyncio
from collections.abc import AsyncIterator, Callable

from actors import decisions
from actors.commands import Dictate, Dictated, Hear, Speak
from actors.live import deciding
from actors.live.cutting import Piece
from actors.live.dictation import Dictation
from actors.live.take import DictatedTake
from actors.phrases import speakable
from actors.refusals import TurnIdConflict, TurnOver, UnknownTurn
from actors.take import CloseTurn, Means, Take
from actors.utterance import Portion
from actors.writing import Writer
from events.direction import Direction
from events.state import State
from events.transcript import Transcript
from events.turn import Turn
from events.turns import Event

DICTATED_WITHIN_S = 10.0
"""A listener may come before the first word of a turn."""


class LiveTurns:
    """Takes dictation, and lets it be heard.

    Args:
        writer: Of the conversation.
        means: To speak with.
        takes: Of the conversation, by turn.
        close: To record ends of turns with.
    """

    def __init__(
        self, writer: Writer, means: Means, takes: dict[str, Take], close: CloseTurn
    ) -> None:
        self._writer = writer
        self._means = means
        self._takes = takes
        self._close = close
        self._arrival = asyncio.Event()

    def dictate(self, command: Dictate) -> Dictated:
        """Take more of the text of a turn: one that goes on, or is new, or is taken up again.

        Raises:
            Refused: nothing was taken.
        """
        line, take = command.line, self._takes.get(command.line.turn_id)
        if isinstance(take, DictatedTake) and not take.done:
            take.must_be_spoken_as(deciding.asked(line))
        else:
            known = self._writer.transcript.get(line.turn_id)
            if known is not None:
                deciding.must_be_same(known, line)
            if known is not None and not known.speakable_again:
                return _from_record(known, command)
            decisions.may_speak(self._writer.state, line, self._means.voices)
            take = self._begin(line, known)
        known_now = take.add(
            command.at,
            line.text,
            ended=command.ended,
            marks=line.marks or (),
            marks_before=command.marks_before,
        )
        return Dictated(known_now, over=False)

    async def hear(self, asked: Hear) -> AsyncIterator[Turn | Portion]:
        """The turn once its beginning is durable, then its sound; only the turn if it is over.

        Raises:
            UnknownTurn: nobody dictates such a turn.
            Exception: whatever ended it early.
        """
        take = await self._taken(asked.turn_id)
        if take is None:
            yield self._known(asked.turn_id)
            return
        portions = take.utterance.follow(asked.listener_id, asked.sample)
        await take.begun()
        yield self._known(asked.turn_id)
        async for portion in portions:
            yield portion

    def _begin(self, line: Speak, known: Turn | None) -> DictatedTake:
        take = self._takes[line.turn_id] = DictatedTake(
            line.turn_id,
            deciding.asked(line),
            Dictation(line.turn_id, recorded=known.text if known else ""),
            lambda piece, tell: self._record(line, piece, tell),
            Piece(0, known.text, last=False) if known else None,
            self._means,
            self._close,
            line.key_id,
        )
        arrival, self._arrival = self._arrival, asyncio.Event()
        arrival.set()
        return take

    async def _taken(self, turn_id: str) -> DictatedTake | None:
        """The take of a turn, as soon as there is one; None where the record has it all."""
        try:
            async with asyncio.timeout(DICTATED_WITHIN_S):
                while True:
                    take, known = self._takes.get(turn_id), self._writer.transcript.get(turn_id)
                    if known is not None and known.status != "begun" and not known.speakable_again:
                        return None
                    if isinstance(take, DictatedTake):
                        return take
                    await self._arrival.wait()
        except TimeoutError:
            raise UnknownTurn(turn_id) from None

    async def _record(self, line: Speak, piece: Piece, tell: Callable[[Direction], None]) -> None:
        def decide(state: State, turns: Transcript) -> list[Event]:
            events = self._decided(line, piece, state, turns.get(line.turn_id))
            newest = events[-1]
            assert newest.type in ("turn_begun", "turn_extended")  # noqa: S101
            tell(newest.direction)
            return events

        version = self._writer.state.version
        await self._writer.write(f"{line.turn_id}/text/{piece.at}/{version}", decide)

    def _decided(self, line: Speak, piece: Piece, state: State, known: Turn | None) -> list[Event]:
        means, now = self._means, self._means.now()
        if piece.at > 0:
            return [
                deciding.extend(
                    state,
                    known,
                    line,
                    piece,
                    now=now,
                    engine=means.engine,
                    reader=means.reader,
                    limits=means.limits,
                )
            ]
        if known is not None:
            return [deciding.begin_again(state, known, line, now=now, voices=means.voices)]
        return deciding.begin(
            state,
            line,
            piece,
            now=now,
            engine=means.engine,
            voices=means.voices,
            reader=means.reader,
            limits=means.limits,
        )

    def _known(self, turn_id: str) -> Turn:
        turn = self._writer.transcript.get(turn_id)
        if turn is None:
            raise UnknownTurn(turn_id)
        return turn


def _from_record(known: Turn, command: Dictate) -> Dictated:
    """What is known of a turn that is over, if this is the text that it had."""
    text, at = command.line.text, command.at
    recorded = known.text[at : at + len(text)]
    added = known.status == "completed" and speakable(text[len(recorded) :])
    if not text.startswith(recorded) or added:
        raise TurnIdConflict(known.turn_id)
    if known.status == "begun":
        raise TurnOver(known.turn_id)
    return Dictated(len(known.text), over=True)
