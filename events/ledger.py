"""Who may write what: the log's decisions, taken in memory before anything is stored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from events.envelope import GENESIS, Append, Recorded, link
from events.heads import Heads
from events.log import StaleEpoch, VersionConflict

_EPOCHS_PER_OPENING = 2**32
_SEPARATOR = "\x1f"


@dataclass(slots=True)
class Lease:
    """A conversation in the hands of one writer, and how far that writer has got."""

    epoch: int
    version: int
    """Of the last event admitted, durable or not."""
    chain: bytes
    held: bool = True
    """False once given back, while events are still under way to the disk."""
    commands: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Command id to the first and last position of what it recorded."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A command that was admitted before, and the positions of what it recorded."""

    first_position: int
    last_position: int


class Ledger:
    """Checks appends and gives them their places.

    It has two horizons: what was admitted, and what is known to be durable (`commit`). Listings and
    heads know only the second; versions and positions are given out by the first.

    `opening` counts the openings of the log, so that epochs grow over restarts too; `new_id` makes
    event ids (UUIDs in their usual spelling, lower case).
    """

    def __init__(
        self, *, opening: int, new_id: Callable[[], str], heads: Heads | None = None, last: int = 0
    ) -> None:
        self.heads = Heads() if heads is None else heads
        self.durable_position = last
        self._position = last
        self._epoch = opening * _EPOCHS_PER_OPENING
        self._new_id = new_id
        self._leases: dict[str, Lease] = {}

    def open(self, conversation_id: str) -> int:
        """Take a conversation over; returns the new epoch."""
        self._epoch += 1
        lease = self._leases.get(conversation_id)
        head = self.heads.get(conversation_id)
        if head is not None:
            head.epoch = self._epoch
        if lease is None:
            version, chain = (head.version, head.chain) if head else (0, GENESIS)
            self._leases[conversation_id] = Lease(self._epoch, version, chain)
        else:
            lease.epoch, lease.held = self._epoch, True
        return self._epoch

    def remember(self, events: Iterable[Recorded]) -> None:
        """Learn the commands of open conversations from their events."""
        for event in events:
            lease = self._leases.get(event.conversation_id)
            if lease is not None:
                first, last = lease.commands.get(event.command_id, (event.position,) * 2)
                span = min(first, event.position), max(last, event.position)
                lease.commands[event.command_id] = span

    def release(self, conversation_id: str, epoch: int) -> None:
        """Give a conversation back; does nothing if the epoch is over."""
        lease = self._leases.get(conversation_id)
        if lease is not None and lease.epoch == epoch:
            lease.held = False
            self._drop_if_done(conversation_id)

    def admit(self, append: Append, now: datetime) -> tuple[Recorded, ...] | Repeated:
        """Give an append its places, or say that its command is known.

        Nothing is taken note of unless all of it is in order.

        Raises:
            StaleEpoch: the writer is not the conversation's owner.
            VersionConflict: the conversation is at another version than expected.
            ValueError: the append is empty or an id holds a separator.
        """
        lease = self._leases.get(append.conversation_id)
        if lease is not None:
            known = lease.commands.get(append.command_id)
            if known is not None:
                return Repeated(*known)
        if lease is None or not lease.held or lease.epoch != append.epoch:
            raise self._stale(append, lease)
        if lease.version != append.expected_version:
            raise VersionConflict(append.conversation_id, append.expected_version, lease.version)
        _check(append)
        recorded = self._record(append, lease, now)
        self._advance(append.command_id, lease, recorded)
        return recorded

    def commit(self, events: Sequence[Recorded]) -> None:
        """Take note that admitted events are durable; they come in the order of positions."""
        for event in events:
            self.heads.apply(event)
            self._drop_if_done(event.conversation_id)
        if events:
            self.durable_position = events[-1].position

    def _record(self, append: Append, lease: Lease, now: datetime) -> tuple[Recorded, ...]:
        chain, recorded = lease.chain, []
        for offset, event in enumerate(append.events, start=1):
            event_id = self._new_id()
            chain = link(
                chain,
                position=self._position + offset,
                conversation_id=append.conversation_id,
                version=lease.version + offset,
                event_id=event_id,
                type=event.type,
                schema_version=event.schema_version,
                epoch=append.epoch,
                command_id=append.command_id,
                recorded_at=now,
                data=event.data,
            )
            # By place: this is the log's busiest line, and eleven names cost a third more.
            recorded.append(
                Recorded(
                    self._position + offset,
                    append.conversation_id,
                    lease.version + offset,
                    event_id,
                    event.type,
                    event.schema_version,
                    append.epoch,
                    append.command_id,
                    now,
                    chain,
                    event.data,
                )
            )
        return tuple(recorded)

    def _advance(self, command_id: str, lease: Lease, recorded: Sequence[Recorded]) -> None:
        first, last = recorded[0], recorded[-1]
        self._position = last.position
        lease.version, lease.chain = last.version, last.chain
        lease.commands[command_id] = first.position, last.position

    def _stale(self, append: Append, lease: Lease | None) -> StaleEpoch:
        head = self.heads.get(append.conversation_id)
        latest = max(lease.epoch if lease else 0, head.epoch if head else 0)
        taken = latest > append.epoch or (lease is not None and lease.held)
        return StaleEpoch(append.conversation_id, append.epoch, taken=taken)

    def _drop_if_done(self, conversation_id: str) -> None:
        lease = self._leases.get(conversation_id)
        if lease is None or lease.held:
            return
        head = self.heads.get(conversation_id)
        if lease.version == (head.version if head else 0):
            del self._leases[conversation_id]
            if head is not None:
                head.epoch = max(head.epoch, lease.epoch)


def _check(append: Append) -> None:
    if not append.events:
        raise ValueError("an append needs at least one event")
    if _SEPARATOR in append.conversation_id or _SEPARATOR in append.command_id:
        raise ValueError("a conversation or command id may not hold the unit separator (U+001F)")
