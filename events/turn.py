"""A turn: what opened it, and what became of it."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from events.direction import Direction
from events.readings import Affect, Features, Topic, Unread
from events.turns import (
    TurnBegun,
    TurnCompleted,
    TurnExtended,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
    WordTime,
)

Kind = Literal["heard", "spoken"]
TurnStatus = Literal["begun", "completed", "interrupted", "failed"]


ROUNDED_S = 0.001
"""What is played is told in whole milliseconds: so much may be missing from a word that ended."""


class Turn(NamedTuple):
    """One participant's contribution, as its events tell it."""

    opening: TurnHeard | TurnBegun
    completion: TurnCompleted | None = None
    interruption: TurnInterrupted | None = None
    failure: TurnFailed | None = None
    extensions: tuple[TurnExtended, ...] = ()

    def extend(self, event: TurnExtended) -> "Turn":
        """This turn with more text."""
        return self._replace(extensions=(*self.extensions, event))

    def close(self, event: TurnCompleted | TurnInterrupted | TurnFailed) -> "Turn":
        """This turn after one of its ends; a turn can be completed and interrupted later."""
        match event.type:
            case "turn_completed":
                return Turn(self.opening, event, self.interruption, self.failure, self.extensions)
            case "turn_interrupted":
                return Turn(self.opening, self.completion, event, self.failure, self.extensions)
            case "turn_failed":
                return Turn(
                    self.opening, self.completion, self.interruption, event, self.extensions
                )

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
        if not self.extensions:
            return self.opening.text
        return self.opening.text + "".join(more.text for more in self.extensions)

    @property
    def direction(self) -> Direction | None:
        """How all of the turn was spoken; None where we did not speak it."""
        if self.opening.type == "turn_heard":
            return None
        if not self.extensions:
            return self.opening.direction
        parts = (self.opening.direction, *(more.direction for more in self.extensions))
        return Direction(
            voice=parts[0].voice,
            phrases=tuple(phrase for part in parts for phrase in part.phrases),
            reasons=tuple(dict.fromkeys(reason for part in parts for reason in part.reasons)),
        )

    @property
    def affect(self) -> Affect | None:
        """How it was meant, by the last reading of all that it said; `act` and `topic` likewise."""
        return self._newest.affect

    @property
    def act(self) -> str | None:
        return self._newest.act

    @property
    def topic(self) -> Topic | None:
        return self._newest.topic

    @property
    def _newest(self) -> TurnHeard | TurnBegun | TurnExtended:
        return self.extensions[-1] if self.extensions else self.opening

    @property
    def kind(self) -> Kind:
        return "heard" if self.opening.type == "turn_heard" else "spoken"

    @property
    def status(self) -> TurnStatus:
        if self.interruption:
            return "interrupted"
        if self.completion or self.opening.type == "turn_heard":
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
    def cut_word(self) -> str | None:
        """The word that was being spoken when the turn was interrupted, if any; it is unheard."""
        if self.interruption is None:
            return None
        played_s = self.interruption.audio_played_ms / 1000
        cut = (w.word for w in self.words if w.start_s < played_s < w.end_s - ROUNDED_S)
        return next(cut, None)

    @property
    def audio(self) -> str | None:
        """Content hash of the kept samples."""
        if self.opening.type == "turn_heard":
            return self.opening.audio
        if self.completion:
            return self.completion.audio
        return self.interruption.audio if self.interruption else None

    @property
    def features(self) -> Features | None:
        """What was measured in those samples."""
        if self.opening.type == "turn_heard":
            return self.opening.features
        end = self.completion or self.interruption
        return end.features if end else None

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What no reader could tell of the turn or of its sound, and why."""
        end = self.completion or self.interruption
        return self.opening.unread + (end.unread if end else ())

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
        if self.opening.type == "turn_heard":
            begin, end = self.opening.started_at, self.opening.ended_at
            if begin and end:
                return max(0.0, (end - begin).total_seconds())
            return self.opening.duration_s or 0.0
        if self.interruption:
            return self.interruption.audio_played_ms / 1000
        return self.completion.duration_s if self.completion else 0.0

    @property
    def started_at(self) -> datetime:
        opening = self.opening
        if opening.type == "turn_heard":
            return opening.started_at or opening.heard_at
        return opening.begun_at

    @property
    def ended_at(self) -> datetime | None:
        """When the last sound ended or, for what we spoke, would end if played as it came."""
        opening = self.opening
        if opening.type == "turn_heard":
            return opening.ended_at or _sounded_until(opening) or opening.heard_at
        if self.failure and self.status == "failed":
            return self.failure.failed_at
        return None if self.status == "begun" else self._spoken_until(opening)

    def _spoken_until(self, opening: TurnBegun) -> datetime:
        timings = self.completion.timings if self.completion else None
        lead_ms = (timings.first_audio_ms if timings else None) or 0.0
        return opening.begun_at + timedelta(milliseconds=lead_ms, seconds=self.duration_s)


def _sounded_until(heard: TurnHeard) -> datetime | None:
    if heard.started_at is None or heard.duration_s is None:
        return None
    return heard.started_at + timedelta(seconds=heard.duration_s)
