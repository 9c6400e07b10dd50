"""A token is found where each make of client puts it."""

from typing import Any

import pytest

from gateway.access.credentials import token_of


def scope(kind: str = "http", query: str = "", **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": kind, "headers": named, "query_string": query.encode()}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer t"},
        {"authorization": "bearer  t "},
        {"authorization": "Token t"},
        {"xi_api_key": "t"},
        {"x_api_key": "t"},
    ],
)
def test_in_a_header(headers: dict[str, str]) -> None:
    assert token_of(scope(**headers)) == "t"
    assert token_of(scope("websocket", **headers)) == "t"


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer"}, {"authorization": "Basic dDp0"}, {"cookie": "t"}]
)
def test_nowhere(headers: dict[str, str]) -> None:
    assert token_of(scope(**headers)) is None


def test_in_the_address_of_a_websocket_alone() -> None:
    assert token_of(scope("websocket", "api_key=t&cartesia_version=2026-03-01")) == "t"
    assert token_of(scope("websocket", "api_key=")) is None
    assert token_of(scope("http", "api_key=t")) is None


def test_among_the_subprotocols_of_a_websocket() -> None:
    browser = {**scope("websocket"), "subprotocols": ["realtime", "openai-insecure-api-key.t"]}
    assert token_of(browser) == "t"
    assert token_of({**browser, "subprotocols": ["realtime", "openai-insecure-api-key."]}) is None
