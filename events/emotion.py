"""What a participant feels: a fast emotion that falls back to a slow mood.

The form is that of affect dynamics, an Ornstein-Uhlenbeck process that returns to its home base,
with a mood between the two as in WASABI and ALMA. The constants begin at fits of annotated talk:
valence is like the speaker's own of dt seconds ago as 0.14 + 0.50 exp(-dt / 6 s), and like the
partner's hardly more than by chance (MELD); joy is taken over from the partner in 63 turns of 100,
anger in 13, and surprise is gone by the speaker's next turn (DailyDialog).
"""

from collections.abc import Iterable
from math import exp2, hypot
from typing import Literal, NamedTuple

from events.readings import Affect, Emotion

HALF_LIFE_S = 5.0
"""Of an emotion's distance from the mood."""
SURPRISE_HALF_LIFE_S = 1.0
MOOD_HALF_LIFE_S = 180.0
"""Of a mood's distance from neutral."""
APPRAISED = 0.6
"""Of the way from what was felt to what the speaker's turn says."""
SHARED_JOY = 0.25
"""Of the way from what the partner felt to the joy they hear."""
SHARED_ELSE = 0.1
SHARED: dict[Emotion, float] = {"joy": SHARED_JOY, "surprise": 0.0, "neutral": 0.0}
MOOD_FOLLOWS = 0.1
"""Of the way from the mood to the emotion, at every turn."""

FELT = 0.12
"""Distance from neutral below which there is nothing to name."""
POLAR = 0.1
"""Valence from which it is positive, and below the negative of which it is negative."""


class Feeling(NamedTuple):
    """As it was at a moment; all but `at` and `category` from -1 to 1."""

    at: float
    """Seconds since 1970."""
    valence: float = 0.0
    arousal: float = 0.0
    mood_valence: float = 0.0
    mood_arousal: float = 0.0
    category: Emotion = "neutral"
    confidence: float = 0.0

    def later(self, at: float) -> "Feeling":
        """As it will be at a moment if nothing more is said; time does not run backwards."""
        return self._moved(at)

    def said(self, affect: Affect, at: float) -> "Feeling":
        """After a turn of one's own."""
        named = affect.category != "neutral"
        return self._moved(at, affect, APPRAISED, affect.confidence, named)

    def heard(self, affect: Affect, at: float) -> "Feeling":
        """After a turn of the partner."""
        share = SHARED.get(affect.category, SHARED_ELSE)
        return self._moved(at, affect, share, share * affect.confidence) if share else self

    def _moved(
        self,
        at: float,
        affect: Affect | None = None,
        share: float = 0.0,
        sureness: float = 0.0,
        named: bool = False,
    ) -> "Feeling":
        """First time goes by, then a share of what was felt gives way to what is said.

        One function and one new value, since that happens twice for every turn of a log.
        """
        since, valence, arousal, mood_valence, mood_arousal, category, confidence = self
        if at > since:
            half_life = SURPRISE_HALF_LIFE_S if category == "surprise" else HALF_LIFE_S
            slow, fast = exp2((since - at) / MOOD_HALF_LIFE_S), exp2((since - at) / half_life)
            valence = mood_valence * slow + (valence - mood_valence) * fast
            arousal = mood_arousal * slow + (arousal - mood_arousal) * fast
            mood_valence *= slow
            mood_arousal *= slow
            confidence *= fast
            since = at
        if affect is not None:
            valence += share * (affect.valence - valence)
            arousal += share * (affect.arousal - arousal)
            mood_valence += MOOD_FOLLOWS * (valence - mood_valence)
            mood_arousal += MOOD_FOLLOWS * (arousal - mood_arousal)
            # A weak sign of something else does not end what was clearly felt a moment ago.
            if named or sureness >= confidence:
                category, confidence = affect.category, sureness
        return Feeling(since, valence, arousal, mood_valence, mood_arousal, category, confidence)


def as_affect(feeling: Feeling) -> Affect:
    """The emotion as readers of state see it; without a name where it has nearly passed."""
    return _affect(feeling.valence, feeling.arousal, feeling.category, feeling.confidence)


def mood_of(feelings: Iterable[Feeling]) -> Affect | None:
    """The mood of a whole dialogue: the mean of its participants'; None if nobody was read."""
    moods = [(feeling.mood_valence, feeling.mood_arousal) for feeling in feelings]
    if not moods:
        return None
    valence, arousal = (sum(of) / len(moods) for of in zip(*moods, strict=True))
    return _affect(valence, arousal, _quadrant(valence, arousal), min(1.0, hypot(valence, arousal)))


def sentiment_of(valence: float) -> Literal["negative", "neutral", "positive"]:
    if valence >= POLAR:
        return "positive"
    return "negative" if valence <= -POLAR else "neutral"


def _quadrant(valence: float, arousal: float) -> Emotion:
    if valence >= POLAR:
        return "joy"
    if valence <= -POLAR:
        return "anger" if arousal > POLAR else "sadness"
    return "neutral"


def _affect(valence: float, arousal: float, category: Emotion, confidence: float) -> Affect:
    nameless = hypot(valence, arousal) < FELT
    return Affect(
        valence=_within(valence),
        arousal=_within(arousal),
        category="neutral" if nameless else category,
        sentiment=sentiment_of(valence),
        confidence=_within(confidence),
        sources=("turns",),
    )


def _within(value: float) -> float:
    return max(-1.0, min(1.0, value))
