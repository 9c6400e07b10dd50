"""The words' own valence: VADER, with what we mend of it for talk."""

import re
from functools import cache

_OVERLAY = {
    # Ways to begin or to fill a turn: VADER takes them by their meaning.
    "god": 0.0,
    "like": 0.5,
    "no": -0.5,
    "ok": 0.2,
    "okay": 0.2,
    "please": 0.3,
    "pretty": 0.8,
    "sure": 0.4,
    "want": 0.0,
    "well": 0.2,
    "yeah": 0.3,
    "yes": 0.5,
    # Missing, or rated for reviews rather than talk.
    "care": 0.8,
    "kindly": 1.5,
}

_FINE = re.compile(
    r"\bno (?:problem|worries|trouble|harm done)\b|\bnot bad\b|\bcan't complain\b|"
    r"\bdon't worry\b|\bcan't wait\b",
    re.IGNORECASE,
)
"""Negations of something bad, which VADER adds up instead."""


MOST_EMOJI = 20
"""Of a text."""


class Lexicon:
    """VADER with our overlay; takes some 20 ms and 3 MB to load."""

    def __init__(self) -> None:
        # Here, because many processes import this room and few of them read.
        from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]
            SentimentIntensityAnalyzer,
        )

        self._vader = SentimentIntensityAnalyzer()
        self._vader.lexicon |= _OVERLAY

    def valence(self, text: str) -> float:
        """Of a text, from -1 to 1: VADER's compound score."""
        words = _FINE.sub("fine", text if text.isascii() else self._with_few_emoji(text))
        return float(self._vader.polarity_scores(words)["compound"])

    def _with_few_emoji(self, text: str) -> str:
        """VADER reads each as a description of some words, in the square of their number."""
        seen = 0
        kept = []
        for character in text:
            seen += character in self._vader.emojis
            if seen <= MOST_EMOJI or character not in self._vader.emojis:
                kept.append(character)
        return "".join(kept)


@cache
def lexicon() -> Lexicon:
    """The one of this process, loaded when it is first asked for."""
    return Lexicon()
