"""What is kept in memory of every conversation: where it begins and ends in the log."""

import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.envelope import ConversationHead, Recorded

ENDED = "ended"
"""The stored name of the event after which a conversation counts as ended."""
OWNING = ("started", "forked")
"""The stored names of the events that say whose a conversation is; the last of them counts."""


@dataclass(slots=True)
class Head:
    """The durable end of a conversation."""

    conversation_id: str
    version: int
    first_position: int
    last_position: int
    chain: bytes
    """Of its last event."""
    started_at: datetime
    updated_at: datetime
    ended: bool
    epoch: int
    """The latest awakening that is known."""
    owner: str | None = None

    def public(self) -> ConversationHead:
        return ConversationHead(
            conversation_id=self.conversation_id,
            version=self.version,
            first_position=self.first_position,
            last_position=self.last_position,
            started_at=self.started_at,
            updated_at=self.updated_at,
            ended=self.ended,
            owner=self.owner,
        )

    def advance(self, event: Recorded) -> None:
        self.version = event.version
        self.last_position = event.position
        self.chain = event.chain
        self.updated_at = event.recorded_at
        self.ended = self.ended or event.type == ENDED
        self.epoch = max(self.epoch, event.epoch)


def owner_of(data: str) -> str | None:
    """Whose the conversation is, by the JSON of an event of `OWNING`."""
    owner: str | None = json.loads(data).get("owner")
    return owner


class Heads:
    """The conversations by id, and in the order in which they began, all and by their owners."""

    def __init__(self, heads: Iterable[Head] = ()) -> None:
        self._ordered = sorted(heads, key=_first_position)
        self._by_id = {head.conversation_id: head for head in self._ordered}
        self._owned: dict[str, list[Head]] = {}
        for head in self._ordered:
            if head.owner is not None:
                self._owned.setdefault(head.owner, []).append(head)

    def get(self, conversation_id: str) -> Head | None:
        return self._by_id.get(conversation_id)

    def apply(self, event: Recorded) -> None:
        """Take note of a durable event; events come in the order of their positions."""
        head = self._by_id.get(event.conversation_id)
        if head is None:
            head = self._begin(event)
        else:
            head.advance(event)
        if event.type in OWNING:
            self._give(head, owner_of(event.data))

    def newest(
        self, *, after: str | None, limit: int, ended: bool | None, owner: str | None = None
    ) -> Sequence[ConversationHead]:
        """Conversations, newest start first; of one owner if one is named.

        Raises:
            ValueError: `after` is no conversation, or not one of this owner.
        """
        found: list[ConversationHead] = []
        ordered = self._ordered if owner is None else self._owned.get(owner, [])
        index = self._index(ordered, after, owner)
        while index > 0 and len(found) < limit:
            index -= 1
            head = ordered[index]
            if ended is None or head.ended == ended:
                found.append(head.public())
        return found

    def _begin(self, event: Recorded) -> Head:
        head = Head(
            conversation_id=event.conversation_id,
            version=event.version,
            first_position=event.position,
            last_position=event.position,
            chain=event.chain,
            started_at=event.recorded_at,
            updated_at=event.recorded_at,
            ended=event.type == ENDED,
            epoch=event.epoch,
        )
        self._ordered.append(head)
        self._by_id[head.conversation_id] = head
        return head

    def _give(self, head: Head, owner: str | None) -> None:
        if owner == head.owner:
            return
        if head.owner is not None:  # a fork has the beginning of its source
            theirs = self._owned[head.owner]
            del theirs[bisect_left(theirs, head.first_position, key=_first_position)]
        head.owner = owner
        if owner is not None:
            insort(self._owned.setdefault(owner, []), head, key=_first_position)

    def _index(
        self, ordered: Sequence[Head], conversation_id: str | None, owner: str | None
    ) -> int:
        if conversation_id is None:
            return len(ordered)
        head = self._by_id.get(conversation_id)
        if head is None or owner not in (None, head.owner):
            raise ValueError(f"there is no conversation {conversation_id} to continue after")
        return bisect_left(ordered, head.first_position, key=_first_position)


def _first_position(head: Head) -> int:
    return head.first_position
