"""Events on their way to a client of OpenAI's."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.live.peer import Connection


class Outbox:
    """Names each event, and tells which item follows which."""

    def __init__(self, connection: Connection, new_id: Callable[[], str]) -> None:
        self._connection = connection
        self._new_id = new_id
        self._before: dict[str, str | None] = {}
        self.last_item_id: str | None = None

    async def say(self, kind: str, **particulars: Any) -> None:
        """Send an event. Raises `PeerGone`."""
        named = {"type": kind, "event_id": f"event_{self._new_id()}"}
        await self._connection.send({**named, **particulars})

    async def add(self, item: Mapping[str, Any]) -> None:
        """Tell of an item that has no end yet. Raises `PeerGone`."""
        self._before[item["id"]] = before = self.last_item_id
        self.last_item_id = item["id"]
        await self.say("conversation.item.added", item=item, previous_item_id=before)

    async def finish(self, item: Mapping[str, Any]) -> None:
        """Tell how an item that was added has come out. Raises `PeerGone`."""
        before = self._before.pop(item["id"], None)
        await self.say("conversation.item.done", item=item, previous_item_id=before)
