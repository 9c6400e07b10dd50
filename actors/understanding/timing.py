"""How a turn follows those before it in time."""

from datetime import datetime

from events.readings import Part, Timing
from events.state import State
from events.turn import Turn

OPENING_TURNS = 2


def timing_of(state: State, started_at: datetime | None, *, act: str | None = None) -> Timing:
    """The timing of a turn that follows `state`.

    Args:
        state: The conversation before the turn.
        started_at: When the turn began; None if nobody told.
        act: Of the turn.
    """
    holder = _holder(state)
    ended_at = holder.ended_at if holder and _ends_are_known(holder) else None
    gap = (started_at - ended_at).total_seconds() if started_at and ended_at else None
    return Timing(
        gap_ms=None if gap is None else round(gap * 1000),
        floor=holder.speaker_id if holder else None,
        part=_part(state, act),
    )


def _holder(state: State) -> Turn | None:
    """Of the turns in the window, the last that took the floor."""
    turns = reversed(state.turns)
    return next((turn for turn in turns if turn.act != "backchannel"), None)


def _ends_are_known(turn: Turn) -> bool:
    """When we were told of a turn says little of when it ended."""
    return turn.opening.type == "turn_begun" or turn.opening.ended_at is not None


def _part(state: State, act: str | None) -> Part:
    if act == "closing" or any(turn.act == "closing" for turn in state.turns[-2:]):
        return "closing"
    return "opening" if state.turn_count < OPENING_TURNS else "middle"
