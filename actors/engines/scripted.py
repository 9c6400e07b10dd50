"""An engine for tests: a tone for each voice, and a script of delays and failures."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from actors.engines.base import SAMPLE_RATE, Capabilities, EngineError, Sound, Voice
from actors.engines.pieces import cut
from actors.engines.voices import CATALOGUE, describe, parse_voice
from actors.engines.words import Span, Stretch, place, stretches
from events.turns import Phrase

STRETCH = 400
"""Characters in one part."""


@dataclass(frozen=True, slots=True)
class Act:
    """What happens at one call of the engine."""

    delay_s: float = 0.0
    """Before the first piece."""
    piece_delay_s: float = 0.0
    """Before each other piece."""
    fail_after: int | None = None
    """Pieces given before an `EngineError`; None if it succeeds."""


class ScriptedEngine:
    """Says every character for the same time; the same phrase gives the same bytes."""

    name = "scripted"

    def __init__(
        self,
        acts: Iterable[Act] = (),
        *,
        seconds_per_character: float = 0.02,
        sleep: Callable[[float], None] = time.sleep,
        capabilities: Capabilities | None = None,
    ) -> None:
        """Follow a script, one act a call, and succeed at once when it has ended."""
        self.capabilities = capabilities or Capabilities(blends=True)
        self.asked: list[tuple[Phrase, str]] = []
        self._acts = iter(acts)
        self._seconds_per_character = seconds_per_character
        self._sleep = sleep

    def voices(self) -> tuple[Voice, ...]:
        return tuple(map(describe, CATALOGUE))

    def synthesise(self, phrase: Phrase, voice: str) -> Iterator[Sound]:
        """Speak a phrase as a tone; see the port. Speeds from 0.25 to 4 are obeyed."""
        pitch = sum(weight * tone_of(name) for name, weight in parse_voice(voice, CATALOGUE))
        spoken = self._spoken(stretches(phrase.text, STRETCH), pitch, phrase.speed)
        self.asked.append((phrase, voice))
        return self._performed(cut(spoken, phrase.pause_after_s), next(self._acts, Act()))

    def _spoken(self, parts: Iterable[Stretch], pitch: float, speed: float) -> Iterator[Sound]:
        character_s = self._seconds_per_character / min(max(speed, 0.25), 4.0)
        at = 0.0
        for stretch in parts:
            samples = round((len(stretch.text) + 1) * character_s * SAMPLE_RATE)
            words = place(stretch, _spans(stretch, character_s), at)
            yield Sound(_tone(pitch, samples), words if self.capabilities.word_times else ())
            at += samples / SAMPLE_RATE

    def _performed(self, pieces: Iterator[Sound], act: Act) -> Iterator[Sound]:
        for count, piece in enumerate(pieces):
            if count == act.fail_after:
                raise EngineError("The script says that this call fails here; ask again.")
            self._sleep(act.piece_delay_s if count else act.delay_s)
            yield piece


def tone_of(voice_id: str) -> float:
    """The frequency of a voice, in hertz: women from 200, men from 90, nobody like another."""
    place_in_catalogue = CATALOGUE.index(voice_id)
    return 90.0 + place_in_catalogue if voice_id[1] == "m" else 200.0 + 2 * place_in_catalogue


def _spans(stretch: Stretch, character_s: float) -> list[Span | None]:
    spans: list[Span | None] = []
    begin = 0
    for word in stretch.heard:
        spans.append((begin * character_s, (begin + len(word)) * character_s))
        begin += len(word) + 1
    return spans


def _tone(frequency: float, samples: int) -> bytes:
    phase = np.arange(samples) * (2 * np.pi * frequency / SAMPLE_RATE)
    pcm: bytes = (np.sin(phase) * 8000).astype("<i2").tobytes()
    return pcm
