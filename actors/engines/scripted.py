"""An engine for tests: a tone for each voice, and a script of delays and failures."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import SAMPLE_RATE, Capabilities, EngineError, Sound, Voice
from actors.engines.heeding import heeded, wishes, wishes_of
from actors.engines.loudness import amplified
from actors.engines.pauses import Samples, paused, shifted
from actors.engines.pieces import cut, seconds
from actors.engines.sayings import EXPLICIT, SYMBOLS, by_index, in_place
from actors.engines.stopping import Stop
from actors.engines.voices import CATALOGUE, describe, parse_voice
from actors.engines.words import Span, Stretch, place, stretches
from events.direction import Phrase, WordProsody

STRETCH = 400
"""Characters in one part."""

FINAL_S = 0.25
"""The end of a phrase, over which a final movement goes."""

EMPHASIS = 2.0
"""Semitones of the strongest."""

Semitones = NDArray[np.float64]


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
    """Says every character for the same time; the same phrase gives the same bytes.

    Obeys what of a direction its capabilities have. A tone moves about no mean, so that any range
    is its own; a seed is the phase it begins with.
    """

    name = "scripted"

    def __init__(
        self,
        acts: Iterable[Act] = (),
        *,
        seconds_per_character: float = 0.02,
        real_time_factor: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        capabilities: Capabilities | None = None,
    ) -> None:
        """Follow a script, one act a call, and succeed at once when it has ended.

        A second of sound takes `real_time_factor` seconds beyond what the script says.
        """
        self.capabilities = capabilities or Capabilities(
            blends=True,
            pitch=True,
            final=True,
            words=True,
            loudness=True,
            seed=True,
            phonemes=SYMBOLS,
        )
        self.asked: list[tuple[Phrase, str]] = []
        self._acts = iter(acts)
        self._seconds_per_character = seconds_per_character
        self._real_time_factor = real_time_factor
        self._sleep = sleep

    def voices(self) -> tuple[Voice, ...]:
        return tuple(map(describe, CATALOGUE))

    def synthesise(
        self, phrase: Phrase, voice: str, stop: Stop | None = None, *, after_s: float = 0.0
    ) -> Iterator[Sound]:
        """Speak a phrase as a tone; see the port."""
        tone = sum(weight * tone_of(name) for name, weight in parse_voice(voice, CATALOGUE))
        asked = heeded(phrase, self.capabilities)
        parts = _said(stretches(asked.text, STRETCH), by_index(asked.sayings))
        spoken = self._spoken(asked, tone, tuple(parts))
        self.asked.append((phrase, voice))
        loud = amplified(spoken, asked.loudness)
        pieces = cut(loud, asked.pause_after_s, stop, pause_before_s=asked.pause_before_s)
        return self._performed(pieces, next(self._acts, Act()))

    def _spoken(self, phrase: Phrase, tone: float, parts: tuple[Stretch, ...]) -> Iterator[Sound]:
        left, at = wishes(phrase), 0.0
        for part in parts:
            asked = wishes_of(part, left)
            edges = self._edges(part, asked, phrase.speed)
            samples = _sung(_contour(phrase, asked, edges, part is parts[-1]), tone, phrase.seed)
            words = place(part, _spans(part, edges), 0.0)
            pauses = [word.pause_after_s for word in left[: len(words)]]
            samples, words = paused(samples, words, pauses, SAMPLE_RATE)
            timed = shifted(words, at) if self.capabilities.word_times else ()
            yield Sound(samples.astype("<i2").tobytes(), timed)
            left, at = left[len(words) :], at + len(samples) / SAMPLE_RATE

    def _edges(self, part: Stretch, asked: Iterable[WordProsody], speed: float) -> list[int]:
        """The samples at which words begin, and the one at which all has been said."""
        lengths = (
            (len(heard) + 1) * self._seconds_per_character / (speed * word.rate)
            for heard, word in zip(part.heard, asked, strict=True)
        )
        return [round(edge * SAMPLE_RATE) for edge in accumulate(lengths, initial=0.0)]

    def _performed(self, pieces: Iterator[Sound], act: Act) -> Iterator[Sound]:
        for count, piece in enumerate(pieces):
            if count == act.fail_after:
                raise EngineError("The script says that this call fails here; ask again.")
            delay_s = act.piece_delay_s if count else act.delay_s
            self._sleep(delay_s + self._real_time_factor * seconds(piece.pcm))
            yield piece


def tone_of(voice_id: str) -> float:
    """The frequency of a voice, in hertz: women from 200, men from 90, nobody like another."""
    place_in_catalogue = CATALOGUE.index(voice_id)
    return 90.0 + place_in_catalogue if voice_id[1] == "m" else 200.0 + 2 * place_in_catalogue


def _said(parts: Iterable[Stretch], sayings: Mapping[int, str]) -> Iterator[Stretch]:
    """The parts with what is said in place of words; phonemes are as long as they are written."""
    word = 0
    for part in parts:
        said = in_place(part, sayings, word)
        yield replace(said, heard=tuple(EXPLICIT.sub(r"\2", heard) for heard in said.heard))
        word += sum(written is not None for written in part.written)


def _spans(part: Stretch, edges: Sequence[int]) -> list[Span | None]:
    """When words sound: all of their time but that of the space after them."""
    spans: list[Span | None] = []
    for heard, (begin, end) in zip(part.heard, pairwise(edges), strict=True):
        sounding = (end - begin) * len(heard) / (len(heard) + 1)
        spans.append((begin / SAMPLE_RATE, (begin + sounding) / SAMPLE_RATE))
    return spans


def _contour(
    phrase: Phrase, asked: Iterable[WordProsody], edges: Sequence[int], ends: bool
) -> Semitones:
    """Of each sample, about the tone of the voice."""
    levels = [phrase.pitch + word.pitch + EMPHASIS * word.emphasis for word in asked]
    contour = np.repeat(levels, np.diff(edges))
    seconds = (np.arange(len(contour)) - len(contour) / 2) / SAMPLE_RATE
    contour -= phrase.declination * seconds
    if ends and phrase.final:
        last = min(round(FINAL_S * SAMPLE_RATE), len(contour))
        contour[-last:] += np.linspace(0, phrase.final, last)
    return contour


def _sung(contour: Semitones, tone: float, seed: int | None) -> Samples:
    phase = np.cumsum(tone * 2 ** (contour / 12)) * (2 * np.pi / SAMPLE_RATE)
    return (np.sin(phase + (seed or 0)) * 8000).astype(np.int16)
