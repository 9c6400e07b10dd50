"""The routes that clients of the OpenAI API already know."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response

from actors.commands import Speak
from actors.engines.voices import OPENAI_VOICES
from actors.phrases import speakable
from gateway.access.needs import Who, needs
from gateway.bodies import SpeechIn
from gateway.desk import Desk, desk
from gateway.errors import Problem, unknown_model
from gateway.fields import Identifier, NameInHeader
from gateway.markup import marked
from gateway.routes.conversations import SOUND

router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])

At = Annotated[Desk, Depends(desk)]

MODELS = ("colloquy", "kokoro", "espeak", "tts-1", "tts-1-hd", "gpt-4o-mini-tts")
"""All of them are the engine that speaks here."""
MODELS_SINCE = 1_790_000_000


@router.post(
    "/audio/speech", dependencies=[needs("speak")], response_class=Response, responses=SOUND
)
async def speech(
    body: SpeechIn,
    at: At,
    who: Who,
    conversation_id: Annotated[Identifier | None, Header(alias="X-Conversation-ID")] = None,
    speaker_id: Annotated[NameInHeader, Header(alias="X-Speaker-ID")] = "assistant",
    key: Annotated[Identifier | None, Header(alias="Idempotency-Key")] = None,
) -> Response:
    """Speak a line; with `X-Conversation-ID` it is a turn of that conversation.

    An unknown conversation is started, an unknown speaker joins. Without the header nothing is
    remembered.
    """
    _known_model(body.model)
    written = at.bounded(body.input, "input")
    text, marks = marked(written, body.markup, at.system.voices, "input")
    if not speakable(text):
        message = "input holds nothing that can be spoken: it needs at least one letter or digit"
        raise Problem(422, message, code="unspeakable_text", param="input")
    voice = body.voice
    sse = body.stream_format == "sse"
    if conversation_id is None:
        who.spend(written)
        return await at.spoken_once(
            text, voice, body.speed, body.response_format, sse=sse, key_id=who.key_id, marks=marks
        )
    turn_id = key or at.new_id()
    command = Speak(
        turn_id,
        speaker_id,
        text,
        voice,
        body.speed,
        join=True,
        owner=await who.owner_to_join(conversation_id),
        key_id=who.key_id,
        marks=marks,
        written=written,
    )
    who.spend(written)
    return await at.spoken(conversation_id, command, body.response_format, sse=sse)


@router.get("/", dependencies=[needs(None)])
async def service() -> dict[str, str]:
    """Something cheap, for clients that warm their connection here."""
    return {"object": "service", "name": "colloquy"}


@router.get("/models", dependencies=[needs(None)])
async def models() -> dict[str, Any]:
    return {"object": "list", "data": [_model(name) for name in MODELS]}


@router.get("/models/{model}", dependencies=[needs(None)])
async def model(model: str) -> dict[str, Any]:
    _known_model(model)
    return _model(model)


@router.get("/audio/models", dependencies=[needs(None)])
async def audio_models() -> dict[str, Any]:
    return {"models": [{"id": name} for name in MODELS]}


@router.get("/audio/voices", dependencies=[needs(None)])
async def voices(at: At, legacy: Annotated[bool, Query()] = False) -> dict[str, Any]:
    """The engine's voices and the OpenAI names, under the keys that different clients look for."""
    own = [
        {"id": v.id, "name": v.id, "title": v.name, "language": v.language, "gender": v.gender}
        for v in at.system.voice_list
    ]
    theirs = [{"id": name, "name": name, "same_as": ours} for name, ours in OPENAI_VOICES.items()]
    every = [*own, *theirs]
    if legacy:
        return {"voices": [voice["id"] for voice in every]}
    return {"object": "list", "voices": every, "data": every}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": MODELS_SINCE, "owned_by": "colloquy"}


def _known_model(name: str) -> None:
    if name not in MODELS:
        raise unknown_model(name, ", ".join(MODELS))
