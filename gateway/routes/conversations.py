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
    Pronounce,
    Speak,
    Start,
)
from actors.context import Context, context_of
from actors.refusals import NoRecordedAudio, UnknownSpeaker, UnknownVersion
from events.state import State
from gateway import answers
from gateway.access.needs import Who, needs
from gateway.audio import FORMATS, whole_file
from gateway.bodies import ForkIn, InterruptIn, ParticipantIn, PronunciationsIn, SpeakIn, StartIn
from gateway.desk import Desk, desk
from gateway.errors import Problem
from gateway.fields import Format, Identifier, Moment, Name
from gateway.markup import marked
from gateway.pronunciations import sayings
from gateway.ranges import whole_or_part
from gateway.schemas import (
    Conversations,
    EndOut,
    ForkOut,
    HeardOut,
    InterruptOut,
    PronunciationsOut,
    StartOut,
    StateOut,
    TurnInContextOut,
    Turns,
)
from gateway.uploads import BODY, Told, told
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
    dependencies=[needs("speak")],
    status_code=201,
    responses={200: {"model": StartOut, "description": "It was started before, in these words."}},
)
async def start(body: StartIn, at: At, who: Who, response: Response, key: Key = None) -> StartOut:
    """Open a conversation; the same id with the same body again is answered the same."""
    conversation_id = body.conversation_id or key or at.new_id()
    people = body.participants
    command = Start(
        tuple(map(_newcomer, people)),
        body.context_window,
        body.metadata,
        body.intensity,
        who.key_id,
        sayings(body.pronunciations),
    )
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), command))
    response.status_code = 201 if done.new else 200
    version = 1 + sum(2 if p.voice or p.role == "agent" else 1 for p in people)
    version += bool(body.pronunciations)
    then = done.state
    if not done.new:
        then = await at.reception.ask(conversation_id, GetState(min(version, then.version)))
    return _opened(conversation_id, then)


@router.get("/conversations", dependencies=[needs("read")])
async def conversations(
    at: At,
    who: Who,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Identifier | None = None,
    status: Literal["active", "ended"] | None = None,
) -> Conversations:
    """Conversations, newest first; `after` is the id of the last one already seen."""
    ended = None if status is None else status == "ended"
    try:
        heads = await at.records.conversations(
            after=after, limit=limit + 1, ended=ended, owner=who.only
        )
    except ValueError as unknown:
        raise Problem(404, str(unknown), code="conversation_not_found", param="after") from None
    data = [answers.head_out(head) for head in heads[:limit]]
    return Conversations(data=data, has_more=len(heads) > limit)


@router.get("/conversation/{conversation_id}", dependencies=[needs("read")])
async def state(
    conversation_id: Id,
    at: At,
    version: Annotated[int | None, Query(ge=1)] = None,
    moment: Annotated[Moment | None, Query(alias="at")] = None,
) -> StateOut:
    """The state now, or as it was at a version or a moment."""
    return answers.state_out(await at.reception.ask(conversation_id, GetState(version, moment)))


@router.get("/conversation/{conversation_id}/context", dependencies=[needs("read")])
async def context(
    conversation_id: Id,
    at: At,
    speaker_id: Name | None = None,
    version: Annotated[int | None, Query(ge=1)] = None,
    moment: Annotated[Moment | None, Query(alias="at")] = None,
) -> Context:
    """What bears on the next line, of `speaker_id` if named; feelings decay to `at`."""
    state_ = await at.reception.ask(conversation_id, GetState(version, moment))
    if speaker_id is not None and speaker_id not in state_.participants:
        here = ", ".join(map(repr, state_.participants))
        raise UnknownSpeaker(speaker_id, here)
    return context_of(state_, speaker_id=speaker_id, at=moment)


@router.post(
    "/conversation/{conversation_id}/speak",
    dependencies=[needs("speak")],
    response_class=Response,
    responses=SOUND,
)
async def speak(conversation_id: Id, body: SpeakIn, at: At, who: Who, key: Key = None) -> Response:
    """Speak a line as a turn; the same turn id with the same body again is the same sound."""
    written = at.bounded(body.text, "text")
    text, marks = marked(written, body.markup, at.system.voices, "text")
    command = Speak(
        turn_id=body.turn_id or key or at.new_id(),
        speaker_id=body.speaker_id,
        text=text,
        voice=body.voice,
        speed=body.speed,
        emotion=body.emotion,
        words=placed(body.words, body.text),
        key_id=who.key_id,
        marks=marks,
        written=written,
    )
    who.spend(written)
    sse = body.stream_format == "sse"
    return await at.spoken(conversation_id, command, body.response_format, sse=sse)


