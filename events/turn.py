"""A turn: what opened it, and what became of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from events.turns import (
    TurnBegun,
    TurnCompleted,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
    WordTime,
)

Kind = Literal["heard", "spoken"]
TurnStatus = Literal["begun", "completed", "interrupted", "failed"]


class Turn(NamedTuple):
    """One participant's contribution, as its events tell it."""

    opening: TurnHeard | TurnBegun
    completion: TurnCompleted | None = None
    interruption: TurnInterrupted | None = None
    failure: TurnFailed | None = None

    def close(self, event: TurnCompleted | TurnInterrupted | TurnFailed) -> "Turn":
        """This turn after one of its ends; a turn can be completed and interrupted later."""
        match event:
            case TurnCompleted():
                return Turn(self.opening, event, self.interruption, self.failure)
            case TurnInterrupted():
                return Turn(self.opening, self.completion, event, self.failure)
            case TurnFailed():
                return Turn(self.opening, self.completion, self.interruption, event)

    @property
    def number(self) -> int:
        return self.opening.turn

    @property
    def turn_id(self) -> str:
        return self.opening.turn_id

    @property
    def speaker_id(self) -> str:
        return self.opening.speaker_id

    @property
    def text(self) -> str:
        return self.opening.text

    @property
    def kind(self) -> Kind:
        return "heard" if isinstance(self.opening, TurnHeard) else "spoken"

    @property
    def status(self) -> TurnStatus:
        if self.interruption:
            return "interrupted"
        if self.completion or isinstance(self.opening, TurnHeard):
            return "completed"
        return "failed" if self.failure else "begun"

    @property
    def heard_text(self) -> str:
        """What reached its listeners, as far as the record knows."""
        if self.interruption:
            return self.interruption.heard_text
        return self.text if self.status == "completed" else ""

    @property
    def words(self) -> tuple[WordTime, ...]:
        end = self.completion or self.interruption
        return tuple(WordTime(*word) for word in (end.words if end else None) or ())

    @property
    def audio(self) -> str | None:
        """Content hash of the kept samples."""
        if self.completion:
            return self.completion.audio
        return self.interruption.audio if self.interruption else None

    @property
    def speakable_again(self) -> bool:
        """Whether asking for the turn again means speaking it again.

        So it is where the record has no whole audio and nobody cut the turn short on purpose: it
        failed, or its only listener's connection broke.
        """
        left = self.interruption is not None and self.interruption.cause == "listener_left"
        return self.completion is None and (self.failure is not None or left)

    @property
    def duration_s(self) -> float:
        """Seconds of speech; 0 where the times are not known."""
        if isinstance(self.opening, TurnHeard):
            begin, end = self.opening.started_at, self.opening.ended_at
            return max(0.0, (end - begin).total_seconds()) if begin and end else 0.0
        if self.interruption:
            return self.interruption.audio_played_ms / 1000
        return self.completion.duration_s if self.completion else 0.0

    @property
    def started_at(self) -> datetime:
        opening = self.opening
        if isinstance(opening, TurnHeard):
            return opening.started_at or opening.heard_at
        return opening.begun_at

    @property
    def ended_at(self) -> datetime | None:
        """When the last sound ended or, for what we spoke, would end if played as it came."""
        opening = self.opening
        if isinstance(opening, TurnHeard):
            return opening.ended_at or opening.heard_at
        if self.failure and self.status == "failed":
            return self.failure.failed_at
        return None if self.status == "begun" else self._spoken_until(opening)

    def _spoken_until(self, opening: TurnBegun) -> datetime:
        timings = self.completion.timings if self.completion else None
        lead_ms = (timings.first_audio_ms if timings else None) or 0.0
        return opening.begun_at + timedelta(milliseconds=lead_ms, seconds=self.duration_s)


class Transcript:
    """All turns of a conversation, by name and in order: the state's window without its limit."""

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}

    def apply(self, event: object) -> None:
        match event:
            case TurnHeard() | TurnBegun():
                self._turns[event.turn_id] = Turn(event)
            case TurnCompleted() | TurnInterrupted() | TurnFailed():
                turn = self._turns.get(event.turn_id)
                if turn is not None:
                    self._turns[event.turn_id] = turn.close(event)
            case _:
                pass

    def get(self, turn_id: str) -> Turn | None:
        return self._turns.get(turn_id)

    def __iter__(self) -> Iterator[Turn]:
        return iter(tuple(self._turns.values()))

    def __len__(self) -> int:
        return len(self._turns)
