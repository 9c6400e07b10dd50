"""Conversations: started, spoken to, listened to, looked at, forked, ended."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from actors.commands import (
    End,
    Fork,
    GetState,
    GetTurn,
    GetTurns,
    Interrupt,
    Join,
    Leave,
    Listen,
    Newcomer,
    Obey,
    Speak,
    Start,
)
from actors.refusals import NoRecordedAudio, UnknownVersion
from events.state import State
from gateway import answers
from gateway.audio import FORMATS, whole_file
from gateway.desk import Desk, desk
from gateway.errors import Problem
from gateway.ranges import whole_or_part
from gateway.schemas import (
    Conversations,
    EndOut,
    ForkIn,
    ForkOut,
    Format,
    HeardOut,
    Identifier,
    InterruptIn,
    InterruptOut,
    ListenIn,
    Moment,
    Name,
    ParticipantIn,
    SpeakIn,
    StartIn,
    StartOut,
    StateOut,
    TurnOut,
    Turns,
)
from gateway.word_control import placed

router = APIRouter(prefix="/v1", tags=["conversations"])

At = Annotated[Desk, Depends(desk)]
Id = Annotated[Identifier, Path(description="The conversation's id.")]
TurnId = Annotated[Identifier, Path(description="The turn's id.")]
Key = Annotated[Identifier | None, Header(alias="Idempotency-Key")]

SOUND: dict[int | str, dict[str, Any]] = {
    200: {"content": {f.media_type: {} for f in FORMATS.values()}, "description": "Sound."}
}


@router.post(
    "/conversation/start",
    status_code=201,
    responses={200: {"model": StartOut, "description": "It was started before, in these words."}},
)
async def start(body: StartIn, at: At, response: Response, key: Key = None) -> StartOut:
    """Open a conversation; the same id with the same body again is answered the same."""
    conversation_id = body.conversation_id or key or at.new_id()
    people = body.participants
    command = Start(
        tuple(Newcomer(p.id, p.name, p.role, p.voice) for p in people),
        body.context_window,
        body.metadata,
    )
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), command))
    response.status_code = 201 if done.new else 200
    version = 1 + sum(2 if p.voice or p.role == "agent" else 1 for p in people)
    then = done.state
    if not done.new:
        then = await at.reception.ask(conversation_id, GetState(min(version, then.version)))
    return _opened(conversation_id, then)


@router.get("/conversations")
async def conversations(
    at: At,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Identifier | None = None,
    status: Literal["active", "ended"] | None = None,
) -> Conversations:
    """Conversations, newest first; `after` is the id of the last one already seen."""
    ended = None if status is None else status == "ended"
    try:
        heads = await at.records.conversations(after=after, limit=limit + 1, ended=ended)
    except ValueError as unknown:
        raise Problem(404, str(unknown), code="conversation_not_found", param="after") from None
    data = [answers.head_out(head) for head in heads[:limit]]
    return Conversations(data=data, has_more=len(heads) > limit)


@router.get("/conversation/{conversation_id}")
async def state(
    conversation_id: Id,
    at: At,
    version: Annotated[int | None, Query(ge=1)] = None,
    moment: Annotated[Moment | None, Query(alias="at")] = None,
) -> StateOut:
    """The state now, or as it was at a version or a moment."""
    return answers.state_out(await at.reception.ask(conversation_id, GetState(version, moment)))


@router.post("/conversation/{conversation_id}/speak", response_class=Response, responses=SOUND)
async def speak(conversation_id: Id, body: SpeakIn, at: At, key: Key = None) -> Response:
    """Speak a line as a turn; the same turn id with the same body again is the same sound."""
    command = Speak(
        turn_id=body.turn_id or key or at.new_id(),
        speaker_id=body.speaker_id,
        text=at.bounded(body.text, "text"),
        voice=body.voice,
        speed=body.speed,
        emotion=body.emotion,
        words=placed(body.words, body.text),
    )
    sse = body.stream_format == "sse"
    return await at.spoken(conversation_id, command, body.response_format, sse=sse)


@router.post("/conversation/{conversation_id}/listen")
async def listen(conversation_id: Id, body: ListenIn, at: At, key: Key = None) -> HeardOut:
    """Record a turn that somebody else spoke."""
    command = Listen(
        turn_id=body.turn_id or key or at.new_id(),
        speaker_id=body.speaker_id,
        text=at.bounded(body.text, "text"),
        started_at=body.started_at,
        ended_at=body.ended_at,
    )
    turn, version = await at.reception.ask(conversation_id, command)
    return HeardOut(
        turn=turn.number, turn_id=turn.turn_id, affect=turn.opening.affect, version=version
    )


@router.get("/conversation/{conversation_id}/turns")
async def turns(
    conversation_id: Id,
    at: At,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> Turns:
    """Turns with a number above `after`, newest last."""
    found = await at.reception.ask(conversation_id, GetTurns(after, limit))
    return Turns(data=[answers.turn_out(turn) for turn in found])


@router.get("/conversation/{conversation_id}/turns/{turn_id}")
async def turn(conversation_id: Id, turn_id: TurnId, at: At) -> TurnOut:
    """One turn, with its words and their times, its direction and the reasons for it."""
    return answers.turn_out(await at.reception.ask(conversation_id, GetTurn(turn_id)))


@router.get(
    "/conversation/{conversation_id}/turns/{turn_id}/audio",
    response_class=Response,
    responses={**SOUND, 206: {**SOUND[200], "description": "The range that was asked for."}},
)
async def audio(
    conversation_id: Id,
    turn_id: TurnId,
    at: At,
    request: Request,
    audio_format: Annotated[Format, Query(alias="format")] = "wav",
) -> Response:
    """The recorded sound of a turn, or a range of its bytes; nothing is synthesised."""
    found = await at.reception.ask(conversation_id, GetTurn(turn_id))
    if found.audio is None:
        raise NoRecordedAudio(turn_id, f"{found.kind}, {found.status}")
    pcm = await at.system.audio.samples(found.audio)
    kind = FORMATS[audio_format]
    file = await asyncio.to_thread(whole_file, kind, pcm)
    headers = {"X-Conversation-ID": conversation_id, "X-Turn-ID": turn_id}
    return whole_or_part(file, kind.media_type, request.headers, headers)


@router.post("/conversation/{conversation_id}/turns/{turn_id}/interrupt")
async def interrupt(
    conversation_id: Id, turn_id: TurnId, body: InterruptIn, at: At
) -> InterruptOut:
    """Stop a turn at what was played; repeated, the first answer stands."""
    command = Interrupt(turn_id, body.audio_played_ms, body.by)
    found, _ = await at.reception.ask(conversation_id, command)
    cut = found.interruption
    assert cut is not None, "an interrupted turn says where"  # noqa: S101
    return InterruptOut(
        heard_text=cut.heard_text,
        unheard_text=cut.unheard_text,
        audio_played_ms=cut.audio_played_ms,
    )


@router.post("/conversation/{conversation_id}/fork", status_code=201)
async def fork(conversation_id: Id, at: At, body: ForkIn | None = None, key: Key = None) -> ForkOut:
    """A new conversation that shares the past, up to a version or all of it."""
    asked = body or ForkIn()
    now = await at.reception.ask(conversation_id, GetState())
    version = asked.version or now.version
    if version > now.version:
        raise UnknownVersion(version, now.version)
    past = tuple(await at.records.read(conversation_id, limit=version))
    new_id = asked.conversation_id or key or at.new_id()
    command = Fork(conversation_id, past, to_the_end=asked.version is None)
    done = await at.reception.ask(new_id, Obey(at.new_id(), command))
    origin = answers.origin_out(done.state)
    assert origin is not None, "a fork says of what"  # noqa: S101
    return ForkOut(**_opened(new_id, done.state).model_dump(), forked_from=origin)


@router.post("/conversation/{conversation_id}/participants", status_code=201)
async def join(conversation_id: Id, body: ParticipantIn, at: At) -> StartOut:
    """Somebody joins; who was here before keeps their voice."""
    newcomer = Newcomer(body.id, body.name, body.role, body.voice)
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), Join(newcomer)))
    return _opened(conversation_id, done.state)


@router.delete("/conversation/{conversation_id}/participants/{participant_id:path}")
async def leave(conversation_id: Id, participant_id: Name, at: At) -> StartOut:
    """Somebody leaves; their turns stay."""
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), Leave(participant_id)))
    return _opened(conversation_id, done.state)


@router.post("/conversation/{conversation_id}/end")
async def end(conversation_id: Id, at: At) -> EndOut:
    """No further turns."""
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), End()))
    state_ = done.state
    return EndOut(conversation_id=conversation_id, status=state_.status, version=state_.version)


def _opened(conversation_id: str, state: State) -> StartOut:
    people = answers.participants_out(state)
    return StartOut(conversation_id=conversation_id, participants=people, version=state.version)
