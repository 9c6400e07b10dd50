"""How a line was meant: valence, arousal, and a name for it.

Sentiment is a multinomial logistic model whose terms can be read: the cues of the text, the
valence of its words, and what its speaker and their partner were feeling when it was said. Arousal
is a sum of signs, since no lexicon of arousal may be shipped freely. The name is chosen by both,
and by words that name an emotion.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from actors.understanding.cues import CUES, found
from actors.understanding.lexicon import Lexicon
from events.emotion import Feeling
from events.turns import Affect, Emotion

BIAS = (-1.3, -1.6)
"""Log-odds of negative and of positive against neutral before anything is known. With that, and all
worths, classes are balanced for weighted F1 rather than for likelihood."""
OF_PLEASANT_WORDS = (0.3, 1.3)
OF_UNPLEASANT_WORDS = (2.8, 0.9)
OF_OWN_VALENCE = (-2.4, 0.5)
OF_OWN_AROUSAL = (2.4, 1.0)
OF_PARTNERS_VALENCE = (-0.6, 1.3)
OF_PARTNERS_AROUSAL = (-0.8, -1.6)

CALM = -0.15
AROUSING: Mapping[str, float] = {
    "exclamation": 0.3,
    "exclamations": 0.15,
    "capitals": 0.15,
    "incredulous": 0.1,
    "drawn out": 0.1,
    "intensifier": 0.1,
    "outrage": 0.15,
    "delight": 0.15,
    "invocation": 0.15,
    "laughter": 0.2,
    "trails off": -0.15,
    "doubt": -0.1,
    "apology": -0.1,
}

_NAMES: Mapping[Emotion, str] = {
    "disgust": r"eww*|yuck|gross|disgust\w*|nasty|stinks?|revolting|sick of",
    "fear": r"afraid|scared?|scary|terrif\w+|worri\w+|nervous|frighten\w*|panic\w*|dangerous",
    "sadness": r"sad|sorry|miss(?:ed)?|cry\w*|lonely|alone|lost|died?|dead|death|hurts?|"
    r"unfortunately|disappoint\w*|heartbroken|depress\w*|miserable|funeral|poor",
    "anger": r"hate|damn(?:it)?|hell|shut up|stupid|idiots?|morons?|angry|furious|mad|jerk|"
    r"annoy\w*|how dare|bastard|get out|unacceptable|ridiculous",
}
_NAMED = {
    emotion: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for emotion, words in _NAMES.items()
}
_SURPRISE = ("incredulous", "short what", "invocation")


@dataclass(frozen=True, slots=True)
class Context:
    """What was felt when a line was said; None of whom nothing was read."""

    own: Feeling | None = None
    partner: Feeling | None = None


def affect_of(text: str, lexicon: Lexicon, context: Context) -> Affect:
    """The affect of an excerpt of a line."""
    cues = found(text)
    negative, neutral, positive = _likelihoods(cues, lexicon.valence(text), context)
    most = max(negative, neutral, positive)
    sentiment = {neutral: "neutral", negative: "negative", positive: "positive"}[most]
    arousal = _arousal(cues)
    return Affect(
        valence=round(positive - negative, 3),
        arousal=arousal,
        category=_category(text, cues, sentiment, arousal),
        sentiment=sentiment,
        confidence=round(most, 3),
        sources=("text", "context") if context.own or context.partner else ("text",),
    )


def _likelihoods(
    cues: Mapping[str, int], valence: float, context: Context
) -> tuple[float, float, float]:
    """Of negative, neutral and positive; they add up to 1."""
    terms = [(cue.worth, float(cues[cue.name])) for cue in CUES if cue.name in cues]
    terms.append((OF_PLEASANT_WORDS, max(0.0, valence)))
    terms.append((OF_UNPLEASANT_WORDS, max(0.0, -valence)))
    if context.own:
        terms.append((OF_OWN_VALENCE, context.own.valence))
        terms.append((OF_OWN_AROUSAL, context.own.arousal))
    if context.partner:
        terms.append((OF_PARTNERS_VALENCE, context.partner.valence))
        terms.append((OF_PARTNERS_AROUSAL, context.partner.arousal))
    odds = [exp(BIAS[side] + sum(worth[side] * of for worth, of in terms)) for side in (0, 1)]
    total = 1.0 + sum(odds)
    return odds[0] / total, 1.0 / total, odds[1] / total


def _arousal(cues: Mapping[str, int]) -> float:
    signs = (AROUSING[name] for name in cues if name in AROUSING)
    return round(max(-1.0, min(1.0, CALM + sum(signs))), 3)


def _category(text: str, cues: Mapping[str, int], sentiment: str, arousal: float) -> Emotion:
    if sentiment == "neutral":
        return "neutral"
    if any(sign in cues for sign in _SURPRISE):
        return "surprise"
    if sentiment == "positive":
        return "joy"
    named = (emotion for emotion, words in _NAMED.items() if words.search(text))
    return next(named, "anger" if arousal > 0 else "sadness")
