"""Sound on its way to a caller: encoded as it comes, and ended when the caller is gone."""

import asyncio
import base64
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from actors.synthesis.stage import seconds
from gateway.audio import FORMATS, Encoder

OnEnd = Callable[[int, bool], Awaitable[None]]
"""Told how many milliseconds of sound left for the caller, and whether that was all of it."""

THREAD_FROM_BYTES = 16_384
"""Encoding less than this takes less time than handing it to a thread."""


class SoundResponse(Response):
    """Streams sound in one of the formats, or as server-sent events.

    Args:
        pieces: Samples, s16le mono at 24 kHz.
        format_name: One of `FORMATS`.
        sse: Whether to wrap the encoded sound in events as the OpenAI API does.
        text_tokens: For the usage that the last event reports.
        total_samples: If the length is known before.
        headers: Beside the content type.
        on_end: Awaited when the last piece was sent, or the caller went away.
    """

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        format_name: str,
        *,
        sse: bool = False,
        text_tokens: int = 0,
        total_samples: int | None = None,
        headers: Mapping[str, str],
        on_end: OnEnd | None = None,
    ) -> None:
        self.status_code = 200
        self.background = None
        self._pieces = pieces
        self._format = FORMATS[format_name]
        self._total_samples = total_samples
        self._sse = sse
        self._text_tokens = text_tokens
        self._on_end = on_end
        self._sent_bytes = 0
        self._whole = False
        media_type = "text/event-stream" if sse else self._format.media_type
        self.init_headers({**headers, "content-type": media_type, "cache-control": "no-store"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leaving = asyncio.create_task(gone(receive))
        sending = asyncio.create_task(self._send_all(send, leaving))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            await asyncio.wait({sending, leaving})
            if self._on_end is not None:
                played_ms = round(seconds(self._sent_bytes) * 1000)
                await asyncio.shield(self._on_end(played_ms, self._whole))
        if not sending.cancelled() and (failure := sending.exception()):
            raise failure

    async def _send_all(self, send: Send, leaving: asyncio.Task[None]) -> None:
        async def part(body: bytes) -> None:
            await send({"type": "http.response.body", "body": body, "more_body": True})
            # What is sent to somebody who is gone is taken by the server without a word.
            await asyncio.sleep(0)
            if leaving.done():
                raise asyncio.CancelledError

        encoder = Encoder(self._format, self._total_samples)
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        async with aclosing(self._pieces) as pieces:  # type: ignore[type-var]
            async for pcm in pieces:
                encoded = await _encoded(encoder, pcm)
                if encoded:
                    await part(self._framed(encoded))
                self._sent_bytes += len(pcm)
        await part(self._framed(encoder.finish()) + self._last())
        self._whole = True
        await send({"type": "http.response.body"})

    def _framed(self, encoded: bytes) -> bytes:
        if not self._sse:
            return encoded
        if not encoded:
            return b""
        audio = base64.b64encode(encoded).decode()
        return _event({"type": "speech.audio.delta", "audio": audio})

    def _last(self) -> bytes:
        if not self._sse:
            return b""
        spoken = math.ceil(seconds(self._sent_bytes) * SPOKEN_TOKENS_PER_S)
        usage = {
            "input_tokens": self._text_tokens,
            "output_tokens": spoken,
            "total_tokens": self._text_tokens + spoken,
        }
        return _event({"type": "speech.audio.done", "usage": usage})


SPOKEN_TOKENS_PER_S = 20
"""We count a token for each 50 ms of sound, and one for each four characters of text."""


def text_tokens(text: str) -> int:
    return math.ceil(len(text) / 4)


async def once(pcm: bytes, piece: int = 96_000) -> AsyncIterator[bytes]:
    """Recorded samples, in pieces that a slow caller can take."""
    for start in range(0, len(pcm), piece):
        yield pcm[start : start + piece]


async def first_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces, once the first is here: what goes wrong before it is raised now."""
    first = await anext(pieces, None)

    async def all_of_them() -> AsyncIterator[bytes]:
        if first is not None:
            yield first
        async with aclosing(pieces):  # type: ignore[type-var]
            async for piece in pieces:
                yield piece

    return all_of_them()


async def _encoded(encoder: Encoder, pcm: bytes) -> bytes:
    if len(pcm) < THREAD_FROM_BYTES:
        return encoder.encode(pcm)
    return await asyncio.to_thread(encoder.encode, pcm)


async def gone(receive: Receive) -> None:
    """Return when the caller is gone."""
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass


def _event(data: Mapping[str, object]) -> bytes:
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"
