"""The composition root of the door."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from actors.feed import Feed
from gateway import errors
from gateway.context import HeadAsGet, RequestContext
from gateway.desk import Desk
from gateway.metrics import CountedRequests, Metrics
from gateway.routes import analytics, batches, conversations, feed, service, speech
from gateway.settings import Settings
from gateway.system import System

DESCRIPTION = """Text to speech that remembers the conversation.

Start one, speak and listen in it, and ask at any time what was said, how, and what was heard."""


def create_app(system: System, settings: Settings, new_id: Callable[[], str]) -> FastAPI:
    """The app in front of a system that is up."""
    metrics = Metrics()
    app = FastAPI(
        title="Colloquy",
        version="0.1.0",
        description=DESCRIPTION,
        responses=errors.RESPONSES,
        lifespan=_lifespan,
    )
    app.state.analysts = analytics.Analysts(settings)
    app.state.desk = Desk(system, settings, metrics, new_id)
    app.state.feed = Feed(system.journal)
    errors.install(app)
    app.include_router(conversations.router)
    app.include_router(feed.router)
    app.include_router(batches.router)
    app.include_router(speech.router)
    app.include_router(analytics.router)
    app.include_router(service.router)
    app.add_middleware(CountedRequests, metrics=metrics)
    app.add_middleware(HeadAsGet)
    app.add_middleware(
        RequestContext, new_id=new_id, max_body_bytes=int(settings.max_body_mb * 1_000_000)
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.analysts.close()
