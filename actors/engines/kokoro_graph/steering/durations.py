"""How long each token lasts: the voice's own rhythm, bent by what is asked."""

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import EngineError
from actors.engines.heeding import within_limits
from actors.engines.kokoro_graph.steering.stress import nucleus, rime
from actors.engines.kokoro_graph.steering.tracks import finite
from actors.engines.kokoro_graph.steering.transcription import Transcription
from events.direction import Phrase

Frames = NDArray[np.int64]
Weights = NDArray[np.float64]

EMPHASIS = 0.3
"""Of a stressed vowel's length, at full emphasis; taken away when said in passing. Accent lengthens
a word, and its stressed syllable above all (Turk & White, J. Phonetics 27, 1999)."""

FINAL = 0.15
"""Of the last rime's length, where F0 is asked to move far over it. A phrase's end is lengthened
mostly in its last rime (Turk, Proc. ICPhS, San Francisco 1999), and most of it the voice does by
itself; but a movement needs its time."""

FAR = 3.0
"""Semitones that count as far."""

SLOWEST, FASTEST = 0.25, 4.0
"""Of the rates of phrase and word together."""

# Sums of such fractions of a frame are exact, so that rounding cannot drift.
_GRAIN = 2.0**-20


def frames(raw: NDArray[np.float32], text: Transcription, phrase: Phrase) -> Frames:
    """Frames of 25 ms for each token, [T], from the durations [T] that the model gives at speed 1.

    The whole lasts what is asked to half a frame, unless one frame a token, the least there is, is
    longer: tokens that would be shorter take one, and the others make up for it. A phrase of which
    nothing is asked lasts as the model has it, token by token.

    Raises:
        EngineError: an ask or a duration is no number, or there is not a duration for each token.
    """
    phrase = within_limits(phrase)
    own = _own(finite(raw.reshape(-1), "durations"), text)
    wanted = own * _stretch(text, phrase) / _rates(text, phrase)
    return _rounded(_at_least_one(wanted))


def _own(raw: NDArray[np.float32], text: Transcription) -> Weights:
    """Whole frames as the model itself would round them: halves to the even."""
    if len(raw) != text.tokens:
        raise EngineError(
            f"The model gave {len(raw)} durations for {text.tokens} tokens; check its files."
        )
    return np.maximum(1.0, np.round(raw)).astype(np.float64)


def _rates(text: Transcription, phrase: Phrase) -> Weights:
    """The rate of each token; one of which none is asked goes halfway with its neighbour."""
    asked = {word.index: np.log(word.rate) for word in phrase.words}
    words = np.array([asked.get(owner, 0.0) for owner in text.owners().tolist()])
    beside = (np.append(words[1:], 0.0) + np.append(0.0, words[:-1])) / 2
    rates: Weights = phrase.speed * np.exp(np.where(words == 0, beside, words))
    return np.clip(rates, SLOWEST, FASTEST)


def _stretch(text: Transcription, phrase: Phrase) -> Weights:
    """Times its own length, for each token: emphasis on stressed vowels, and the phrase's end."""
    stretch = np.ones(text.tokens)
    for word in phrase.words:
        stressed = nucleus(text, word.index)
        if stressed:
            stretch[slice(*stressed)] *= 1 + EMPHASIS * word.emphasis
    last = rime(text, max(text.owner, default=0))
    if phrase.final and last:
        stretch[slice(*last)] *= 1 + FINAL * min(1.0, abs(phrase.final) / FAR)
    return stretch


def _at_least_one(wanted: Weights) -> Weights:
    """At least one frame each and, where that can be, the same sum: the longer ones give way."""
    total = float(wanted.sum())
    if total <= len(wanted):
        return np.ones_like(wanted)
    short = wanted < 1
    lengths = wanted
    while (lengths < 1).any():
        short |= lengths < 1
        scale = (total - short.sum()) / wanted[~short].sum()
        lengths = np.where(short, 1.0, scale * wanted)
    return lengths


def _rounded(lengths: Weights) -> Frames:
    """Whole frames whose running sum is never off by more than half of one."""
    ends = np.floor(np.cumsum(np.round(lengths / _GRAIN) * _GRAIN) + 0.5)
    return np.diff(ends, prepend=0.0).astype(np.int64)
