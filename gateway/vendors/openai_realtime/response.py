"""A response: lines that are spoken one after the other, and what a client is told of them."""

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE
from gateway.sound import SPOKEN_TOKENS_PER_S, text_tokens
from gateway.vendors.openai_realtime.items import ItemStatus, spoken_item
from gateway.vendors.openai_realtime.outbox import Outbox

Outcome = Literal["completed", "cancelled", "failed"]


@dataclass(slots=True)
class Line:
    """A line of a response; its item is its turn."""

    item_id: str
    text: str
    place: int = 0
    """Among the response's items."""
    status: ItemStatus = "in_progress"
    begun: bool = False
    """Whether the client has heard of its item."""
    said: str = ""
    """As far as the times of its words are known."""
    samples: int = 0
    """That were sent."""

    @property
    def sent_ms(self) -> int:
        return math.ceil(self.samples * 1000 / SAMPLE_RATE)

    def item(self) -> dict[str, Any]:
        return spoken_item(self.item_id, self.status, self.said)


class Response:
    """From its creation to its end, after which nobody hears of it any more.

    Args:
        response_id: Its id.
        lines: To be spoken.
        shown: What else the client is told of it whenever it is told of it.
        outbox: To the client.
    """

    def __init__(
        self, response_id: str, lines: Sequence[Line], shown: Mapping[str, Any], outbox: Outbox
    ) -> None:
        self.response_id = response_id
        self.lines = lines
        self.over = False
        self._shown = shown
        self._outbox = outbox
        self._heard_from: float | None = None
        self._outcome: Outcome = "completed"
        self._details: dict[str, Any] = {}

    def line(self, item_id: str | None) -> Line | None:
        """The line of that name, as long as there is more to be told of it."""
        open_lines = () if self.over else self.lines
        known = (ln for ln in open_lines if ln.item_id == item_id and ln.status == "in_progress")
        return next(known, None)

    def playing(self, now: float) -> tuple[str, int]:
        """Which line a listener who heard all as it came has reached, and its milliseconds."""
        since_s = 0.0 if self._heard_from is None else now - self._heard_from
        left_ms = round(since_s * 1000)
        for line in self.lines[:-1]:
            if line.status == "in_progress" or left_ms < line.sent_ms:
                return line.item_id, min(left_ms, line.sent_ms)
            left_ms -= line.sent_ms
        return self.lines[-1].item_id, min(left_ms, self.lines[-1].sent_ms)

    async def create(self) -> None:
        resource = self._resource("in_progress")
        await self._outbox.say("response.created", response=resource)

    async def begin(self, line: Line) -> None:
        """Its first sound is about to come."""
        line.begun = True
        empty = spoken_item(line.item_id, "in_progress", None)
        await self._say("output_item.added", line, item=empty)
        await self._outbox.add(empty)
        part = {"type": "audio", "transcript": ""}
        await self._say_part("content_part.added", line, part=part)

    async def transcribe(self, line: Line, words: Sequence[str]) -> None:
        """More words have their times."""
        await self._said(line, f"{line.said} {' '.join(words)}".strip())

    async def play(self, line: Line, pcm: bytes, now: float) -> None:
        """Send sound."""
        if self._heard_from is None:
            self._heard_from = now
        line.samples += len(pcm) // BYTES_PER_SAMPLE
        await self._say_part("output_audio.delta", line, delta=b64encode(pcm).decode())

    async def complete(self, line: Line, text: str) -> None:
        """All of a line was sent."""
        await self._said(line, " ".join(text.split()))
        await self._end(line, "completed")

    async def interrupt(self, line: Line) -> None:
        """Somebody else has interrupted a line."""
        self._outcome, self._details = "cancelled", {"reason": "turn_detected"}
        await self._end(line, "incomplete")

    async def fail(self, line: Line, error: Mapping[str, Any]) -> None:
        """A line cannot be spoken, or not to its end."""
        why = {name: error[name] for name in ("type", "code", "message")}
        self._outcome, self._details = "failed", {"error": why}
        await self._end(line, "incomplete")

    async def cancel(self) -> None:
        """Its client wants nothing more of it."""
        self._outcome, self._details = "cancelled", {"reason": "client_cancelled"}
        for line in self.lines:
            if line.status == "in_progress":
                await self._end(line, "incomplete")

    async def _said(self, line: Line, said: str) -> None:
        delta = said[len(line.said) :] if said.startswith(line.said) else ""
        line.said = said
        if delta:
            await self._say_part("output_audio_transcript.delta", line, delta=delta)

    async def _end(self, line: Line, status: ItemStatus) -> None:
        line.status = status
        if line.begun:
            await self._say_part("output_audio.done", line)
            await self._say_part("output_audio_transcript.done", line, transcript=line.said)
            part = {"type": "audio", "transcript": line.said}
            await self._say_part("content_part.done", line, part=part)
            await self._say("output_item.done", line, item=line.item())
            await self._outbox.finish(line.item())
        if all(line.status != "in_progress" for line in self.lines):
            self.over = True
            resource = self._resource(self._outcome)
            resource["status_details"] = {"type": self._outcome, **self._details}
            await self._outbox.say("response.done", response={**resource, "usage": self._usage()})

    async def _say_part(self, kind: str, line: Line, **particulars: Any) -> None:
        await self._say(kind, line, item_id=line.item_id, content_index=0, **particulars)

    async def _say(self, kind: str, line: Line, **particulars: Any) -> None:
        place = {"response_id": self.response_id, "output_index": line.place}
        await self._outbox.say(f"response.{kind}", **place, **particulars)

    def _resource(self, status: str) -> dict[str, Any]:
        output = [line.item() for line in self.lines if line.begun]
        known = {"object": "realtime.response", "id": self.response_id, "status": status}
        return {**known, **self._shown, "output": output, "status_details": None}

    def _usage(self) -> dict[str, Any]:
        asked = sum(text_tokens(line.text) for line in self.lines)
        written = sum(text_tokens(line.said) for line in self.lines)
        sent_s = sum(line.samples for line in self.lines) / SAMPLE_RATE
        spoken = math.ceil(sent_s * SPOKEN_TOKENS_PER_S)
        return {
            "total_tokens": asked + written + spoken,
            "input_tokens": asked,
            "output_tokens": written + spoken,
            "input_token_details": {"text_tokens": asked, "audio_tokens": 0, "cached_tokens": 0},
            "output_token_details": {"text_tokens": written, "audio_tokens": spoken},
        }
