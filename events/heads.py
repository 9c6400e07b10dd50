"""What is kept in memory of every conversation: where it begins and ends in the log."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.envelope import ConversationHead, Recorded

ENDED = "ended"
"""The stored name of the event after which a conversation counts as ended."""


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

    def public(self) -> ConversationHead:
        return ConversationHead(
            conversation_id=self.conversation_id,
            version=self.version,
            first_position=self.first_position,
            last_position=self.last_position,
            started_at=self.started_at,
            updated_at=self.updated_at,
            ended=self.ended,
        )

    def advance(self, event: Recorded) -> None:
        self.version = event.version
        self.last_position = event.position
        self.chain = event.chain
        self.updated_at = event.recorded_at
        self.ended = self.ended or event.type == ENDED
        self.epoch = max(self.epoch, event.epoch)


class Heads:
    """The conversations by id, and in the order in which they began."""

    def __init__(self, heads: Iterable[Head] = ()) -> None:
        self._ordered = sorted(heads, key=_first_position)
        self._by_id = {head.conversation_id: head for head in self._ordered}

    def get(self, conversation_id: str) -> Head | None:
        return self._by_id.get(conversation_id)

    def apply(self, event: Recorded) -> None:
        """Take note of a durable event; events come in the order of their positions."""
        head = self._by_id.get(event.conversation_id)
        if head is None:
            self._begin(event)
        else:
            head.advance(event)

    def newest(
        self, *, after: str | None, limit: int, ended: bool | None
    ) -> Sequence[ConversationHead]:
        """Conversations, newest start first.

        Raises:
            ValueError: `after` is no conversation.
        """
        found: list[ConversationHead] = []
        index = self._index(after)
        while index > 0 and len(found) < limit:
            index -= 1
            head = self._ordered[index]
            if ended is None or head.ended == ended:
                found.append(head.public())
        return found

    def _begin(self, event: Recorded) -> None:
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

    def _index(self, conversation_id: str | None) -> int:
        if conversation_id is None:
            return len(self._ordered)
        head = self._by_id.get(conversation_id)
        if head is None:
            raise ValueError(f"there is no conversation {conversation_id} to continue after")
        return bisect_left(self._ordered, head.first_position, key=_first_position)


def _first_position(head: Head) -> int:
    return head.first_position
