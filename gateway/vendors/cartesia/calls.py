"""`POST /tts/bytes` and `POST /tts/sse`: a line that is there as a whole."""

import json
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from gateway.access.needs import Who, needs
from gateway.desk import Desk, desk
from gateway.errors import Problem
from gateway.fields import Identifier, NameInHeader
from gateway.live.messages import TurnBegin
from gateway.vendors.cartesia import answers
from gateway.vendors.cartesia.answers import Answer
from gateway.vendors.cartesia.messages import Generation
from gateway.vendors.lines import spoken
from gateway.vendors.output import Output
from gateway.vendors.renditions import Sounded

router = APIRouter()

At = Annotated[Desk, Depends(desk)]
SpeakerId = Annotated[NameInHeader, Header(alias="X-Speaker-ID")]
TurnId = Annotated[Identifier | None, Header(alias="Idempotency-Key")]
SOUND: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/*": {}}, "description": "The sound, as `output_format` says."}
}


class LineIn(Generation):
    """Of `/tts/sse`, which may name itself."""

    context_id: str | None = None


class Louder(Sounded):
    """The sound alone, with the volume that is asked for."""

    def __init__(self, asked: Generation) -> None:
        super().__init__(asked.output_format.ours)
        self._asked = asked

    def of(self, pcm: bytes) -> bytes:
        return super().of(self._asked.loud(pcm))


class Events:
    """Server-sent events, each a message as on the WebSocket."""

    media_type = "text/event-stream"

    def __init__(self, asked: LineIn) -> None:
        self._asked = asked
        self._output = Output(asked.output_format.ours)
        self._times = b""
        self._since = monotonic()

    def time(self, words: Sequence[Mapping[str, Any]]) -> None:
        """Words whose times leave with the next sound."""
        if self._asked.add_timestamps and words:
            told = answers.timestamps(self._asked.context_id, words)
            self._times += _event(told)

    def of(self, pcm: bytes) -> bytes:
        return self._with_times(self._output.encode(self._asked.loud(pcm)))

    def end(self) -> bytes:
        last = self._with_times(self._output.finish())
        return last + _event(answers.done(self._asked.context_id))

    def _with_times(self, data: bytes) -> bytes:
        times, self._times = self._times, b""
        if not data:
            return times
        now = monotonic()
        step_ms, self._since = (now - self._since) * 1000, now
        return times + _event(answers.chunk(self._asked.context_id, data, step_ms=step_ms))


@router.post("/tts/bytes", dependencies=[needs("speak")], response_class=Response, responses=SOUND)
async def bytes_(
    body: Generation,
    request: Request,
    at: At,
    who: Who,
    speaker_id: SpeakerId = "assistant",
    turn_id: TurnId = None,
) -> Response:
    """Speak a line; with `X-Conversation-ID` it is a turn of that conversation."""
    line = _line(body, at, speaker_id, turn_id)
    return await spoken(line, Louder(body), request, at, who)


@router.post("/tts/sse", dependencies=[needs("speak")], response_class=Response)
async def sse(
    body: LineIn,
    request: Request,
    at: At,
    who: Who,
    speaker_id: SpeakerId = "assistant",
    turn_id: TurnId = None,
) -> Response:
    """The same as server-sent events, with times of words if they are asked for."""
    if body.output_format.container != "raw":
        message = "output_format.container: in events sound is `raw`; nothing was recorded"
        raise Problem(422, message, code="invalid_value", param="output_format.container")
    line = _line(body, at, speaker_id, turn_id)
    return await spoken(line, Events(body), request, at, who)


def _line(body: Generation, at: Desk, speaker_id: str, turn_id: str | None) -> TurnBegin:
    return TurnBegin(
        turn_id=turn_id or at.new_id(),
        speaker_id=speaker_id,
        voice=body.voice_in(at.system),
        speed=body.rate,
        emotion=body.emotion,
        text=at.bounded(body.transcript, "transcript"),
    )


def _event(told: Answer) -> bytes:
    return b"data: " + json.dumps(told, ensure_ascii=False).encode() + b"\n\n"
