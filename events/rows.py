"""Between a stored row and the event that it holds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from events.envelope import Recorded
from events.heads import OWNING, Head, owner_of

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)

# What `event` takes, in its order.
_SELECT = (
    "SELECT position, conversation_id, version, event_id::VARCHAR, type, schema_version, epoch, "
    "command_id, epoch_us(recorded_at), chain, data FROM events"
)

CONVERSATION = (
    # The bounds let DuckDB pass over whole row groups; the id alone would make it look at all.
    f"{_SELECT} WHERE conversation_id = ? AND position BETWEEN ? AND ? AND version > ? "
    "ORDER BY position LIMIT ?"
)
BETWEEN = f"{_SELECT} WHERE position BETWEEN ? AND ? ORDER BY position"
STORED = f"{_SELECT} WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
"""Events in the order in which they lie there, whatever their positions say."""

EXPORT = """
    COPY (
        SELECT * REPLACE (event_id::VARCHAR AS event_id) FROM events
        WHERE position BETWEEN {first:d} AND {last:d} ORDER BY position
    ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
"""

HEADS = """
    SELECT conversation_id, max(version), min(position), max(position), arg_max(chain, position),
           epoch_us(arg_min(recorded_at, position)), epoch_us(arg_max(recorded_at, position)),
           bool_or(type = 'ended'), max(epoch)
    FROM events GROUP BY conversation_id
"""
"""What `head` takes, in its order."""

OWNERS = f"""
    SELECT conversation_id, arg_max(data, version) FROM events
    WHERE type IN ({", ".join(f"'{name}'" for name in OWNING)}) GROUP BY conversation_id
"""  # noqa: S608
"""The event that says whose a conversation is. Asked apart, it reads the data of those alone."""


def event(row: Sequence[Any]) -> Recorded:
    (
        position,
        conversation_id,
        version,
        event_id,
        kind,
        schema,
        epoch,
        command_id,
        at,
        chain,
        data,
    ) = row
    return Recorded(
        position,
        conversation_id,
        version,
        event_id,
        kind,
        schema,
        epoch,
        command_id,
        _ZERO + timedelta(microseconds=at),
        chain,
        data,
    )


def head(row: Sequence[Any], owners: Mapping[str, str]) -> Head:
    """A row of `HEADS`, with the rows of `OWNERS` by their ids."""
    conversation_id, version, first, last, chain, started, updated, ended, epoch = row
    return Head(
        conversation_id=conversation_id,
        version=version,
        first_position=first,
        last_position=last,
        chain=chain,
        started_at=_ZERO + timedelta(microseconds=started),
        updated_at=_ZERO + timedelta(microseconds=updated),
        ended=ended,
        epoch=epoch,
        owner=owner_of(owners[conversation_id]) if conversation_id in owners else None,
    )


def rows(events: Iterable[Recorded]) -> list[tuple[object, ...]]:
    """The events as the table's columns; times lose their zone, which is UTC."""
    return [
        (
            e.position,
            e.conversation_id,
            e.version,
            e.event_id,
            e.type,
            e.schema_version,
            e.epoch,
            e.command_id,
            e.recorded_at.replace(tzinfo=None),
            e.chain,
            e.data,
        )
        for e in events
    ]
