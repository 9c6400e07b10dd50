"""Where callers of different make put their token."""

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

HEADERS = ("xi-api-key", "x-api-key")
"""Of the SDKs of ElevenLabs and Cartesia."""
QUERY = "api_key"
"""Of Cartesia's SDK, which puts it into the address of a WebSocket."""
SUBPROTOCOL = "openai-insecure-api-key."
"""Of OpenAI's SDK in browsers, which names the key among the protocols of a WebSocket."""
_SCHEMES = ("bearer", "token")
"""`Token` is Deepgram's."""


def token_of(scope: Scope) -> str | None:
    """The token that a request shows, wherever that is; None if it shows none.

    One in an address counts for WebSockets alone, as browsers and some SDKs can set nothing else
    there: addresses end up in histories and in the logs of proxies.
    """
    headers = Headers(scope=scope)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() in _SCHEMES and token.strip():
        return token.strip()
    for name in HEADERS:
        if headers.get(name):
            return headers[name]
    if scope["type"] == "websocket":
        return QueryParams(scope["query_string"]).get(QUERY) or _in_subprotocols(scope)
    return None


def _in_subprotocols(scope: Scope) -> str | None:
    named = (name for name in scope.get("subprotocols", ()) if name.startswith(SUBPROTOCOL))
    return next(named, "").removeprefix(SUBPROTOCOL) or None
