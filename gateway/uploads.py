"""What `listen` is sent: JSON, or a form that has sound in it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.exceptions import HTTPException, RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException as AnyHTTPException

from gateway.bodies import ListenIn

MOST_FIELDS = 16
UNPARSED = "the body cannot be parsed; nothing was recorded"

_SCHEMA = ListenIn.model_json_schema()
_SOUND = {"type": "string", "format": "binary", "description": "A file that FFmpeg can read."}
BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": _SCHEMA},
        "multipart/form-data": {
            "schema": {
                **_SCHEMA,
                "properties": {**_SCHEMA["properties"], "audio": _SOUND},
                "required": [*_SCHEMA["required"], "audio"],
            }
        },
    },
}
"""For the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Told:
    body: ListenIn
    audio: UploadFile | None
    """Open until the request has been answered."""


async def told(request: Request) -> AsyncIterator[Told]:
    """The turn that a request tells of, however it does."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        yield Told(_checked(await _json(request)), None)
        return
    async with _form(request) as form:
        audio = form.get("audio")
        if not isinstance(audio, UploadFile):
            message = "Field required" if audio is None else "a file is needed, with a file name"
            raise _invalid("missing" if audio is None else "value_error", message, "audio")
        # Browsers send every field of a form, also those that nobody filled in.
        yield Told(_checked({name: of for name, of in form.items() if of and of != audio}), audio)


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except json.JSONDecodeError as error:
        raise _invalid("json_invalid", error.msg) from None
    except AnyHTTPException:
        raise
    except Exception as error:
        raise HTTPException(400, UNPARSED) from error


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    """The form, its file on disk if it is large."""
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS)
    except AnyHTTPException:
        raise
    except Exception as error:
        raise HTTPException(400, UNPARSED) from error
    try:
        yield form
    finally:
        await form.close()


def _checked(sent: object) -> ListenIn:
    try:
        return ListenIn.model_validate(sent)
    except ValidationError as error:
        wrong = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(wrong) from None


def _invalid(kind: str, message: str, *where: str) -> RequestValidationError:
    return RequestValidationError([{"type": kind, "loc": ("body", *where), "msg": message}])
