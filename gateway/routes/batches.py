"""Many turns at once, for dialogues that are brought in from elsewhere."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from actors.commands import Listen, ListenToMany
from actors.refusals import Refused
from gateway.access.needs import needs
from gateway.bodies import Body, ListenIn
from gateway.desk import Desk
from gateway.errors import Problem, answer_to
from gateway.fields import Identifier
from gateway.routes.conversations import At, Id
from gateway.schemas import Error

router = APIRouter(prefix="/v1", tags=["conversations"])

MOST_TURNS = 1000


class NamedListenIn(ListenIn):
    turn_id: Identifier


class BatchIn(Body):
    turns: list[NamedListenIn] = Field(min_length=1, max_length=MOST_TURNS)


class BatchedOut(BaseModel):
    turn_id: str
    turn: int | None = None
    error: Error | None = None


class BatchOut(BaseModel):
    data: list[BatchedOut]
    version: int | None
    """After the last turn that was recorded; null if none was."""


@router.post("/conversation/{conversation_id}/listen/batch", dependencies=[needs("speak")])
async def listen_to_many(conversation_id: Id, body: BatchIn, at: At) -> BatchOut:
    """Record turns that others spoke, in this order; those that are refused say why.

    Every turn is named, so a batch that was sent again is recorded once.
    """
    asked = [_command(turn, at) for turn in body.turns]
    turns = tuple(turn for turn in asked if isinstance(turn, Listen))
    heard = await at.reception.ask(conversation_id, ListenToMany(turns))
    outcomes = iter(heard.outcomes)
    told = [next(outcomes) if isinstance(turn, Listen) else turn for turn in asked]
    data = [_told(turn.turn_id, outcome) for turn, outcome in zip(body.turns, told, strict=True)]
    recorded = any(out.turn is not None for out in data)
    return BatchOut(data=data, version=heard.version if recorded else None)


def _command(turn: NamedListenIn, at: Desk) -> Listen | Problem:
    """The turn, or what is wrong with it alone."""
    try:
        text = at.bounded(turn.text, "text")
    except Problem as problem:
        return problem
    return Listen(turn.turn_id, turn.speaker_id, text, turn.started_at, turn.ended_at)


def _told(turn_id: str, outcome: int | Refused | Problem) -> BatchedOut:
    if isinstance(outcome, int):
        return BatchedOut(turn_id=turn_id, turn=outcome)
    _, told, _ = answer_to(outcome)
    return BatchedOut(turn_id=turn_id, error=told["error"])
