"""Tells a client of OpenAI's what becomes of the turns of its connection."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gateway.live.frames import Frame
from gateway.vendors.openai_realtime.items import user_item
from gateway.vendors.openai_realtime.outbox import Outbox
from gateway.vendors.openai_realtime.response import Line, Response

MOST_REMEMBERED = 64
"""Lines of which it is known how much was sent."""


class _Heard(NamedTuple):
    item: dict[str, Any]
    committed: bool
    """Whether it comes from the buffer of sound."""
    asked_by: str | None


class RealtimePeer:
    """Understands OpenAI's realtime protocol: an item is a turn of the same name.

    Args:
        outbox: To the client.
        clock: Seconds, from any origin.
    """

    def __init__(self, outbox: Outbox, clock: Callable[[], float]) -> None:
        self.asked_by: str | None = None
        """Name that the client gave to the event that is being obeyed."""
        self.lines: OrderedDict[str, Line] = OrderedDict()
        self._outbox = outbox
        self._clock = clock
        self._response: Response | None = None
        self._heard: dict[str, _Heard] = {}
        self._truncating: set[str] = set()
        self._order = asyncio.Lock()

    @property
    def response(self) -> Response | None:
        """The one that is being spoken."""
        return None if self._response is None or self._response.over else self._response

    async def open(self, response: Response) -> None:
        """Tell of a response, whose lines are begun after this."""
        self._response = response
        for line in response.lines:
            self.lines[line.item_id] = line
        while len(self.lines) > MOST_REMEMBERED:
            self.lines.popitem(last=False)
        async with self._order:
            await response.create()

    async def cancel(self, response: Response) -> None:
        """Send nothing more of a response."""
        self._response = None  # from this moment, also where its last events are still on their way
        async with self._order:
            await response.cancel()

    def expect_heard(self, item_id: str, words: str, *, sound: bool, committed: bool) -> None:
        """Tell of what a user said once it is recorded."""
        item = user_item(item_id, words, with_sound=sound)
        self._heard[item_id] = _Heard(item, committed, self.asked_by)

    def expect_truncation(self, item_id: str) -> None:
        """Tell how much of an item was heard once that is recorded."""
        self._truncating.add(item_id)

    async def tell(self, kind: str, **particulars: Any) -> None:
        async with self._order:
            await self._tell(kind, particulars.get("turn_id"), particulars)

    async def play(self, frame: Frame) -> None:
        async with self._order:
            if found := self._spoken(frame.turn_id):
                response, line = found
                await response.play(line, frame.pcm, self._clock())

    async def _tell(self, kind: str, item_id: str | None, told: Mapping[str, Any]) -> None:
        if kind == "turn.recorded" and item_id is not None:
            await self._tell_heard(item_id)
        elif found := self._spoken(item_id):
            await self._tell_line(kind, *found, told)
        elif kind in ("error", "turn.failed"):
            await self._tell_error(item_id, told["error"])
        if kind == "turn.interrupted" and item_id in self._truncating:
            self._truncating.discard(item_id)
            await self.tell_truncated(item_id, told["audio_played_ms"])

    async def _tell_line(
        self, kind: str, response: Response, line: Line, told: Mapping[str, Any]
    ) -> None:
        match kind:
            case "turn.begun":
                await response.begin(line)
            case "turn.words":
                words = [word["word"] for word in told["words"]]
                await response.transcribe(line, words)
            case "turn.completed":
                await response.complete(line, told["text"])
            case "turn.interrupted":
                await response.interrupt(line)
            case "turn.failed" | "error":
                await response.fail(line, told["error"])

    async def tell_truncated(self, item_id: str, played_ms: int) -> None:
        """Say up to where an item is taken to be heard."""
        heard = {"item_id": item_id, "content_index": 0, "audio_end_ms": played_ms}
        await self._outbox.say("conversation.item.truncated", **heard)

    async def _tell_heard(self, item_id: str) -> None:
        heard = self._heard.pop(item_id, None)
        if heard is None:
            return
        if heard.committed:
            place = {"item_id": item_id, "previous_item_id": self._outbox.last_item_id}
            await self._outbox.say("input_audio_buffer.committed", **place)
        await self._outbox.add(heard.item)
        await self._outbox.finish(heard.item)

    async def _tell_error(self, item_id: str | None, error: Mapping[str, Any]) -> None:
        heard = self._heard.pop(item_id or "", None)
        self._truncating.discard(item_id or "")
        asked_by = heard.asked_by if heard else self.asked_by
        param = "item_id" if error["param"] == "turn_id" else error["param"]
        named = {**error, "param": param, "event_id": asked_by}
        await self._outbox.say("error", error=named)

    def _spoken(self, item_id: str | None) -> tuple[Response, Line] | None:
        response = self.response
        line = response.line(item_id) if response else None
        return (response, line) if response and line else None
