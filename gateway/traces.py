"""Traces of what comes to the door, by OpenTelemetry's own instrumentation of FastAPI."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:  # the settings ask here, and need no FastAPI
    from fastapi import FastAPI

PATH = "/v1/traces"
UNTRACED = "/health$,/ready$,/metrics$"
"""Paths that are asked for all the time, by whoever watches."""


def endpoint(url: str) -> str:
    """Where spans are posted: to the path that OTLP names, unless the address has one.

    Raises:
        ValueError: it is no address to which spans could be posted.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("an address of http or https is wanted: http://127.0.0.1:4318/v1/traces")
    return parts._replace(path=PATH).geturl() if parts.path in ("", "/") else url


def can_be_sent() -> bool:
    """Whether what it takes is installed."""
    try:
        return find_spec("opentelemetry.instrumentation.fastapi") is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


@asynccontextmanager
async def traced(app: "FastAPI", endpoint: str | None) -> AsyncIterator[None]:
    """Send what is done for the requests of an app to an endpoint, if there is one."""
    if endpoint is None:
        yield
        return
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    from actors.telemetry import Sender

    sender = Sender(endpoint, "gateway")
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=sender.provider,
        excluded_urls=UNTRACED,
        exclude_spans=["receive", "send"],  # one each for every message, however many there are
    )
    try:
        yield
    finally:
        await asyncio.to_thread(sender.close)
