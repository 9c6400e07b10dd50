"""A worker: one engine in one process, which speaks some phrases at a time."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from actors.engines.base import Engine, EngineDescription, Sound, description_of
from actors.engines.stopping import Stop, Stopped
from events.turns import Phrase


class SynthesisWorker:
    """May be called from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stops: dict[int, Stop] = {}
        self._cancelled: deque[int] = deque(maxlen=64)  # some come before the phrase begins

    @property
    def speaking(self) -> frozenset[int]:
        """The leases of the phrases that are being spoken."""
        return frozenset(self._stops.copy())

    def synthesise(self, lease_id: int, phrase: Phrase, voice: str) -> Iterator[Sound]:
        """The sound of a phrase, until its end or `cancel(lease_id)`.

        Raises:
            EngineError: see `Engine.synthesise`.
        """
        stop = self._stops[lease_id] = Stop()
        if lease_id in self._cancelled:
            stop.set()
        try:
            with suppress(Stopped):
                stop.check()
                yield from self._engine.synthesise(phrase, voice, stop)
        finally:
            del self._stops[lease_id]

    def cancel(self, lease_id: int) -> None:
        """Stop a phrase as soon as the engine can; from any thread."""
        self._cancelled.append(lease_id)
        stop = self._stops.get(lease_id)
        if stop is not None:
            stop.set()

    def engine(self) -> EngineDescription:
        return description_of(self._engine)
