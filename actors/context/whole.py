"""The four encodings together."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from actors.context.emotional import Emotional, emotional_of
from actors.context.semantic import Semantic, semantic_of
from actors.context.speaker import Speaker, speakers_of
from actors.context.temporal import Temporal, temporal_of
from events.state import State


class Context(BaseModel):
    """What of a conversation bears on the next line."""

    model_config = ConfigDict(frozen=True)

    version: int
    """Of the conversation whose context this is: the events that it is made of."""
    speaker_id: str | None
    """Who speaks next, if that is known."""
    partner_id: str | None
    """Whoever else spoke last."""
    temporal: Temporal
    speakers: dict[str, Speaker]
    semantic: Semantic
    emotional: Emotional


def context_of(
    state: State,
    *,
    speaker_id: str | None = None,
    at: datetime | None = None,
    act: str | None = None,
) -> Context:
    """The context of the line that follows.

    Args:
        state: The conversation before the line.
        speaker_id: Who is about to speak; None for nobody in particular, who has no partner.
        at: To which feelings decay and silence grows; by default, the last turn.
        act: Of the line, if there is one already.
    """
    partner_id = _partner(state, speaker_id)
    return Context(
        version=state.version,
        speaker_id=speaker_id,
        partner_id=partner_id,
        temporal=temporal_of(state, speaker_id=speaker_id, at=at, act=act),
        speakers=speakers_of(state),
        semantic=semantic_of(state),
        emotional=emotional_of(state, partner_id=partner_id, at=at),
    )


def _partner(state: State, speaker_id: str | None) -> str | None:
    if speaker_id is None:
        return None
    others = (turn.speaker_id for turn in reversed(state.turns) if turn.speaker_id != speaker_id)
    return next(others, None)
