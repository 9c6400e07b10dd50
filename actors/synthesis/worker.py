"""A worker: one engine in one process, which makes the most urgent piece of sound first."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from actors import tracing
from actors.engines.base import Engine, EngineDescription, Sound, description_of
from actors.engines.stopping import Stop, Stopped
from actors.synthesis.stage import seconds
from actors.synthesis.turnstile import Dismissed, Turnstile
from events.direction import Phrase


class SynthesisWorker:
    """May be called from several threads.

    Args:
        engine: To speak with.
        places: Phrases that make sound at the same time; others may be open, and wait.
        clock: Seconds, from any origin.
    """

    def __init__(
        self, engine: Engine, places: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._turnstile = Turnstile(places, clock)
        self._stops: dict[int, Stop] = {}
        self._cancelled: deque[int] = deque(maxlen=64)  # some come before the phrase begins

    @property
    def speaking(self) -> Mapping[int, float]:
        """The leases of the phrases that are open, and how long each has made its next piece."""
        return dict.fromkeys(self._stops.copy(), 0.0) | self._turnstile.inside_s()

    def synthesise(
        self,
        lease_id: int,
        phrase: Phrase,
        voice: str,
        after_s: float = 0.0,
        *,
        due_in_s: float = 0.0,
        place: tracing.Trace | None = None,
    ) -> Iterator[Sound]:
        """The sound of a phrase, until its end or `cancel(lease_id)`.

        Args:
            lease_id: By which it is known.
            phrase: What to say, and how.
            voice: See `Engine.synthesise`.
            after_s: How much sound of its turn comes before it, see `Engine.synthesise`.
            due_in_s: When its first piece is wanted; each other is when those before were heard.
            place: In a trace, of which this is a part.

        Raises:
            EngineError: see `Engine.synthesise`.
        """
        due = self._clock() + due_in_s
        stop = self._stops[lease_id] = Stop()
        if lease_id in self._cancelled:
            stop.set()
        span = tracing.apart("synthesise", place, characters=len(phrase.text))
        try:
            with suppress(Stopped, Dismissed), span as part:
                stop.check()
                sounds = self._engine.synthesise(phrase, voice, stop, after_s=after_s)
                yield from _measured(self._urgent_first(lease_id, sounds, due, stop), part)
        finally:
            del self._stops[lease_id]

    def cancel(self, lease_id: int) -> None:
        """Stop a phrase as soon as the engine can; from any thread."""
        self._cancelled.append(lease_id)
        stop = self._stops.get(lease_id)
        if stop is not None:
            stop.set()
        self._turnstile.dismiss(lease_id)

    def engine(self) -> EngineDescription:
        return description_of(self._engine)

    def _urgent_first(
        self, lease_id: int, sounds: Iterator[Sound], due: float, stop: Stop
    ) -> Iterator[Sound]:
        handing_s = 0.0
        while True:
            with self._turnstile.turn(lease_id, due):
                began = self._clock()
                stop.check()
                sound = next(sounds, None)
            if sound is None:
                return
            due += seconds(len(sound.pcm))
            made = self._clock()
            yield replace(sound, worked_s=handing_s + made - began)
            # Whoever takes it keeps this thread busy, too; that is told with the next piece.
            handing_s = self._clock() - made


def _measured(sounds: Iterator[Sound], span: tracing.Span) -> Iterator[Sound]:
    """The same sounds; the span is told how much they are, and what they cost."""
    sound_s = worked_s = 0.0
    for sound in sounds:
        sound_s, worked_s = sound_s + seconds(len(sound.pcm)), worked_s + sound.worked_s
        span.note(sound_s=sound_s, worked_s=worked_s)
        yield sound
