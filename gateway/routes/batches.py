"""Many turns at once, for dialogues that are brought in from elsewhere."""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, Field

from actors.commands import Listen
from actors.refusals import TurnIdConflict, TurnTimesReversed, UnknownSpeaker
from events.turn import Turn
from gateway.access.needs import needs
from gateway.desk import Desk
from gateway.errors import Problem, answer_to
from gateway.routes.conversations import At, Id
from gateway.schemas import Body, Error, Identifier, ListenIn

router = APIRouter(prefix="/v1", tags=["conversations"])

MOST_TURNS = 1000

OF_ONE_TURN = (Problem, TurnIdConflict, TurnTimesReversed, UnknownSpeaker)
"""Refusals that leave the other turns of a batch as they are."""


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
    outcomes = await asyncio.gather(
        *(_heard(conversation_id, turn, at) for turn in body.turns), return_exceptions=True
    )
    data = [_told(turn.turn_id, got) for turn, got in zip(body.turns, outcomes, strict=True)]
    versions = [outcome[1] for outcome in outcomes if not isinstance(outcome, BaseException)]
    return BatchOut(data=data, version=max(versions, default=None))


async def _heard(conversation_id: str, turn: NamedListenIn, at: Desk) -> tuple[Turn, int]:
    text = at.bounded(turn.text, "text")
    command = Listen(turn.turn_id, turn.speaker_id, text, turn.started_at, turn.ended_at)
    return await at.reception.ask(conversation_id, command)


def _told(turn_id: str, outcome: tuple[Turn, int] | BaseException) -> BatchedOut:
    """Raises whatever is not about this turn alone: then the whole batch is to be sent again."""
    if isinstance(outcome, OF_ONE_TURN):
        _, told, _ = answer_to(outcome)
        return BatchedOut(turn_id=turn_id, error=told["error"])
    if isinstance(outcome, BaseException):
        raise outcome
    return BatchedOut(turn_id=turn_id, turn=outcome[0].number)
