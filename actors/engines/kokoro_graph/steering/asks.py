"""What a phrase asks, checked, and bounded to what can be done."""

import math

from actors.engines.base import EngineError
from events.turns import Phrase, WordProsody

Bounds = dict[str, tuple[float, float]]

_PHRASE: Bounds = {
    "speed": (0.25, 4),
    "pitch": (-24, 24),
    "pitch_range": (0, 4),
    "declination": (-24, 24),
    "final": (-24, 24),
    "loudness": (-60, 24),
}
_WORD: Bounds = {
    "rate": (0.25, 4),
    "pitch": (-24, 24),
    "emphasis": (-1, 1),
    "pause_after_s": (0, 60),
}


def bounded(phrase: Phrase) -> Phrase:
    """The same phrase, with each ask that goes too far at the nearest that does not.

    Raises:
        EngineError: an ask is no number, or a rate is not above 0.
    """
    _require_rate("speed", phrase.speed)
    words = tuple(map(_bounded_word, phrase.words))
    return phrase.model_copy(update=_within(phrase, _PHRASE) | {"words": words})


def excerpt(phrase: Phrase, begin: int, end: int, *, last: bool) -> Phrase:
    """What a phrase asks of its words from `begin` to before `end`, which are counted anew from 0.

    A phrase too long for one run of the model is spoken in excerpts; the final movement is of the
    last alone.
    """
    words = tuple(
        word.model_copy(update={"index": word.index - begin})
        for word in phrase.words
        if begin <= word.index < end
    )
    return phrase.model_copy(update={"words": words, "final": phrase.final if last else None})


def _bounded_word(word: WordProsody) -> WordProsody:
    _require_rate("rate", word.rate)
    return word.model_copy(update=_within(word, _WORD))


def _within(asks: Phrase | WordProsody, bounds: Bounds) -> dict[str, float | None]:
    return {name: _nearest(name, getattr(asks, name), *ends) for name, ends in bounds.items()}


def _nearest(name: str, value: float | None, low: float, high: float) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value):
        raise EngineError(f"The {name} asked for is no number; give one from {low} to {high}.")
    return min(max(value, low), high)


def _require_rate(name: str, value: float) -> None:
    if value <= 0:
        raise EngineError(f"The {name} asked for is not above 0; 1 is the voice's own.")
