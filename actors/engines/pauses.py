"""Silence inside a phrase: after a word, to the sample."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from events.turns import WordTime

FADE_S = 0.004
"""On each side of a silence: a cut through a vowel would click."""

Samples = NDArray[np.int16]


def paused(
    samples: Samples, words: Sequence[WordTime], pauses: Sequence[float], rate: int
) -> tuple[Samples, tuple[WordTime, ...]]:
    """Insert seconds of silence after each word, none where 0, and move the words that follow.

    `samples` have a rate of so many a second, and words are timed from the first of them.
    """
    cuts: list[tuple[int, int]] = []
    moved: list[WordTime] = []
    silent = 0
    for word, pause in zip(words, pauses, strict=True):
        moved += shifted([word], silent / rate)
        if length := round(pause * rate):
            cuts.append((round(word.end_s * rate), length))
            silent += length
    return _parted(samples, cuts, round(FADE_S * rate)), tuple(moved)


def shifted(words: Iterable[WordTime], seconds: float) -> tuple[WordTime, ...]:
    """The words so much later."""
    return tuple(WordTime(word, start + seconds, end + seconds) for word, start, end in words)


def _parted(samples: Samples, cuts: Sequence[tuple[int, int]], fade: int) -> Samples:
    """Put silence in at some samples, each with its length."""
    edges = [0, *(at for at, _ in cuts), len(samples)]
    parts: list[Samples] = []
    for nth, (begin, end) in enumerate(pairwise(edges)):
        if nth:
            parts.append(np.zeros(cuts[nth - 1][1], np.int16))
        parts.append(_faded(samples[begin:end], fade if nth else 0, fade if nth < len(cuts) else 0))
    return np.concatenate(parts)


def _faded(samples: Samples, opening: int, closing: int) -> Samples:
    gain = np.ones(len(samples))
    opening, closing = min(opening, len(samples)), min(closing, len(samples))
    gain[:opening] *= np.linspace(0, 1, opening)
    gain[len(samples) - closing :] *= np.linspace(1, 0, closing)
    return (samples * gain).astype(np.int16) if opening or closing else samples
