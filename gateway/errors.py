"""One table from what can go wrong to what a caller is told."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.requests import HTTPConnection

from actors.archive import ArchiveUnavailable, AudioDamaged, AudioMissing
from actors.directory import ProcessDied
from actors.engines.base import EngineError
from actors.journal import JournalUnreachable
from actors.refusals import (
    AudioTooLong,
    BadAudio,
    Busy,
    ConversationEnded,
    ConversationExists,
    NoRecordedAudio,
    NotAVoice,
    NotYetStarted,
    Refused,
    SpeechFailed,
    TextMissing,
    TextOverdue,
    TurnIdConflict,
    TurnNotSpoken,
    TurnOver,
    TurnTimesReversed,
    UnknownConversation,
    UnknownSpeaker,
    UnknownTurn,
    UnknownVersion,
    UnspeakableText,
)
from actors.synthesis.stage import WorkerDied
from events.log import LogError
from gateway.schemas import ErrorOut

STATUS: dict[type[Exception], int] = {
    UnknownConversation: 404,
    UnknownTurn: 404,
    UnknownVersion: 404,
    NotYetStarted: 404,
    NoRecordedAudio: 404,
    UnknownSpeaker: 404,
    NotAVoice: 404,
    ConversationExists: 409,
    ConversationEnded: 409,
    TurnIdConflict: 409,
    TurnNotSpoken: 409,
    TurnOver: 409,
    TextMissing: 409,
    TextOverdue: 408,
    UnspeakableText: 422,
    TurnTimesReversed: 422,
    BadAudio: 422,
    AudioTooLong: 422,
    Busy: 429,
    SpeechFailed: 503,
}

HTTP_CODES = {
    400: "invalid_body",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "request_too_large",
}
"""For what the framework refuses, and we with it."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorOut, "description": "What was wrong, and what would be right."},
    "5XX": {"model": ErrorOut, "description": "Not for the moment; ask again in the same words."},
}
"""Of every call, for the OpenAPI document."""

NOT_JSON = "the body is not JSON; nothing was recorded"
UNAVAILABLE = "this cannot be served for the moment; ask again in the same words, nothing is lost"
TRY_AGAIN_AFTER_S = "1"

_PLACES = frozenset({"body", "query", "path", "header"})


class Problem(Exception):
    """What is wrong with a request, as its answer will say."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.headers = dict(headers or {})


class TooLarge(HTTPException):
    """The body is too large. FastAPI takes any other error while a body is read for bad JSON."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            413, f"the request is larger than {limit_bytes:,} bytes; nothing was recorded"
        )


class TooSlow(HTTPException):
    """The body does not come, or drop by drop. The connection is closed: more may be on its way."""

    def __init__(self) -> None:
        message = "the request did not arrive in time; send it whole; nothing was recorded"
        super().__init__(408, message, {"Connection": "close"})


def unknown_model(model: str, known: str) -> Problem:
    message = f"there is no model {model!r}; there are {known}"
    return Problem(404, message, code="model_not_found", param="model")


def body(message: str, *, status: int, code: str, param: str | None) -> dict[str, Any]:
    """An error in the shape of the OpenAI API."""
    kind = {429: "rate_limit_error"}.get(status)
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def code_in(told: Mapping[str, Any]) -> str:
    """The code of an error, of the body that tells it."""
    code: str = told["error"]["code"]
    return code


def noted(asked: HTTPConnection, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of an error, of which those who watch the request are to know the code."""
    asked.scope.setdefault("state", {})["error_code"] = code_in(told)
    return told


def answer_to(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers for an error of ours; 500 without details for any other."""
    match error:
        case Problem():
            told = body(error.message, status=error.status, code=error.code, param=error.param)
            return error.status, told, error.headers
        case Refused():
            status = STATUS[type(error)]
            told = body(str(error), status=status, code=error.code, param=error.param)
            return status, told, _retry_after(error)
        case AudioMissing() | AudioDamaged():
            told = body(str(error), status=404, code="audio_not_found", param="turn_id")
            return 404, told, {}
        case ArchiveUnavailable():
            told = body(str(error), status=503, code="unavailable", param=None)
            return 503, told, {"Retry-After": TRY_AGAIN_AFTER_S}
        case LogError() | JournalUnreachable() | ProcessDied() | WorkerDied() | EngineError():
            told = body(UNAVAILABLE, status=503, code="unavailable", param=None)
            return 503, told, {"Retry-After": TRY_AGAIN_AFTER_S}
        case _:
            told = body("something went wrong here", status=500, code="internal", param=None)
            return 500, told, {}


def install(app: FastAPI) -> None:
    """Have the app answer all its errors in one shape."""

    async def ours(asked: Request | WebSocket, error: Exception) -> Response | None:
        status, told, headers = answer_to(error)
        answer = JSONResponse(noted(asked, told), status, headers)
        if not isinstance(asked, WebSocket):
            return answer
        await asked.send_denial_response(answer)  # a connection that was not accepted yet
        return None

    kinds: tuple[type[Exception], ...] = (
        *(Problem, Refused, AudioMissing, AudioDamaged, ArchiveUnavailable, LogError),
        *(JournalUnreachable, ProcessDied, WorkerDied, EngineError),
    )
    for kind in kinds:
        app.add_exception_handler(kind, ours)  # type: ignore[arg-type]  # of HTTP and of WebSockets
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(AnyHTTPException, _of_http)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    param = ".".join(str(part) for part in first["loc"] if part not in _PLACES)
    if first["type"] == "json_invalid":
        told = body(NOT_JSON, status=400, code="invalid_json", param=None)
        return JSONResponse(noted(request, told), 400)
    where = param or "the body"
    message = f"{where}: {first['msg'].removeprefix('Value error, ')}; nothing was recorded"
    told = body(message, status=422, code="invalid_value", param=param or None)
    return JSONResponse(noted(request, told), 422)


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AnyHTTPException)  # noqa: S101
    status, message = error.status_code, str(error.detail)
    code = HTTP_CODES.get(status, "internal")
    if status == 400 and _says_json(request):  # FastAPI tells JSON cut short from other mishaps
        message, code = NOT_JSON, "invalid_json"
    told = body(message, status=status, code=code, param=None)
    return JSONResponse(noted(request, told), status, error.headers)


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _retry_after(error: Refused) -> dict[str, str]:
    if isinstance(error, Busy):
        return {"Retry-After": f"{error.retry_after_s:.0f}"}
    return {"Retry-After": TRY_AGAIN_AFTER_S} if isinstance(error, SpeechFailed) else {}
