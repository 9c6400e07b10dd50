"""A conversation again, from its record alone: no engine, no clock, no network."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from events.codec import CODEC, Codec
from events.envelope import Recorded
from events.state import State, evolve
from events.transcript import Transcript
from events.turns import TurnBegun, TurnHeard


@dataclass(frozen=True, slots=True)
class Replayed:
    """A conversation as it was: its state, and all its turns."""

    state: State
    transcript: Transcript


def until(
    events: Iterable[Recorded], *, version: int | None = None, at: datetime | None = None
) -> Iterator[Recorded]:
    """The events up to a version (inclusive) and a moment (inclusive)."""
    for event in events:
        if version is not None and event.version > version:
            return
        if at is not None and event.recorded_at > at:
            return
        yield event


def before_turn(
    conversation_id: str, recorded: Iterable[Recorded], turn_id: str, codec: Codec = CODEC
) -> State | None:
    """The state that a turn followed when it was heard or last begun; None if there is none such.

    Raises:
        UnknownEvent: a newer release wrote one of the events.
    """
    state, followed = State(conversation_id), None
    for line in recorded:
        event = codec.read(line)
        if isinstance(event, TurnHeard | TurnBegun) and event.turn_id == turn_id:
            followed = state.without_turn(turn_id)
        state = evolve(state, event)
    return followed


def replay(conversation_id: str, recorded: Iterable[Recorded], codec: Codec = CODEC) -> Replayed:
    """Fold stored events, oldest first.

    Raises:
        UnknownEvent: a newer release wrote one of them.
    """
    state, transcript = State(conversation_id), Transcript(codec)
    for line in recorded:
        event = codec.read(line)
        state = evolve(state, event)
        transcript.file(event, line)
    return Replayed(state, transcript)
