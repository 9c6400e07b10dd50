"""`POST …/text-to-speech/{voice_id}` and its kin, and the list of voices."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.routing import APIRoute

from actors.engines.voices import OPENAI_VOICES
from actors.refusals import Refused
from gateway.access.needs import Who, needs
from gateway.bodies import Body
from gateway.desk import Desk, desk
from gateway.errors import Problem
from gateway.fields import Identifier, Words
from gateway.live.messages import TurnBegin
from gateway.vendors.answers import refusal
from gateway.vendors.elevenlabs.messages import VoiceSettings
from gateway.vendors.elevenlabs.options import DEFAULT_FORMAT, FORMATS, format_of, speaker_of
from gateway.vendors.elevenlabs.renditions import Streamed, Whole
from gateway.vendors.lines import spoken
from gateway.vendors.renditions import Rendition, Sounded

SOUND: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/*": {}}, "description": "The sound, as `output_format` says."}
}


class _Route(APIRoute):
    """Answers errors as clients of ElevenLabs read them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except (Problem, Refused) as wrong:
                return refusal(request, wrong)

        return handled


router = APIRouter(route_class=_Route)


class TextIn(Body):
    """Models, seeds and the text around are accepted and ignored, as all other fields are."""

    text: Words
    voice_settings: VoiceSettings | None = None


class _Asked:
    """A call for speech, of which only the rendition is still to be chosen."""

    def __init__(
        self,
        voice_id: str,
        body: TextIn,
        request: Request,
        at: Annotated[Desk, Depends(desk)],
        who: Who,
        output_format: Annotated[str, Query()] = DEFAULT_FORMAT,
        turn_id: Annotated[Identifier | None, Header(alias="Idempotency-Key")] = None,
    ) -> None:
        self.text = at.bounded(body.text, "text")
        self.wanted = format_of(output_format, FORMATS)
        self._line = TurnBegin(
            turn_id=turn_id or at.new_id(),
            speaker_id=speaker_of(request.headers, request.query_params),
            voice=at.system.voices.resolve(voice_id),
            speed=(body.voice_settings and body.voice_settings.speed) or 1.0,
            text=self.text,
        )
        self._at, self._who, self._request = at, who, request

    async def spoken(self, rendition: Rendition) -> Response:
        """As a turn, if the call names a conversation."""
        named = {"request-id": self._request.state.request_id}
        return await spoken(self._line, rendition, self._request, self._at, self._who, named)


Asked = Annotated[_Asked, Depends()]
"""A call for speech."""


@router.post(
    "/text-to-speech/{voice_id}",
    dependencies=[needs("speak")],
    response_class=Response,
    responses=SOUND,
)
@router.post(
    "/text-to-speech/{voice_id}/stream",
    dependencies=[needs("speak")],
    response_class=Response,
    responses=SOUND,
)
async def convert(asked: Asked) -> Response:
    """Speak a text; with `X-Conversation-ID` it is a turn of that conversation."""
    return await asked.spoken(Sounded(asked.wanted))


@router.post("/text-to-speech/{voice_id}/with-timestamps", dependencies=[needs("speak")])
async def convert_with_timestamps(asked: Asked) -> Response:
    """Speak a text, and say when each of its characters is spoken."""
    return await asked.spoken(Whole(asked.wanted, asked.text))


@router.post("/text-to-speech/{voice_id}/stream/with-timestamps", dependencies=[needs("speak")])
async def stream_with_timestamps(asked: Asked) -> Response:
    """The same, as it is spoken: a JSON object on each line."""
    return await asked.spoken(Streamed(asked.wanted, asked.text))


@router.get("/voices", dependencies=[needs(None)])
async def voices(at: Annotated[Desk, Depends(desk)]) -> dict[str, Any]:
    """The engine's voices, and the OpenAI names."""
    own = [_voice(v.id, v.name, language=v.language, gender=v.gender) for v in at.system.voice_list]
    theirs = [_voice(name, name, same_as=ours) for name, ours in OPENAI_VOICES.items()]
    return {"voices": [*own, *theirs]}


def _voice(voice_id: str, name: str, **labels: str) -> dict[str, Any]:
    return {"voice_id": voice_id, "name": name, "category": "premade", "labels": labels}
