"""Which conversations an asker may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.sources import literal


@dataclass(frozen=True, slots=True)
class Scope:
    """All conversations, or those that meet each condition."""

    conversations: frozenset[str] | None = None
    """Ids; None stands for whichever."""
    owner: str | None = None
    """The id of the key that opened or forked them; None stands for whoever."""

    @classmethod
    def of(cls, *conversations: str, owner: str | None = None) -> "Scope":
        """These conversations and, with `owner`, only where they are its own."""
        return cls(frozenset(conversations), owner)

    @classmethod
    def told(cls, told: Mapping[str, Any]) -> "Scope":
        """From what `message` made of one."""
        ids = told["conversations"]
        return cls(None if ids is None else frozenset(ids), told["owner"])

    @property
    def everything(self) -> bool:
        return self == Scope()

    @property
    def of_one(self) -> bool:
        """Whether at most one conversation is seen."""
        return self.conversations is not None and len(self.conversations) <= 1

    def message(self) -> dict[str, Any]:
        """As JSON."""
        ids = self.conversations
        return {"conversations": None if ids is None else sorted(ids), "owner": self.owner}

    def condition(self, owners: str) -> str:
        """Whether a row's `conversation_id` is one of them, as SQL.

        Args:
            owners: A query for the ids and the owners of conversations.
        """
        parts = []
        if self.conversations is not None:
            names = ", ".join(map(literal, sorted(self.conversations)))
            parts.append(f"conversation_id IN ({names})" if names else "false")
        if self.owner is not None:
            own = f"SELECT conversation_id FROM ({owners}) WHERE owner = {literal(self.owner)}"  # noqa: S608
            parts.append(f"conversation_id IN ({own})")
        return " AND ".join(parts) or "true"


EVERYTHING = Scope()
