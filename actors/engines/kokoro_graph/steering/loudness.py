"""How loud each moment is, and silence where it was asked: from the model's samples to sound."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.engines.heeding import within_limits
from actors.engines.kokoro_graph.rungs import FRAME
from actors.engines.kokoro_graph.steering.rests import FADE, Rest, rests
from actors.engines.kokoro_graph.steering.tracks import Track, smooth, spread
from actors.engines.kokoro_graph.steering.transcription import Transcription
from events.direction import Phrase

Samples = NDArray[np.float32]

EMPHASIS_DB = 3.0
"""Decibels by which full emphasis makes a word louder."""

CEILING = 0.98
"""Of full scale: no sample that was amplified is above it."""

KNEE = 0.8
"""Samples up to here, 2 dB below the ceiling, are exactly as loud as asked; what would be louder
bends towards the ceiling. It distorts a little, but what it does to a sample depends on no other,
so that sound can leave while the rest is being made."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What becomes of the samples of a phrase."""

    decibels: Track
    """For each half frame, [2F]; empty if no loudness is asked."""
    rests: tuple[Rest, ...]

    def shape(self, samples: Samples, begin: int = 0) -> Samples:
        """The finished sound of the model's samples from its `begin`-th on.

        Piece by piece gives the same as all at once. The same array comes back if nothing is asked
        of it; samples beyond full scale are then left as they are.
        """
        shaped = samples
        if self.decibels.size:
            gain = self._gain(np.arange(begin, begin + len(samples)))
            shaped = _limited(samples * gain).astype(np.float32)
        return _with_rests(shaped, begin, self.rests) if self.rests else shaped

    def _gain(self, at: NDArray[np.int64]) -> NDArray[np.float64]:
        # A value holds in the middle of its half frame.
        step = FRAME // 2
        middles = step * np.arange(len(self.decibels)) + step / 2
        gain: NDArray[np.float64] = 10 ** (np.interp(at, middles, self.decibels) / 20)
        return gain


def envelope(frames: NDArray[np.int64], text: Transcription, phrase: Phrase) -> Envelope:
    """How loud a phrase is whose tokens last so many frames, [T], and its silences.

    Raises:
        EngineError: an ask is no number.
    """
    phrase = within_limits(phrase)
    return Envelope(_decibels(frames, text, phrase), rests(frames, text, phrase))


def _decibels(frames: NDArray[np.int64], text: Transcription, phrase: Phrase) -> Track:
    if not phrase.loudness and not any(word.emphasis for word in phrase.words):
        return np.empty(0)
    emphasis = {word.index: word.emphasis for word in phrase.words}
    words = [EMPHASIS_DB * emphasis.get(owner, 0.0) for owner in text.owners().tolist()]
    return phrase.loudness + smooth(spread(words, frames))


def _limited(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    size = np.abs(samples)
    room = CEILING - KNEE
    bent = np.sign(samples) * (KNEE + room * np.tanh((size - KNEE) / room))
    return np.where(size > KNEE, bent, samples)


def _with_rests(samples: Samples, begin: int, silences: tuple[Rest, ...]) -> Samples:
    """Cut what is not heard, fade beside it, and put the silence in."""
    end = begin + len(samples)
    faded = samples * _fades(np.arange(begin, end), silences)
    pieces, at = [], begin
    for rest in silences:
        if begin <= rest.begin < end:
            pieces += [faded[at - begin : rest.begin - begin], np.zeros(rest.length, np.float32)]
        at = min(max(at, rest.end), end) if rest.begin < end else at
    return np.concatenate([*pieces, faded[at - begin :]]).astype(np.float32)


def _fades(at: NDArray[np.int64], silences: tuple[Rest, ...]) -> NDArray[np.float32]:
    nearest = np.full(len(at), FADE)
    for rest in silences:
        np.minimum(nearest, np.maximum(rest.begin - at, at - rest.end + 1), out=nearest)
    fades = 0.5 - 0.5 * np.cos(np.pi * np.maximum(nearest, 0) / FADE)
    return np.asarray(fades, np.float32)
