"""What a route needs of its caller, said where the route is declared."""

from typing import Annotated, Any

from fastapi import Depends
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from gateway.access.callers import Caller
from gateway.access.guard import caller_of
from gateway.access.keys import Scope


class Needs(SecurityBase):
    """That the caller's key has a scope, any key if it is None, and sees the conversation named."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope
        self.scheme_name = "key"
        self.model = HTTPBearer(description="Where there are keys; see docs/access.md.")

    async def __call__(self, connection: HTTPConnection) -> None:
        caller = caller_of(connection)
        if self.scope is not None:
            caller.must_have(self.scope)
        conversation_id = connection.path_params.get("conversation_id")
        if conversation_id is not None:
            await caller.must_see(conversation_id)


class NeedsNothing:
    """That the route is for everybody; its path is one of `OPEN_PATHS`."""

    async def __call__(self) -> None:
        """Nothing is looked at."""


def needs(scope: Scope | None) -> Any:
    """A dependency for the declaration of a route; every route has one, or `needs_nothing`."""
    return Depends(Needs(scope))


needs_nothing: Any = Depends(NeedsNothing())


async def _caller(connection: HTTPConnection) -> Caller:
    return caller_of(connection)


Who = Annotated[Caller, Depends(_caller)]
"""The caller of a route."""
