"""`POST /v1/speak` and `POST /v2/speak`: a line that is there as a whole."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from gateway.access.needs import Who, needs
from gateway.bodies import Body
from gateway.desk import Desk, desk
from gateway.fields import Identifier, NameInHeader, Words
from gateway.live.messages import TurnBegin
from gateway.vendors.deepgram.queries import AURA_MODEL, LineQuery, asked_of, voice_of
from gateway.vendors.lines import spoken
from gateway.vendors.renditions import Sounded

router = APIRouter()

SOUND: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/*": {}}, "description": "The sound, as the query says."}
}


class LineIn(Body):
    text: Words


@router.post("/v1/speak", dependencies=[needs("speak")], response_class=Response, responses=SOUND)
@router.post("/v2/speak", dependencies=[needs("speak")], response_class=Response, responses=SOUND)
async def speak(
    body: LineIn,
    request: Request,
    at: Annotated[Desk, Depends(desk)],
    who: Who,
    speaker_id: Annotated[NameInHeader, Header(alias="X-Speaker-ID")] = "assistant",
    turn_id: Annotated[Identifier | None, Header(alias="Idempotency-Key")] = None,
) -> Response:
    """Speak a line; with `X-Conversation-ID` it is a turn of that conversation."""
    defaults = {"model": AURA_MODEL} if request.url.path.startswith("/v1") else {}
    asked = asked_of(request.query_params, LineQuery, **defaults)
    line = TurnBegin(
        turn_id=turn_id or at.new_id(),
        speaker_id=speaker_id,
        voice=voice_of(asked.model, at.system),
        speed=asked.speed,
        text=at.bounded(body.text, "text"),
    )
    return await spoken(line, Sounded(asked.output), request, at, who)
