"""The live connection for the Python client: speak while the words are still coming.

`AsyncLive` keeps one connection and makes it again when it is lost: every open turn goes on at the
sample up to which it was received. `Live` is the same for programs that wait.
"""

import asyncio
import json
import struct
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, Self, TypeVar
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from gateway.client import ColloquyError, Interrupted, WordTime

T = TypeVar("T")

_HEADER = struct.Struct("!BBHI")
_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 2.0
_MOST_BYTES = 1_000_000
_OVER = ("turn.completed", "turn.interrupted", "turn.failed")


class AsyncTurn:
    """A turn that is being spoken: iterate over it for its sound, s16le mono at 24 kHz."""

    def __init__(self, live: "AsyncLive", asked: dict[str, Any]) -> None:
        self.turn_id: str = asked["turn_id"]
        self.words: list[WordTime] = []
        """As far as their times are known."""
        self.text = ""
        """As far as it was given."""
        self.begun: dict[str, Any] | None = None
        """What the server said when it began: `turn`, `voice`, `response_gap_ms`."""
        self.sample = 0
        """Up to which its sound has arrived."""
        self._live = live
        self._asked = asked
        self._ended = False
        self._cut: dict[str, Any] | None = None
        self._sound: deque[bytes] = deque()
        self._over: dict[str, Any] | None = None
        self._news = asyncio.Event()

    async def say(self, text: str) -> None:
        """Give more of its words."""
        at = len(self.text)
        self.text += text
        await self._live._send("turn.text", turn_id=self.turn_id, text=text, at=at)

    async def end(self) -> None:
        """There are no more words."""
        self._ended = True
        await self._live._send("turn.end", turn_id=self.turn_id)

    async def interrupt(self, audio_played_ms: int, by: str | None = None) -> Interrupted:
        """Stop it, and those after it, at what was played; repeated, the same answer."""
        if self._over is None or self._over["type"] != "turn.interrupted":
            self._over = None
            self._cut = {"turn_id": self.turn_id, "audio_played_ms": audio_played_ms, "by": by}
            self._live._turns[self.turn_id] = self
            await self._live._send("turn.interrupt", **self._cut)
        return Interrupted.model_validate(await self.outcome())

    async def outcome(self) -> dict[str, Any]:
        """The last message about it: `turn.completed` or `turn.interrupted`.

        Raises:
            ColloquyError: it failed; begin it again by the same name.
        """
        while self._over is None:
            await self._wait()
        if self._over["type"] == "turn.failed":
            raise _error(self._over["error"])
        return self._over

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._sound:
                yield self._sound.popleft()
            if self._over is not None:
                break
            await self._wait()
        await self.outcome()

    async def _wait(self) -> None:
        self._live._must_live()
        self._news.clear()
        await self._news.wait()

    def _hear(self, sample: int, pcm: bytes) -> None:
        new = pcm[max(0, self.sample - sample) * 2 :]
        self.sample += len(new) // 2
        self._sound.append(new)
        self._news.set()

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "turn.begun":
                self.begun = message
            case "turn.words":
                new = message["words"][max(0, len(self.words) - message["first"]) :]
                self.words += [WordTime.model_validate(word) for word in new]
            case kind if kind in _OVER and (self._cut is None or kind != "turn.completed"):
                self._over = message
        self._news.set()

    async def _resume(self) -> None:
        if self._cut is not None:
            await self._live._send("turn.interrupt", **self._cut)
            return
        await self._live._send("turn.begin", **self._asked, text=self.text, sample=self.sample)
        if self._ended:
            await self._live._send("turn.end", turn_id=self.turn_id)


