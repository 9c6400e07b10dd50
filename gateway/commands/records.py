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
    """The log of a running server."""

    def __init__(self, client: Colloquy, where: str) -> None:
        self._client = client
        self.where = where

    def conversation(self, conversation_id: str) -> Iterator[Recorded]:
        return self._read(conversation_id)

    def above(self, after: int, conversation_id: str | None = None) -> Iterator[Recorded]:
        if conversation_id is not None:
            yield from (e for e in self._read(conversation_id) if e.position > after)
            return
        while events := self._client.events(after, PAGE):
            yield from map(_recorded, events)
            after = events[-1].position

    def coming(self, after: int, conversation_id: str | None = None) -> Iterator[Recorded]:
        """Events above a position, then each as it is recorded; of one conversation, to its end.

        Raises:
            ColloquyError: the server is away, or there is no such conversation.
        """
        if conversation_id is None:
            yield from map(_recorded, self._client.follow_events(after, away_s=0))
            return
        talk = self._client.conversation(conversation_id)
        events = map(_recorded, talk.follow_events(away_s=0))
        yield from (event for event in events if event.position > after)

    def _read(self, conversation_id: str) -> Iterator[Recorded]:
        talk = self._client.conversation(conversation_id)
        try:
            yield from map(_recorded, talk.all_events(page=PAGE))
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


def client_of(server: str, token: str | None = None) -> Colloquy:
    """A client that says at once if nobody answers; a proxy is for servers elsewhere.

    Without a token it shows that of the environment, if there is one.
    """
    transport = httpx.HTTPTransport() if _is_here(server) else None
    return Colloquy(server, token, patience=Patience(retries=0), transport=transport)


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
