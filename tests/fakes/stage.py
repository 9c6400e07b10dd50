"""A stage on which an engine speaks at once, or as a script says."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from actors.engines.base import Engine, Sound
from actors.engines.scripted import ScriptedEngine
from actors.synthesis.claims import NOBODYS, Claim
from actors.synthesis.stage import WorkerDied
from events.direction import Phrase


@dataclass(frozen=True)
class Take:
    """What happens at one call of `say`."""

    refusal: Exception | None = None
    """Raised before the first piece."""
    dies_after: int | None = None
    """Pieces given before the worker dies."""
    waits_after: int | None = None
    """Pieces given before the worker waits for `go_on`."""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


class LocalStage:
    def __init__(self, *takes: Take, engine: Engine | None = None) -> None:
        """Follow a script, one take a call, and go on without one when it has ended."""
        self.engine = engine or ScriptedEngine(sleep=lambda _: None)
        self.takes = deque(takes)
        self.asked: list[tuple[Phrase, str, float]] = []
        self.after: list[float] = []
        """Of the same calls, how much sound came before."""
        self.claims: list[Claim] = []
        """Of the same calls."""
        self.admitted: list[tuple[Claim, int]] = []
        """Turns that were to be let in, and their characters."""
        self.left: list[Claim] = []
        """Turns that were let in and do not begin."""
        self.full: Exception | None = None
        """Raised instead of letting a turn in, if set."""
        self.stopped = 0
        """Calls whose iterator was closed before its end."""

    async def admit(self, claim: Claim, deadline_in_s: float, characters: int) -> None:
        if self.full is not None:
            raise self.full
        self.admitted.append((claim, characters))

    def leave(self, claim: Claim) -> None:
        self.left.append(claim)

    async def say(
        self,
        phrase: Phrase,
        voice: str,
        deadline_in_s: float,
        after_s: float,
        claim: Claim = NOBODYS,
    ) -> AsyncIterator[Sound]:
        self.claims.append(claim)
        self.asked.append((phrase, voice, deadline_in_s))
        self.after.append(after_s)
        take = self.takes.popleft() if self.takes else Take()
        if take.refusal is not None:
            raise take.refusal
        ended = False
        try:
            sounds = self.engine.synthesise(phrase, voice, after_s=after_s)
            for given, sound in enumerate(sounds):
                if given == take.dies_after:
                    ended = True
                    raise WorkerDied("as the script says")
                if given == take.waits_after:
                    await take.go_on.wait()
                yield sound
            ended = True
        finally:
            self.stopped += not ended
