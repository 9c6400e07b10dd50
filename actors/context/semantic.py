"""The semantic encoding: what is spoken of, and what was done with words."""

from itertools import takewhile

from pydantic import BaseModel, ConfigDict

from events.readings import QUESTIONS
from events.state import State
from events.turn import Turn

EARLIER_TOPICS = 5
"""That are named; the state remembers more."""


class Act(BaseModel):
    """What a turn did."""

    model_config = ConfigDict(frozen=True)

    turn: int
    speaker_id: str
    act: str | None
    """None where it was not read."""


class Semantic(BaseModel):
    model_config = ConfigDict(frozen=True)

    topic: str | None
    topic_turns: int
    """Of the window, those that are about it."""
    earlier_topics: tuple[str, ...]
    """The last before it, newest first."""
    acts: tuple[Act, ...]
    """Of the window, oldest first."""
    open_question: int | None
    """Number of the turn that asked something to which nobody else has said anything yet."""


def semantic_of(state: State) -> Semantic:
    return Semantic(
        topic=state.topic,
        topic_turns=_turns_about(state, state.topics[-1].id) if state.topics else 0,
        earlier_topics=tuple(
            topic.label for topic in reversed(state.topics[-1 - EARLIER_TOPICS : -1])
        ),
        acts=tuple(
            Act(turn=turn.number, speaker_id=turn.speaker_id, act=turn.act) for turn in state.turns
        ),
        open_question=_open_question(state),
    )


def _turns_about(state: State, topic_id: int) -> int:
    topics = (turn.topic for turn in state.turns)
    return sum(topic is not None and topic.id == topic_id for topic in topics)


def _open_question(state: State) -> int | None:
    def of_the_same(turn: Turn) -> bool:
        return turn.speaker_id == state.current_speaker

    run = takewhile(of_the_same, reversed(state.turns))
    return next((turn.number for turn in run if turn.act in QUESTIONS), None)
