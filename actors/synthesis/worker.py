"""A worker: one engine in one process, stopped between two pieces of sound."""

from collections import deque
from collections.abc import Iterator

from actors.engines.base import Engine, Sound, Voice
from events.turns import Phrase


class SynthesisWorker:
    """Speaks one phrase at a time; `cancel` may be called from another thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cancelled: deque[int] = deque(maxlen=64)  # cancels may come after the end
        self.speaking: int | None = None
        """The lease of the phrase that is being spoken."""

    def synthesise(self, lease_id: int, phrase: Phrase, voice: str) -> Iterator[Sound]:
        """The sound of a phrase, until its end or `cancel(lease_id)`.

        Raises:
            EngineError: see `Engine.synthesise`.
        """
        self.speaking = lease_id
        sounds = self._engine.synthesise(phrase, voice)
        try:
            for sound in sounds:
                if lease_id in self._cancelled:
                    return
                yield sound
        finally:
            self.speaking = None
            close = getattr(sounds, "close", None)
            if close is not None:
                close()

    def cancel(self, lease_id: int) -> None:
        self._cancelled.append(lease_id)

    def voices(self) -> tuple[Voice, ...]:
        return self._engine.voices()
