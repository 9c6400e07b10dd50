"""A stage on which an engine speaks at once, or as a script says."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from actors.engines.base import Engine, Sound
from actors.engines.scripted import ScriptedEngine
from actors.synthesis.stage import WorkerDied
from events.turns import Phrase


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
        self.stopped = 0
        """Calls whose iterator was closed before its end."""

    async def say(self, phrase: Phrase, voice: str, deadline_in_s: float) -> AsyncIterator[Sound]:
        self.asked.append((phrase, voice, deadline_in_s))
        take = self.takes.popleft() if self.takes else Take()
        if take.refusal is not None:
            raise take.refusal
        ended = False
        try:
            for given, sound in enumerate(self.engine.synthesise(phrase, voice)):
                if given == take.dies_after:
                    ended = True
                    raise WorkerDied("as the script says")
                if given == take.waits_after:
                    await take.go_on.wait()
                yield sound
            ended = True
        finally:
            self.stopped += not ended
