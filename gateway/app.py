"""The composition root of the door."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from actors.feed import Feed
from gateway import errors
from gateway.access.callers import Owners
from gateway.access.guard import Guard
from gateway.access.keyfile import WatchedKeys
from gateway.access.quotas import Quotas
from gateway.context import HeadAsGet, RequestContext
from gateway.desk import Desk
from gateway.live.lingering import Lingering
from gateway.logs import LoggedRequests
from gateway.metrics import CountedRequests, Metrics
from gateway.routes import analytics, batches, conversations, feed, live, service, speech
from gateway.settings import Settings
from gateway.system import System
from gateway.vendors import cartesia, deepgram, elevenlabs, openai_realtime

DESCRIPTION = """Text to speech that remembers the conversation.

Start one, speak and listen in it, and ask at any time what was said, how, and what was heard."""


def create_app(
    system: System,
    settings: Settings,
    new_id: Callable[[], str],
    clock: Callable[[], float] = monotonic,
) -> FastAPI:
    """The app in front of a system that is up.

    Args:
        system: What is behind the door.
        settings: Of the door.
        new_id: Makes ids, of requests and of whatever callers leave unnamed.
        clock: Seconds, from any origin.

    Raises:
        KeyFileDamaged: it is not known who may call.
    """
    metrics = Metrics()
    app = FastAPI(
        title="Colloquy",
        version="0.1.0",
        description=DESCRIPTION,
        responses=errors.RESPONSES,
        lifespan=_lifespan,
        # FastAPI's own: it tells what was sent and what an exception says. See `gateway.traces`.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.analysts = analytics.Analysts(settings)
    app.state.desk = Desk(system, settings, metrics, new_id)
    app.state.feed = Feed(system.journal)
    app.state.lingering = Lingering(app.state.desk.tell)
    errors.install(app)
    app.include_router(conversations.router)
    app.include_router(feed.router)
    app.include_router(live.router)
    app.include_router(batches.router)
    app.include_router(speech.router)
    app.include_router(openai_realtime.router)
    app.include_router(elevenlabs.router)
    app.include_router(cartesia.router)
    app.include_router(deepgram.router)
    app.include_router(analytics.router)
    app.include_router(service.router)
    app.add_middleware(
        Guard,
        keys=WatchedKeys(settings.file_of_keys, clock),
        quotas=Quotas(settings.key_limits()),
        owners=Owners(system.journal),
        origins=settings.origins,
        clock=clock,
    )
    app.add_middleware(CountedRequests, metrics=metrics)
    app.add_middleware(LoggedRequests, clock=clock)
    app.add_middleware(HeadAsGet)
    if settings.origins:
        _allow(app, settings.origins)
    app.add_middleware(
        RequestContext, new_id=new_id, max_body_bytes=int(settings.max_body_mb * 1_000_000)
    )
    return app


def _allow(app: FastAPI, origins: Sequence[str]) -> None:
    # No credentials: a key is sent by whoever has it, not by a browser that keeps a cookie.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["*"],
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.analysts.close()
