"""The contour of F0: the voice's own, moved and bent by what is asked, in semitones.

An interval in semitones is 12 log2 of the ratio of two frequencies, which is how ears compare
pitches in speech (Nolan, Proc. ICPhS, Barcelona 2003).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import EngineError
from actors.engines.heeding import within_limits
from actors.engines.kokoro_graph.steering.stress import nucleus
from actors.engines.kokoro_graph.steering.tracks import (
    JOIN_S,
    STEP_S,
    Track,
    finite,
    smooth,
    spread,
)
from actors.engines.kokoro_graph.steering.transcription import Flags, Transcription
from events.direction import Phrase

UNVOICED = 10.0
"""Hertz; the model's source takes what is not above for no voice."""

LOWEST, HIGHEST = 50.0, 600.0
"""Hertz; what is asked never leads beyond."""

KNEE = 3.0
"""Semitones before a limit at which a contour begins to bend towards it."""

ACCENT = 4.0
"""Semitones by which full emphasis lifts a stressed vowel; a difference of 1.5 is heard as one of
prominence (Rietveld & Gussenhoven, J. Phonetics 13, 1985)."""

FLATTENING = 0.5
"""Of a word's own movement, lost when it is said in passing."""

FINAL_S = 0.25
"""Of voiced sound, over which a final movement goes."""


def contour(
    f0: NDArray[np.float32], frames: NDArray[np.int64], text: Transcription, phrase: Phrase
) -> NDArray[np.float32]:
    """F0 in hertz for each 12.5 ms, [2F], as asked; what has no voice keeps its value.

    The level is the mean of what is voiced in words, on the scale of semitones; range is about it,
    and declination turns about it, so that neither moves it. The same array comes back if nothing
    is asked of pitch.

    Raises:
        EngineError: an ask or a value is no number, or there are not two values for each frame.
    """
    phrase = within_limits(phrase)
    finite(f0, "pitch")
    if len(f0) != 2 * frames.sum():
        raise EngineError("The model gave pitch for another length than its durations have.")
    voiced = f0 > UNVOICED
    if not _asks(phrase) or not voiced.any():
        return f0
    own = _semitones(np.where(voiced, f0, LOWEST))
    counted = _counted(f0, voiced, frames, text)
    parts = _Parts(
        _phrase_part(own, counted, frames, text, phrase),
        _word_part(frames, text, phrase),
        _accents(frames, text, phrase),
    )
    moved = parts.phrase + parts.words + parts.accents
    if phrase.final is not None:
        moved = _with_final(moved, parts, counted, phrase.final)
    return np.where(voiced, _hertz(_limited(moved)), f0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a contour is the sum of, in semitones."""

    phrase: Track
    words: Track
    accents: Track


def _asks(phrase: Phrase) -> bool:
    words = any(word.pitch or word.emphasis for word in phrase.words)
    own = (phrase.pitch, phrase.pitch_range, phrase.declination, phrase.final)
    return words or own != (0, 1, 0, None)


def _counted(
    f0: NDArray[np.float32], voiced: Flags, frames: NDArray[np.int64], text: Transcription
) -> Flags:
    """What the statistics are of: voice within the limits, in words; or else all that is voiced."""
    words = spread(text.sounding(), frames) > 0
    counted: Flags = voiced & words & (f0 >= LOWEST) & (f0 <= HIGHEST)
    return counted if counted.any() else voiced


def _phrase_part(
    own: Track, counted: Flags, frames: NDArray[np.int64], text: Transcription, phrase: Phrase
) -> Track:
    """The voice's own movement, wider or flatter, at another level, and sinking."""
    mean = own[counted].mean()
    seconds = STEP_S * np.arange(len(own))
    sinking = phrase.declination * (seconds - seconds[counted].mean())
    asked = {word.index: 1 + FLATTENING * min(word.emphasis, 0) for word in phrase.words}
    movement = smooth(spread([asked.get(owner, 1.0) for owner in text.owners().tolist()], frames))
    part: Track = mean + phrase.pitch + (own - mean) * phrase.pitch_range * movement - sinking
    return part


def _word_part(frames: NDArray[np.int64], text: Transcription, phrase: Phrase) -> Track:
    asked = {word.index: word.pitch for word in phrase.words}
    return smooth(spread([asked.get(owner, 0.0) for owner in text.owners().tolist()], frames))


def _accents(frames: NDArray[np.int64], text: Transcription, phrase: Phrase) -> Track:
    """A bell on the stressed vowel of each word with emphasis, and a little to either side."""
    ends = 2 * np.append(0, np.cumsum(frames))
    accents = np.zeros(ends[-1])
    aside = round(JOIN_S / STEP_S)
    for word in phrase.words:
        stressed = nucleus(text, word.index)
        if stressed and word.emphasis > 0:
            begin = max(ends[stressed[0]] - aside, 0)
            end = min(ends[stressed[1]] + aside, len(accents))
            bell = np.hanning(end - begin + 2)[1:-1]
            accents[begin:end] = np.maximum(accents[begin:end], ACCENT * word.emphasis * bell)
    return accents


def _with_final(moved: Track, parts: _Parts, counted: Flags, final: float) -> Track:
    """The last voiced 250 ms as a straight line, from where the phrase was and the word is asked.

    A fall begins at the height of an accent that it would hide; before a rise the accent is low
    (Pierrehumbert & Hirschberg, in Intentions in Communication, 1990: H* L-L% and L* H-H%).
    """
    at = np.flatnonzero(counted)
    window = at[-round(FINAL_S / STEP_S) :]
    join = round(JOIN_S / STEP_S)
    before = at[: len(at) - len(window)][-2 * join :]
    start = parts.phrase[before if before.size else window].mean() + parts.words[window[-1]]
    if final <= 0:
        start += parts.accents[window].max()
    path = final * np.arange(1, len(window) + 1) / len(window)
    line = np.interp(np.arange(len(moved)), window, start + path)
    # The rise of a raised cosine, which ends where the line begins.
    share = np.clip((np.arange(len(moved)) - window[0]) / join + 1, 0, 1)
    weight = 0.5 - 0.5 * np.cos(np.pi * share)
    joined: Track = (1 - weight) * moved + weight * line
    return joined


def _limited(semitones: Track) -> Track:
    high = _semitones(HIGHEST) - KNEE
    low = _semitones(LOWEST) + KNEE
    limited: Track = np.where(
        semitones > high, high + KNEE * np.tanh((semitones - high) / KNEE), semitones
    )
    return np.where(limited < low, low + KNEE * np.tanh((limited - low) / KNEE), limited)


def _semitones(hertz: NDArray[np.float32] | float) -> Track:
    """Above 1 Hz."""
    return 12 * np.log2(np.asarray(hertz, np.float64))


def _hertz(semitones: Track) -> Track:
    hertz: Track = 2 ** (semitones / 12)
    return hertz
