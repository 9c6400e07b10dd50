"""What was recorded, as a page or, with `Accept: text/event-stream`, as it is being recorded."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.types import Send

from actors.feed import Feed, Reader, is_over
from actors.refusals import UnknownConversation
from events.envelope import Recorded
from gateway import answers
from gateway.access.needs import needs
from gateway.desk import Desk, desk
from gateway.errors import Problem
from gateway.fields import Identifier
from gateway.schemas import Events

router = APIRouter(prefix="/v1", tags=["conversations"])

HEARTBEAT_S = 15.0
COME_BACK_AFTER_MS = 500
MOST_EVENTS = 2**53
"""What JSON can count to."""

_LINE_BREAKS = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}
"""Many clients end a line wherever Unicode does."""

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "A page of events or, where the caller accepts it, events as they come.",
    },
    204: {"description": "The conversation has ended, and all was told: nothing will follow."},
}


def _feed(request: Request) -> Feed:
    found = request.app.state.feed
    assert isinstance(found, Feed)  # noqa: S101
    return found


async def _live(request: Request) -> Feed | None:
    """The feed, if that is what the caller accepts."""
    accepted = request.headers.get("accept", "").lower()
    return _feed(request) if "text/event-stream" in accepted else None


Number = Literal["version", "position"]
"""What counts the events of a stream, and is their id there."""

At = Annotated[Desk, Depends(desk)]
Live = Annotated[Feed | None, Depends(_live)]
Id = Annotated[Identifier, Path(description="The conversation's id.")]
After = Annotated[int | None, Query(ge=0, le=MOST_EVENTS)]
Seen = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=MOST_EVENTS)]
Limit = Annotated[int, Query(ge=1, le=10_000)]


@router.get(
    "/conversation/{conversation_id}/events",
    dependencies=[needs("read")],
    response_model=Events,
    responses=STREAM,
)
async def events(
    conversation_id: Id,
    at: At,
    feed: Live,
    after: After = None,
    limit: Limit = 1000,
    seen: Seen = None,
) -> Events | Response:
    """Recorded events with a version above `after`, oldest first.

    As a stream, those above `Last-Event-ID` or else `after`, and then each as it is recorded, until
    the conversation has ended. The id of an event is its version.
    """
    head = await at.records.head(conversation_id)
    if head is None:
        raise UnknownConversation(conversation_id)
    if feed is None:
        found = await at.records.read(conversation_id, after=after or 0, limit=limit + 1)
        return _page(found, limit)
    told = after or 0 if seen is None else seen
    _must_be_recorded(told, head.version, "version", seen)
    if head.ended and await is_over(at.records, conversation_id, told):
        return Response(status_code=204)
    return FeedResponse(feed.conversation(head, told), "version")


@router.get(
    "/events", dependencies=[needs("admin")], response_model=Events, responses={200: STREAM[200]}
)
async def all_events(
    at: At, feed: Live, after: After = None, limit: Limit = 1000, seen: Seen = None
) -> Events | Response:
    """Recorded events of all conversations with a position above `after`, oldest first.

    As a stream, those above `Last-Event-ID` or else `after` or else the end of the log, and then
    each as it is recorded. The id of an event is its position.
    """
    if feed is None:
        return _page(await at.records.read_all(after=after or 0, limit=limit + 1), limit)
    last = await at.records.last_position()
    told = next(number for number in (seen, after, last) if number is not None)
    _must_be_recorded(told, last, "position", seen)
    return FeedResponse(feed.everything(told), "position")


class FeedResponse(EventSourceResponse):
    """Events as they come, until nothing will follow, the caller leaves or the feed is closed."""

    def __init__(self, reading: AbstractAsyncContextManager[Reader], number: Number) -> None:
        self._stream = _told(reading, number)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
        super().__init__(self._stream, headers=headers)

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self._stream):
            await super().stream_response(send)


async def _told(
    reading: AbstractAsyncContextManager[Reader], number: Number
) -> AsyncGenerator[bytes, None]:
    async with reading as reader:
        # Without data it is no event, but who is cut off before the first one knows their place.
        yield format_sse_event(id=str(reader.after), retry=COME_BACK_AFTER_MS)
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    found = await reader.next()
            except TimeoutError:
                yield b":\n\n"
                continue
            if not found:
                return
            yield b"".join(_framed(event, number) for event in found)


@lru_cache(1024)  # the same few events for all who read
def _framed(event: Recorded, number: Number) -> bytes:
    data = answers.event_out(event).model_dump_json().translate(_LINE_BREAKS)
    return format_sse_event(id=str(getattr(event, number)), event=event.type, data_str=data)


def _page(found: Sequence[Recorded], limit: int) -> Events:
    data = [answers.event_out(event) for event in found[:limit]]
    return Events(data=data, has_more=len(found) > limit)


def _must_be_recorded(told: int, last: int, number: Number, seen: int | None) -> None:
    """Refuse to wait for what lies beyond the next event: it was never told by this log."""
    if told > last:
        message = f"the last {number} is {last}; there is no {told} yet; take what this log told"
        param = "after" if seen is None else "Last-Event-ID"
        if number == "version":
            raise Problem(404, message, code="version_not_found", param=param)
        raise Problem(404, message, code="position_not_found", param=param)
