"""How the server is, for whoever runs it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from gateway import watching
from gateway.access.needs import needs, needs_nothing
from gateway.desk import Desk, desk
from gateway.errors import body

router = APIRouter(tags=["service"])

At = Annotated[Desk, Depends(desk)]

READY_WITHIN_S = 3.0

PLAIN: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Figures."}
}

FRONT_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Colloquy</title>
<style>body{font:1rem/1.6 system-ui;margin:12vh auto;max-width:34rem;padding:0 1rem}</style>
<h1>Colloquy</h1>
<p>Speech that remembers the conversation. This is the door; programs talk to it.</p>
<ul><li><a href="/docs">Every call, to try out</a></li>
<li><a href="/v1/conversations">Conversations</a></li>
<li><a href="/v1/audio/voices">Voices</a></li>
<li><a href="/ready">Is it ready?</a></li><li><a href="/metrics">Metrics</a></li></ul></html>
"""


@router.get("/health", dependencies=[needs_nothing])
async def health() -> dict[str, str]:
    """Alive, whatever is being synthesised."""
    return {"status": "healthy"}


@router.get("/ready", dependencies=[needs_nothing])
async def ready(at: At) -> JSONResponse:
    """Whether a conversation can be held: the log is open, an engine is loaded."""
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            position = await at.records.last_position()
            await at.system.load()
    except Exception as error:  # noqa: BLE001  (whatever it is, it is not ready)
        told = body(f"not ready: {type(error).__name__}", status=503, code="not_ready", param=None)
        return JSONResponse(told, 503)
    told = {"status": "ready", "engine": at.system.engine, "log_position": position}
    return JSONResponse(told)


@router.get("/metrics", dependencies=[needs("read")], response_class=Response, responses=PLAIN)
async def metrics(request: Request, at: At) -> Response:
    """For Prometheus; within about a second, whoever is dead. See docs/watching.md."""
    app = request.app
    page = at.metrics.page(
        [
            watching.info(at.system.engine, app.version),
            watching.feed_readers(app.state.feed.readers),
            *await watching.figures(at.system),
        ]
    )
    return Response(page, media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/v1/log/verify", dependencies=[needs("admin")])
async def verify(at: At) -> dict[str, Any]:
    """Recompute every chain of the log, and say where it is not what was written."""
    outcome = await at.records.verify()
    return {
        "content": outcome.content,
        "events": outcome.events,
        "conversations": outcome.conversations,
        "last_position": outcome.last_position,
        "damages": [
            {
                "position": damage.position,
                "conversation_id": damage.conversation_id,
                "version": damage.version,
                "what": damage.what,
            }
            for damage in outcome.damages
        ],
    }


@router.get("/", dependencies=[needs_nothing], response_class=HTMLResponse, include_in_schema=False)
async def front_page() -> str:
    return FRONT_PAGE