class AsyncLive:
    """A live connection to one conversation; use it as `async with talk.live() as live`.

    Args:
        url: Of the stream, `ws://…`.
        headers: To send along.
        away_s: For which a server may be away before its turns fail.
    """

    def __init__(self, url: str, headers: dict[str, str], away_s: float) -> None:
        self._url, self._headers, self._away_s = url, headers, away_s
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._turns: OrderedDict[str, AsyncTurn] = OrderedDict()
        self._failure: ColloquyError | None = None

    async def begin(
        self, speaker_id: str, text: str = "", *, turn_id: str | None = None, **manner: Any
    ) -> AsyncTurn:
        """Begin a turn, which is spoken after those that were begun before.

        `manner` has any of `voice`, `speed`, `emotion`, `markup` and `ahead_ms`.
        """
        self._must_live()
        asked = {"turn_id": turn_id or str(uuid4()), "speaker_id": speaker_id, **manner}
        turn = self._turns[asked["turn_id"]] = AsyncTurn(self, asked)
        turn.text = text
        await self._send("turn.begin", **asked, text=text)
        return turn

    async def speak(self, speaker_id: str, text: str, **manner: Any) -> AsyncTurn:
        """A turn whose words are all there."""
        turn = await self.begin(speaker_id, text, **manner)
        await turn.end()
        return turn

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
        if self._socket is not None:
            await self._socket.close()

    async def __aenter__(self) -> Self:
        self._socket = await self._connected()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _send(self, kind: str, **said: Any) -> None:
        self._must_live()
        assert self._socket is not None, "use it in `async with`"  # noqa: S101
        given = {name: value for name, value in said.items() if value is not None}
        try:
            await self._socket.send(json.dumps({"type": kind, **given}))
        except ConnectionClosed:
            return  # all that was said of a turn is said again on the next connection

    def _must_live(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _read(self) -> None:
        try:
            while True:
                try:
                    await self._take_all()
                except ConnectionClosed:
                    await self._connect_again()
        except ColloquyError as failure:
            self._failure = failure
            for turn in self._turns.values():
                turn._take({"type": "turn.failed", "error": {"message": str(failure)}})

    async def _take_all(self) -> None:
        assert self._socket is not None  # noqa: S101
        async for said in self._socket:
            if isinstance(said, bytes):
                _, length, _, sample = _HEADER.unpack_from(said)
                end = _HEADER.size + length
                turn = self._turns.get(said[_HEADER.size : end].decode("ascii"))
                if turn is not None:
                    turn._hear(sample, said[end:])
                continue
            self._take(json.loads(said))
        raise ConnectionClosed(None, None)

    def _take(self, message: dict[str, Any]) -> None:
        turn = self._turns.get(message.get("turn_id") or "")
        if turn is None:
            return
        if message["type"] == "error":
            message = {**message, "type": "turn.failed"}
        turn._take(message)
        if turn._over is not None:
            del self._turns[turn.turn_id]

    async def _connect_again(self) -> None:
        waited_s, pause_s = 0.0, _FIRST_WAIT_S
        while True:
            try:
                self._socket = await self._connected()
                break
            except ColloquyError as away:
                if away.status is not None or waited_s > self._away_s:
                    raise
            await asyncio.sleep(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(2 * pause_s, _LONGEST_WAIT_S)
        for turn in tuple(self._turns.values()):
            await turn._resume()

    async def _connected(self) -> ClientConnection:
        try:
            return await connect(
                self._url,
                additional_headers=self._headers,
                compression=None,
                max_size=_MOST_BYTES,
                max_queue=None,
            )
        except InvalidStatus as refused:
            body = json.loads(refused.response.body or b"{}")
            raise _error(body.get("error", {}), refused.response.status_code) from refused
        except (OSError, InvalidHandshake, TimeoutError) as lost:
            message = f"No answer from {self._url}; is the server running there? ({lost})"
            raise ColloquyError(None, message) from lost


class Turn:
    """As `AsyncTurn`, for programs that wait."""

    def __init__(self, live: "Live", turn: AsyncTurn) -> None:
        self._live, self._turn = live, turn
        self.turn_id = turn.turn_id

    @property
    def words(self) -> list[WordTime]:
        return self._turn.words

    def say(self, text: str) -> None:
        self._live._wait(self._turn.say(text))

    def end(self) -> None:
        self._live._wait(self._turn.end())

    def interrupt(self, audio_played_ms: int, by: str | None = None) -> Interrupted:
        return self._live._wait(self._turn.interrupt(audio_played_ms, by))

    def outcome(self) -> dict[str, Any]:
        return self._live._wait(self._turn.outcome())

    def __iter__(self) -> Iterator[bytes]:
        pieces = aiter(self._turn)
        while (piece := self._live._wait(_next(pieces))) is not None:
            yield piece


class Live:
    """As `AsyncLive`, for programs that wait; its connection lives on a thread of its own."""

    def __init__(self, live: AsyncLive) -> None:
        self._live = live
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def begin(self, speaker_id: str, text: str = "", **manner: Any) -> Turn:
        return Turn(self, self._wait(self._live.begin(speaker_id, text, **manner)))

    def speak(self, speaker_id: str, text: str, **manner: Any) -> Turn:
        return Turn(self, self._wait(self._live.speak(speaker_id, text, **manner)))

    def close(self) -> None:
        self._wait(self._live.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._wait(self._live.__aenter__())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    return await anext(pieces, None)


def _error(error: dict[str, Any], status: int | None = None) -> ColloquyError:
    message = error.get("message") or "The connection was refused."
    return ColloquyError(status, message, error.get("type"), error.get("param"), error.get("code"))
