"""What the address of a WebSocket can ask for, whatever its protocol says."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import Field, ValidationError

from gateway.bodies import Body
from gateway.errors import Problem
from gateway.fields import Markup


class Address(Body):
    """Where a client can only be given a URL, these are part of its query."""

    markup: Markup = "none"
    """Of the text."""
    ahead_ms: int | None = Field(None, ge=100, le=600_000)
    """How far ahead of its playing sound is wanted; None as fast as it is made."""


Asked = TypeVar("Asked", bound=Address)


def address_of(query: Mapping[str, str], kind: type[Asked], *, status: int = 422) -> Asked:
    """What a query asks for; names of other things in it are ignored.

    Raises:
        Problem: a value is none that there can be.
    """
    try:
        return kind.model_validate(dict(query))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        param = ".".join(map(str, first["loc"]))
        why = first["msg"].removeprefix("Value error, ")
        message = f"{param}: {why}; nothing was done" if param else f"{why}; nothing was done"
        raise Problem(status, message, code="invalid_value", param=param or None) from None
