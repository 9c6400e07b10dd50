"""Where commands read the record: the log itself or, while a server holds it, the server."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import httpx

from events.durable import inspect, look_at
from events.envelope import Damage, Recorded, Verification
from events.heads import Heads
from events.log import LogInUse
from events.store import Store
from gateway.client import Colloquy, ColloquyError, Event, Patience
from gateway.settings import Settings

PAGE = 1000


class Records(Protocol):
    """What has been recorded, for reading."""

    where: str
    """For people: what is being read."""

    def conversation(self, conversation_id: str) -> Iterator[Recorded]:
        """Events of a conversation, oldest first; none if there is no such conversation."""
        ...

    def above(self, after: int, conversation_id: str | None = None) -> Iterator[Recorded]:
        """Events above a position, of one conversation or of all, oldest first."""
        ...


class LogRecords:
    """A log that nobody else has open. It is left as it was found."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.where = str(store.path)

    def conversation(self, conversation_id: str) -> Iterator[Recorded]:
        head = Heads(self._store.heads()).get(conversation_id)
        return iter(self._store.conversation(head) if head else ())

    def above(self, after: int, conversation_id: str | None = None) -> Iterator[Recorded]:
        if conversation_id is not None:
            yield from (e for e in self.conversation(conversation_id) if e.position > after)
            return
        while events := self._store.between(after + 1, after + PAGE):
            yield from events
            after = events[-1].position


class ServerRecords:
    """The log of a running server. Asked again for what is `above`, it gives only what is new."""

    def __init__(self, client: Colloquy, where: str) -> None:
        self._client = client
        self._seen: dict[str, int] = {}
        self.where = where

    def conversation(self, conversation_id: str) -> Iterator[Recorded]:
        return self._read(conversation_id)

    def above(self, after: int, conversation_id: str | None = None) -> Iterator[Recorded]:
        names = self._grown() if conversation_id is None else [conversation_id]
        found = [event for name in names for event in self._news(name)]
        return iter(sorted((e for e in found if e.position > after), key=lambda e: e.position))

    def _grown(self) -> Iterator[str]:
        last: str | None = None
        while page := self._client.conversations(limit=PAGE, after=last):
            for summary in page:
                name = summary.conversation_id
                if summary.version is None or summary.version > self._seen.get(name, 0):
                    yield name
            last = page[-1].conversation_id

    def _news(self, conversation_id: str) -> list[Recorded]:
        news = list(self._read(conversation_id, self._seen.get(conversation_id, 0)))
        if news:
            self._seen[conversation_id] = news[-1].version
        return news

    def _read(self, conversation_id: str, after: int = 0) -> Iterator[Recorded]:
        try:
            yield from map(
                _recorded, self._client.conversation(conversation_id).all_events(after, PAGE)
            )
        except ColloquyError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise


@contextmanager
def open_records(settings: Settings, server: str | None) -> Iterator[Records]:
    """The record: of a server if one is named, else of the log, else of whoever holds the log.

    Raises:
        LogError: the log cannot be read.
        ColloquyError: the server does not answer.
    """
    if server is None:
        try:
            store = look_at(log_path(settings))
        except LogInUse:
            server = address(settings)
        else:
            with closing(store):
                yield LogRecords(store)
            return
    with client_of(server) as client:
        yield ServerRecords(client, server)


def verify_records(settings: Settings, server: str | None) -> Verification:
    """Check every chain of the log, wherever it is held; raises as `open_records`."""
    if server is None:
        try:
            return inspect(log_path(settings))
        except LogInUse:
            server = address(settings)
    with client_of(server) as client:
        said = client.verify()
    damages = tuple(Damage(d.position, d.conversation_id, d.version, d.what) for d in said.damages)
    return Verification(said.events, said.conversations, said.last_position, damages)


def log_path(settings: Settings) -> Path:
    return settings.data_dir / "log.duckdb"


def address(settings: Settings) -> str:
    """Where a server with these settings is reached from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def client_of(server: str) -> Colloquy:
    """A client that says at once if nobody answers; a proxy is for servers elsewhere."""
    transport = httpx.HTTPTransport() if _is_here(server) else None
    return Colloquy(server, patience=Patience(retries=0), transport=transport)


def _is_here(server: str) -> bool:
    return httpx.URL(server).host in ("127.0.0.1", "::1", "localhost")


def _recorded(event: Event) -> Recorded:
    extra = event.model_extra or {}
    return Recorded(
        position=event.position,
        conversation_id=event.conversation_id,
        version=event.version,
        event_id=event.event_id,
        type=event.type,
        schema_version=event.schema_version,
        epoch=extra.get("epoch", 0),
        command_id=event.command_id or "",
        recorded_at=event.recorded_at,
        chain=bytes.fromhex(extra.get("chain", "")),
        data=json.dumps(event.data, ensure_ascii=False),
    )
