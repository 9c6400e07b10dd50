"""What the log knows of an event: its place, its origin and the proof that it was not altered."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

GENESIS = bytes(32)
"""The chain hash before a conversation's first event."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NewEvent(NamedTuple):
    """An event as it is to be stored: its stored name, the version of its shape, its JSON.

    A named tuple, because many travel together: a frozen dataclass takes four times as long to
    pickle.
    """

    type: str
    schema_version: int
    data: str


@dataclass(frozen=True, slots=True)
class Append:
    """A command's events, and what their writer believes of the conversation.

    An append is written whole or not at all. A command id that was recorded before is answered with
    what was recorded then, whatever else the append says.
    """

    conversation_id: str
    expected_version: int
    epoch: int
    command_id: str
    events: tuple[NewEvent, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A stored event."""

    position: int
    """Place in the whole log, from 1, without gaps."""
    conversation_id: str
    version: int
    """Place in its conversation, from 1, without gaps."""
    event_id: str
    """UUIDv7."""
    type: str
    schema_version: int
    epoch: int
    """The awakening of the conversation that wrote it."""
    command_id: str
    recorded_at: datetime
    """In UTC, to the microsecond."""
    chain: bytes
    """SHA-256 over the chain of the event before it and everything above and below."""
    data: str
    """The event as JSON."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation handed to its one writer."""

    epoch: int
    events: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class ConversationHead:
    """What the log knows of a conversation without reading its events."""

    conversation_id: str
    version: int
    first_position: int
    last_position: int
    started_at: datetime
    updated_at: datetime
    ended: bool
    owner: str | None = None
    """Id of the key that opened or forked it; None where there were no keys."""


def link(
    previous: bytes,
    *,
    position: int,
    conversation_id: str,
    version: int,
    event_id: str,
    type: str,  # noqa: A002  (the envelope's own word)
    schema_version: int,
    epoch: int,
    command_id: str,
    recorded_at: datetime,
    data: str,
) -> bytes:
    """The chain hash of an event that follows `previous`.

    SHA-256 over the previous hash, the envelope's fields separated by the unit separator (U+001F),
    and the SHA-256 of the data. The data enters by its digest, so that words can be erased one day
    and the chain still be checked.
    """
    micros = (recorded_at - _EPOCH) // timedelta(microseconds=1)
    head = (
        f"{position}\x1f{conversation_id}\x1f{version}\x1f{event_id}\x1f{type}\x1f{schema_version}"
        f"\x1f{epoch}\x1f{command_id}\x1f{micros}"
    )
    digest = hashlib.sha256(data.encode()).digest()
    return hashlib.sha256(previous + head.encode() + digest).digest()


def relink(previous: bytes, event: Recorded) -> bytes:
    """The chain hash that `event` ought to carry."""
    return link(
        previous,
        position=event.position,
        conversation_id=event.conversation_id,
        version=event.version,
        event_id=event.event_id,
        type=event.type,
        schema_version=event.schema_version,
        epoch=event.epoch,
        command_id=event.command_id,
        recorded_at=event.recorded_at,
        data=event.data,
    )


@dataclass(frozen=True, slots=True)
class Damage:
    """One place at which the log is not what was written."""

    position: int
    conversation_id: str | None
    version: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of checking a whole log."""

    events: int
    conversations: int
    last_position: int
    damages: Sequence[Damage]

    @property
    def content(self) -> bool:
        return not self.damages