@router.post(
    "/conversation/{conversation_id}/listen",
    dependencies=[needs("speak")],
    openapi_extra={"requestBody": BODY},
)
async def listen(
    conversation_id: Id, sent: Annotated[Told, Depends(told)], at: At, key: Key = None
) -> HeardOut:
    """Record a turn that somebody else spoke, told as text or with its sound."""
    body = sent.body
    command = Listen(
        turn_id=body.turn_id or key or at.new_id(),
        speaker_id=body.speaker_id,
        text=at.bounded(body.text, "text"),
        started_at=body.started_at,
        ended_at=body.ended_at,
    )
    if sent.audio is None:
        turn, version = await at.reception.ask(conversation_id, command)
    else:
        turn, version = await at.heard(conversation_id, command, sent.audio)
    return HeardOut(
        turn=turn.number,
        turn_id=turn.turn_id,
        affect=turn.affect,
        features=turn.features,
        version=version,
    )


@router.get("/conversation/{conversation_id}/turns", dependencies=[needs("read")])
async def turns(
    conversation_id: Id,
    at: At,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> Turns:
    """Turns with a number above `after`, newest last."""
    found = await at.reception.ask(conversation_id, GetTurns(after, limit))
    return Turns(data=[answers.turn_out(turn) for turn in found])


@router.get("/conversation/{conversation_id}/turns/{turn_id}", dependencies=[needs("read")])
async def turn(conversation_id: Id, turn_id: TurnId, at: At) -> TurnInContextOut:
    """One turn: its words and their times, what bore on it, its direction and its reasons."""
    found = await at.reception.ask(conversation_id, GetTurn(turn_id))
    before = await at.reception.ask(conversation_id, GetState(before_turn=turn_id))
    return answers.turn_in_context_out(found, before)


@router.get(
    "/conversation/{conversation_id}/turns/{turn_id}/audio",
    dependencies=[needs("read")],
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


@router.post(
    "/conversation/{conversation_id}/turns/{turn_id}/interrupt", dependencies=[needs("speak")]
)
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
        cut_word=found.cut_word,
        audio_played_ms=cut.audio_played_ms,
    )


@router.post("/conversation/{conversation_id}/fork", dependencies=[needs("speak")], status_code=201)
async def fork(
    conversation_id: Id, at: At, who: Who, body: ForkIn | None = None, key: Key = None
) -> ForkOut:
    """A new conversation that shares the past, up to a version or all of it."""
    asked = body or ForkIn()
    now = await at.reception.ask(conversation_id, GetState())
    version = asked.version or now.version
    if version > now.version:
        raise UnknownVersion(version, now.version)
    past = tuple(await at.records.read(conversation_id, limit=version))
    new_id = asked.conversation_id or key or at.new_id()
    to_the_end = asked.version is None
    command = Fork(conversation_id, past, to_the_end=to_the_end, owner=who.key_id)
    done = await at.reception.ask(new_id, Obey(at.new_id(), command))
    origin = answers.origin_out(done.state)
    assert origin is not None, "a fork says of what"  # noqa: S101
    return ForkOut(**_opened(new_id, done.state).model_dump(), forked_from=origin)


@router.put("/conversation/{conversation_id}/pronunciations", dependencies=[needs("speak")])
async def pronounce(conversation_id: Id, body: PronunciationsIn, at: At) -> PronunciationsOut:
    """Have words said so from now on, and no others; without any, as they are written."""
    command = Pronounce(sayings(body.pronunciations))
    state_ = (await at.reception.ask(conversation_id, Obey(at.new_id(), command))).state
    return PronunciationsOut(
        conversation_id=conversation_id,
        pronunciations=answers.pronunciations_out(state_),
        version=state_.version,
    )


@router.post(
    "/conversation/{conversation_id}/participants", dependencies=[needs("speak")], status_code=201
)
async def join(conversation_id: Id, body: ParticipantIn, at: At) -> StartOut:
    """Somebody joins; who was here before keeps their voice."""
    join_them = Join(_newcomer(body))
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), join_them))
    return _opened(conversation_id, done.state)


@router.delete(
    "/conversation/{conversation_id}/participants/{participant_id:path}",
    dependencies=[needs("speak")],
)
async def leave(conversation_id: Id, participant_id: Name, at: At) -> StartOut:
    """Somebody leaves; their turns stay."""
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), Leave(participant_id)))
    return _opened(conversation_id, done.state)


@router.post("/conversation/{conversation_id}/end", dependencies=[needs("speak")])
async def end(conversation_id: Id, at: At) -> EndOut:
    """No further turns."""
    done = await at.reception.ask(conversation_id, Obey(at.new_id(), End()))
    state_ = done.state
    return EndOut(conversation_id=conversation_id, status=state_.status, version=state_.version)


def _newcomer(body: ParticipantIn) -> Newcomer:
    return Newcomer(body.id, body.name, body.role, body.voice, body.intensity)


def _opened(conversation_id: str, state: State) -> StartOut:
    people = answers.participants_out(state)
    return StartOut(conversation_id=conversation_id, participants=people, version=state.version)
