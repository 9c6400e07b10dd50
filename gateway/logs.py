"""What the server logs: one line an entry, fixed sentences with fields.

Nothing that somebody said is logged, nothing that a query or a header holds but ids, no token.
"""

import json
import logging
import logging.handlers
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Literal, TextIO, TypeAlias

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Form: TypeAlias = Literal["logfmt", "json"]

MOST_WAITING = 10_000
"""Entries that wait to be written; more are lost, rather than that speech waits for a terminal."""
GATHERED_S = 0.05
"""Entries of so long are written at once."""
END_WITHIN_S = 2.0

_LOG = logging.getLogger(__name__)
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PLAIN = re.compile(r"[^\s\"=\\]+")
_WATCHED = frozenset({"/health", "/ready", "/metrics"})


class Lines(logging.Formatter):
    """An entry as a line: its time, level, logger, sentence and fields."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._write = _as_json if form == "json" else _as_logfmt

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and record.exc_info[0]:  # its message may hold words
            entry["error"] = record.exc_info[0].__name__
        return self._write({name: value for name, value in entry.items() if value is not None})


@contextmanager
def logging_to(
    stream: TextIO, level: str, form: Form, *, most_waiting: int = MOST_WAITING
) -> Iterator[None]:
    """Have a thread write what is logged, so that nobody who logs waits."""
    entries: _Entries = queue.Queue(most_waiting)
    root, sender = logging.getLogger(), _Sender(entries)
    writer = _Writer(entries, Lines(form), stream)
    before = root.level
    root.addHandler(sender)
    root.setLevel(level.upper())
    writer.start()
    try:
        yield
    finally:
        root.removeHandler(sender)
        root.setLevel(before)
        writer.end()


_Entries: TypeAlias = "queue.Queue[logging.LogRecord | None]"


class _Writer(threading.Thread):
    def __init__(self, entries: _Entries, lines: Lines, stream: TextIO) -> None:
        super().__init__(name="log", daemon=True)
        self._entries = entries
        self._lines = lines
        self._stream = stream

    def run(self) -> None:
        while (records := self._gathered())[-1] is not None:
            self._write(records)
        self._write(records[:-1])

    def _gathered(self) -> list[logging.LogRecord | None]:
        """The entries of a moment; the last is None if no more will come."""
        records = [self._entries.get()]
        # To be woken for each would cost those who serve more than the writing does.
        time.sleep(GATHERED_S)
        with suppress(queue.Empty):
            while records[-1] is not None:
                records.append(self._entries.get_nowait())
        return records

    def _write(self, records: Sequence[logging.LogRecord | None]) -> None:
        lines = [self._lines.format(record) + "\n" for record in records if record]
        with suppress(OSError, ValueError):  # nobody reads it any more
            self._stream.write("".join(lines))
            self._stream.flush()

    def end(self) -> None:
        """Write what waits, unless nobody takes it: then the thread ends with the process."""
        with suppress(queue.Full):
            self._entries.put(None, timeout=END_WITHIN_S)
        self.join(END_WITHIN_S)


class _Sender(logging.handlers.QueueHandler):
    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record  # it stays in this process, fields and all

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """The queue is full: the entry is lost."""


class LoggedRequests:
    """Logs each request when its answer has ended: how long it took, and by which ids it went."""

    def __init__(self, app: ASGIApp, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began, answer = self._clock(), _Answer()

        async def noted(message: Message) -> None:
            answer.note(message)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            level = logging.DEBUG if scope["path"] in _WATCHED else logging.INFO
            if _LOG.isEnabledFor(level):
                took_ms = round((self._clock() - began) * 1000, 1)
                _LOG.handle(_answered(level, _fields(scope, answer, took_ms)))


class _Answer:
    """What an answer tells of itself; 500 where it breaks before it begins."""

    def __init__(self) -> None:
        self.status = 500
        self.conversation_id: str | None = None
        self.turn_id: str | None = None

    def note(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                headers = Headers(scope={"headers": message.get("headers", [])})
                self.status = message["status"]
                self.conversation_id = headers.get("x-conversation-id")
                self.turn_id = headers.get("x-turn-id")
            case "websocket.accept":
                self.status = 101
            case "websocket.close" if self.status == 500:
                self.status = 403  # as which the caller sees it


def _answered(level: int, fields: Mapping[str, object]) -> logging.LogRecord:
    # What `Logger.log` does without it looking for the line of code, which is always this one.
    record = logging.LogRecord(_LOG.name, level, "", 0, "answered", (), None)
    vars(record).update(fields)
    return record


def _fields(scope: Scope, answer: _Answer, took_ms: float) -> dict[str, object]:
    state, named = scope.get("state", {}), scope.get("path_params", {})
    caller = state.get("caller")
    return {
        "request_id": state.get("request_id"),
        "key_id": caller.key_id if caller else None,
        "method": scope.get("method", "WEBSOCKET"),
        "route": getattr(scope.get("route"), "path", None),
        "status": answer.status,
        "duration_ms": took_ms,
        "conversation_id": named.get("conversation_id") or answer.conversation_id,
        "turn_id": named.get("turn_id") or answer.turn_id,
    }


def _as_json(entry: dict[str, Any]) -> str:
    return json.dumps(entry, default=str, ensure_ascii=False)


def _as_logfmt(entry: dict[str, Any]) -> str:
    return " ".join(f"{name}={_value(value)}" for name, value in entry.items())


def _value(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
