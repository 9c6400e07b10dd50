"""A caller on a WebSocket who talks ASGI, and reads only when told to."""

import asyncio
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from starlette.types import ASGIApp, Message

from gateway.live.frames import Frame, decoded


class LiveCall:
    """A connection; `accepted` or `denied` once the server has answered."""

    def __init__(self, app: ASGIApp, path: str, *, headers: dict[str, str] | None = None) -> None:
        given = {"host": "test", **(headers or {})}
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "path": path.partition("?")[0],
            "raw_path": path.partition("?")[0].encode(),
            "query_string": path.partition("?")[2].encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in given.items()],
            "scheme": "ws",
            "server": ("test", 80),
            "client": ("caller", 1),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._news = asyncio.Event()
        self._reading = asyncio.Event()
        self._reading.set()
        self._broken = False
        self._noticed = asyncio.Event()
        self.status = 0
        """Of a refusal by HTTP."""
        self.refusal = b""
        self.accepted = False
        self.closed: tuple[int, str] | None = None
        self.told: list[dict[str, Any]] = []
        """Messages, in the order of their arrival."""
        self.frames: list[Frame] = []
        self.done: asyncio.Task[None] = asyncio.create_task(self._run(app, scope))

    def say(self, kind: str, **particulars: object) -> None:
        self.send(json.dumps({"type": kind, **particulars}))

    def send(self, data: str | bytes) -> None:
        kind = "text" if isinstance(data, str) else "bytes"
        self._inbox.put_nowait({"type": "websocket.receive", kind: data})

    async def hear(self, kind: str, **particulars: object) -> dict[str, Any]:
        """The first message of a kind, with these particulars, that came or comes."""

        def said() -> dict[str, Any] | None:
            wanted = {"type": kind, **particulars}
            return next((m for m in self.told if wanted.items() <= m.items()), None)

        await self.until(lambda: said() is not None)
        found = said()
        assert found is not None
        return found

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            assert not self.done.done(), f"the connection ended; it said {self.told}"
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 20)

    def stop_reading(self) -> None:
        self._reading.clear()

    def read_on(self) -> None:
        self._reading.set()

    async def break_off(self) -> None:
        """Be gone, which whoever sends notices before whoever listens."""
        self._broken = True
        await asyncio.wait_for(self._noticed.wait(), 20)
        await self.hang_up()

    async def hang_up(self) -> None:
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self.done

    def pcm(self, turn_id: str) -> bytes:
        """The sound of a turn; each frame must go on where the one before it ended."""
        frames = [frame for frame in self.frames if frame.turn_id == turn_id]
        for before, after in pairwise(frames):
            assert after.sample == before.sample + len(before.pcm) // 2
        return b"".join(frame.pcm for frame in frames)

    def words(self, turn_id: str) -> list[str]:
        """The words of a turn, each told once and in its place."""
        words: list[str] = []
        for message in self.told:
            if message["type"] == "turn.words" and message["turn_id"] == turn_id:
                assert message["first"] == len(words)
                words += [word["word"] for word in message["words"]]
        return words

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._inbox.get, self._send)
        finally:
            self._news.set()

    async def _send(self, message: Message) -> None:
        if self._broken:
            self._noticed.set()
            raise OSError("the connection is gone")
        if message["type"] != "websocket.close":
            await self._reading.wait()
        match message["type"]:
            case "websocket.accept":
                self.accepted = True
            case "websocket.close":
                self.closed = (message["code"], message.get("reason") or "")
            case "websocket.http.response.start":
                self.status = message["status"]
            case "websocket.http.response.body":
                self.refusal += message["body"]
            case "websocket.send" if message.get("text") is not None:
                self.told.append(json.loads(message["text"]))
            case "websocket.send":
                self.heard(message["bytes"])
        self._news.set()

    def heard(self, data: bytes) -> None:
        """Take a binary frame."""
        self.frames.append(decoded(data))
