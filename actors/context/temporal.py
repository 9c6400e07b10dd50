"""The temporal encoding: where in its course the dialogue is, and how turns follow each other."""

from datetime import datetime
from statistics import median

from pydantic import BaseModel, ConfigDict

from actors.context.gaps import response_gap_ms
from actors.understanding.timing import timing_of
from events.readings import Part
from events.state import State


class Temporal(BaseModel):
    model_config = ConfigDict(frozen=True)

    turn: int
    """Number of the turn to come, from 1."""
    part: Part
    """Of the dialogue."""
    floor: str | None
    """Who took it last; a backchannel does not."""
    silence_ms: int | None
    """Since the floor was left; below 0 its holder still speaks. None where a time is unknown."""
    usual_gap_ms: int | None
    """Median of those that were recorded with the turns in the window."""
    interrupted: bool
    """Whether the last turn was cut short."""
    response_gap_ms: int | None
    """Suggested before the line of whoever speaks next; None where nobody was named."""


def temporal_of(
    state: State, *, speaker_id: str | None, at: datetime | None, act: str | None
) -> Temporal:
    """As `context_of`."""
    timing = timing_of(state, at, act=act)
    return Temporal(
        turn=state.turn_count + 1,
        part=timing.part,
        floor=timing.floor,
        silence_ms=timing.gap_ms,
        usual_gap_ms=_usual_gap_ms(state),
        interrupted=bool(state.turns) and state.turns[-1].interruption is not None,
        response_gap_ms=None if speaker_id is None else response_gap_ms(state, speaker_id),
    )


def _usual_gap_ms(state: State) -> int | None:
    timings = (turn.opening.timing for turn in state.turns)
    gaps = [each.gap_ms for each in timings if each and each.gap_ms is not None]
    return round(median(gaps)) if gaps else None
