"""The first to see a request: whose it is, and whether there is room for it."""

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access.callers import Caller, Owners, limited
from gateway.access.credentials import token_of
from gateway.access.keyfile import WatchedKeys
from gateway.access.quotas import QuotaExceeded, Quotas
from gateway.errors import Problem, answer_to, noted

OPEN_PATHS = frozenset(
    {"/", "/health", "/ready", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"}
)
"""For everybody: they tell nothing of what is spoken here, or by whom."""

NO_KEY = "no API key was given; send it as `Authorization: Bearer …`; nothing was recorded"
WRONG_KEY = "this API key is wrong or was revoked; send one that is not; nothing was recorded"


class Guard:
    """Lets in who shows a good key, as far as its quota goes; anybody, where there are no keys.

    What a call needs of its caller is for the routes to say. Who is let in is `state.caller`.

    Args:
        keys: Those that there are.
        quotas: What each has left.
        owners: Whose conversations are.
        origins: Web pages that may open a WebSocket, beside those that are served from here. The
            browsers of others would open one to a server that needs no key.
        clock: Seconds, from any origin.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: WatchedKeys,
        quotas: Quotas,
        owners: Owners,
        origins: Collection[str],
        clock: Callable[[], float],
    ) -> None:
        self._app = app
        self._keys = keys
        self._quotas = quotas
        self._owners = owners
        self._origins = origins
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["caller"] = Caller(self._owners, self._clock)
        try:
            state["caller"] = self._enter(scope)
        except Problem as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        await self._serve(state["caller"], scope, receive, send)

    async def _serve(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        quota = caller.quota
        if quota is None:
            await self._app(scope, receive, send)
            return

        async def send_with_limits(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                told = ((n.encode(), v.encode()) for n, v in quota.headers(self._clock()))
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        try:
            await self._app(scope, receive, send_with_limits)
        finally:
            quota.leave()

    def _enter(self, scope: Scope) -> Caller:
        """The caller, for whom a request has begun if they have a quota; raises `Problem`."""
        if scope["type"] == "websocket":
            self._must_be_welcome(Headers(scope=scope))
        keyring = self._keys.current()
        if scope["path"] in OPEN_PATHS or not self._keys.locked:
            return Caller(self._owners, self._clock)
        token = token_of(scope)
        key = keyring.opened_by(token) if token else None
        if key is None:
            challenge = {"WWW-Authenticate": "Bearer"}
            message = WRONG_KEY if token else NO_KEY
            raise Problem(401, message, code="invalid_api_key", headers=challenge)
        quota = self._quotas.of(key)
        try:
            quota.enter(self._clock())
        except QuotaExceeded as exceeded:
            refusal = limited(exceeded)
            refusal.headers.update(quota.headers(self._clock()))
            scope["state"]["caller"] = Caller(self._owners, self._clock, key)
            raise refusal from None
        return Caller(self._owners, self._clock, key, quota)

    def _must_be_welcome(self, headers: Headers) -> None:
        origin = headers.get("origin")
        if origin is None or urlsplit(origin).netloc == headers.get("host"):
            return
        if "*" not in self._origins and origin not in self._origins:
            message = f"pages of {origin} may not connect; COLLOQUY_ALLOW_ORIGINS says which may"
            raise Problem(403, message, code="origin_not_allowed")


def caller_of(connection: HTTPConnection) -> Caller:
    """Who sent a request, as the guard has found."""
    found = connection.scope["state"]["caller"]
    assert isinstance(found, Caller)  # noqa: S101
    return found


async def _refuse(refusal: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    status, told, headers = answer_to(refusal)
    answer = JSONResponse(noted(HTTPConnection(scope), told), status, headers)
    await answer(scope, receive, send)
