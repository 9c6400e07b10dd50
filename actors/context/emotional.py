"""The emotional encoding: what each one feels, the mood of all, and how it came to that."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from actors.directing.remembering import mood, partners_feeling
from events.emotion import as_affect
from events.readings import Affect, Emotion
from events.state import State
from events.turn import Turn


class Felt(BaseModel):
    """How a turn was meant."""

    model_config = ConfigDict(frozen=True)

    turn: int
    speaker_id: str
    valence: float
    arousal: float
    category: Emotion
    confidence: float


class Emotional(BaseModel):
    model_config = ConfigDict(frozen=True)

    mood: Affect | None
    """Of the whole dialogue; None before any turn was read."""
    feelings: dict[str, Affect]
    """By participant, of those whose turns were read."""
    partner: Affect | None
    """What the partner is taken to feel: a neutral line does not undo what was clearly felt."""
    turns: tuple[Felt, ...]
    """Of the window, those that were read, oldest first."""


def emotional_of(state: State, *, partner_id: str | None, at: datetime | None) -> Emotional:
    """As `context_of`."""
    partners = [turn for turn in state.turns if turn.speaker_id == partner_id]
    return Emotional(
        mood=mood(state, at),
        feelings=_feelings(state, at),
        partner=partners_feeling(state, partners, at),
        turns=tuple(_felt(turn, affect) for turn in state.turns if (affect := turn.affect)),
    )


def _feelings(state: State, at: datetime | None) -> dict[str, Affect]:
    if at is None:
        return dict(state.emotions)
    later = state.felt_at(at.timestamp())
    return {speaker: as_affect(feeling) for speaker, feeling in later.items()}


def _felt(turn: Turn, affect: Affect) -> Felt:
    return Felt(
        turn=turn.number,
        speaker_id=turn.speaker_id,
        valence=affect.valence,
        arousal=affect.arousal,
        category=affect.category,
        confidence=affect.confidence,
    )
