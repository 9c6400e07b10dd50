"""For whom a phrase is spoken, and what its turn still wants of the workers."""

from dataclasses import dataclass, replace

EVERYBODY = "everybody"
"""The key of callers who name none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn's claim on the workers, as of one of its phrases."""

    turn_id: str = ""
    """Empty for a phrase of no turn: it is served in its order, and no newcomer."""
    conversation_id: str = ""
    key_id: str = EVERYBODY
    """Of those who may call. Who was let in keeps the one with which it was."""
    rest: int = 0
    """Characters that follow this phrase."""
    begun: bool = False
    """Whether sound of the turn was heard before: then it is let in, come what may."""
    growing: bool = False
    """Whether more text may come after the rest."""

    def of_phrase(self, following: int, *, begun: bool) -> "Claim":
        """The same, as of a phrase that so many more characters follow."""
        return replace(self, rest=self.rest + following, begun=self.begun or begun)

    @property
    def turn(self) -> tuple[str, str]:
        """The turn among all turns: ids of turns are unique in their conversation only."""
        return self.conversation_id, self.turn_id


NOBODYS = Claim()
