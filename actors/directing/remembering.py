"""What is felt in a conversation, as whoever speaks next has it in mind."""

from collections.abc import Sequence
from datetime import datetime

from events.emotion import as_affect, mood_of
from events.readings import Affect
from events.state import State
from events.turn import Turn

REMEMBERED = 0.7
"""Of what was felt in a turn, a turn of the same speaker later."""
FADING_S = 60.0
"""Half-life of what was felt in a turn, as whoever answers remembers it."""
PASSING = ("neutral", "surprise")
"""What a turn leaves nothing of."""


def partners_feeling(state: State, turns: Sequence[Turn], now: datetime | None) -> Affect | None:
    """What somebody feels whose turns these are, as it was said most surely of late.

    Feelings decay to `now`, or to the last turn that was read.
    """
    if not turns:
        return None
    if now is None:
        present = state.emotions.get(turns[-1].speaker_id)
    else:
        later = state.felt_at(now.timestamp()).get(turns[-1].speaker_id)
        present = as_affect(later) if later else None
    return _surer(present, _remembered(turns, now))


def mood(state: State, now: datetime | None) -> Affect | None:
    """Of the whole dialogue, at a time."""
    return state.mood if now is None else mood_of(state.felt_at(now.timestamp()).values())


def _surer(present: Affect | None, remembered: Affect | None) -> Affect | None:
    """A neutral line does not wipe out what was clearly felt in the one before it."""
    if present is None or remembered is None:
        return present or remembered
    named = present.category not in PASSING
    return present if named and present.confidence >= remembered.confidence else remembered


def _remembered(partner: Sequence[Turn], now: datetime | None) -> Affect | None:
    """What the partner's last turns said most surely; less so with every turn, and with time."""
    faded = [
        affect.model_copy(update={"confidence": affect.confidence * _freshness(turn, ago, now)})
        for ago, turn in enumerate(reversed(partner))
        if (affect := turn.affect) and affect.category not in PASSING
    ]
    return max(faded, key=lambda affect: affect.confidence, default=None)


def _freshness(turn: Turn, ago: int, now: datetime | None) -> float:
    ended = turn.ended_at
    elapsed = (now - ended).total_seconds() if now and ended else 0.0
    return float(REMEMBERED**ago * 0.5 ** (max(elapsed, 0.0) / FADING_S))
