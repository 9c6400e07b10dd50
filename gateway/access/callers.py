"""Who calls, and what they see."""

import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from actors.refusals import UnknownConversation
from events.envelope import ConversationHead
from gateway.access.keys import Key, Scope
from gateway.access.quotas import Quota, QuotaExceeded
from gateway.errors import Problem

MOST_REMEMBERED = 100_000

_LIMITED = {
    "requests": "this key may ask {limit:,} times a minute",
    "characters": "this key may have {limit:,} characters spoken a minute",
    "concurrent": "this key may have {limit:,} requests under way at a time",
}


class Heads(Protocol):
    async def head(self, conversation_id: str) -> ConversationHead | None: ...


class Owners:
    """Whose conversations are: asked of the log once, as it never changes."""

    def __init__(self, records: Heads) -> None:
        self._records = records
        self._known: OrderedDict[str, str | None] = OrderedDict()

    async def of(self, conversation_id: str) -> str | None:
        """The id of the key that made it, or None if there was none.

        Raises:
            UnknownConversation: there is no such conversation.
        """
        if conversation_id not in self._known:
            head = await self._records.head(conversation_id)
            if head is None:
                raise UnknownConversation(conversation_id)
            self._known[conversation_id] = head.owner
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return self._known[conversation_id]


@dataclass(frozen=True, slots=True)
class Caller:
    """One who calls with a key; or anybody, where there are no keys."""

    owners: Owners
    clock: Callable[[], float]
    key: Key | None = None
    quota: Quota | None = None

    @property
    def key_id(self) -> str | None:
        return self.key.id if self.key else None

    @property
    def only(self) -> str | None:
        """The owner whose conversations alone are seen; None if all are."""
        return None if self.key is None or self.key.sees_all else self.key.id

    def must_have(self, scope: Scope) -> None:
        """Raises `Problem` if the key lacks the scope."""
        if self.key is not None and not self.key.may(scope):
            has = ", ".join(sorted(self.key.scopes))
            message = f"this key lacks the scope {scope!r}, which this call needs; it has {has}"
            raise Problem(403, message, code="insufficient_scope")

    async def must_see(self, conversation_id: str) -> None:
        """Raises `UnknownConversation` if it is not there for this caller."""
        if self.only is not None and await self.owners.of(conversation_id) != self.only:
            raise UnknownConversation(conversation_id)

    async def owner_to_join(self, conversation_id: str) -> str | None:
        """Whose a conversation is that this caller joins, or theirs if they are the first.

        Raises:
            UnknownConversation: it is there, but not for this caller.
        """
        if self.key is None:
            return None
        owner = await _or_else(self.key.id, self.owners.of(conversation_id))
        if self.only is not None and owner != self.only:
            raise UnknownConversation(conversation_id)
        return owner

    def spend(self, text: str) -> None:
        """Raises `Problem` if no more text may be spoken for this caller for the moment."""
        if self.quota is None:
            return
        try:
            self.quota.spend(len(text), self.clock())
        except QuotaExceeded as exceeded:
            raise limited(exceeded) from None


def limited(exceeded: QuotaExceeded) -> Problem:
    """What a caller is told who may not ask for more."""
    message = _LIMITED[exceeded.what].format(limit=exceeded.limit)
    if math.isinf(exceeded.retry_in_s):
        message = f"{message}, and this is more at once; send less at a time; nothing was recorded"
        return Problem(422, message, code="text_too_long")
    again_s = max(1, math.ceil(exceeded.retry_in_s))
    message = f"{message}; ask again in {again_s} s; nothing was recorded"
    again = {"Retry-After": str(again_s)}
    return Problem(429, message, code="rate_limit_exceeded", headers=again)


async def _or_else(default: str, owner: Awaitable[str | None]) -> str | None:
    try:
        return await owner
    except UnknownConversation:
        return default
