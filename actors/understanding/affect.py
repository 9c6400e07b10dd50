"""How a line was meant: valence, arousal, and a name for it.

Sentiment is a multinomial logistic model whose terms can be read: the cues of the text, the
valence of its words, and what its speaker and their partner were feeling when it was said. The name
is chosen by a second one, among the emotions that fit. Arousal is a sum of signs, since no lexicon
of arousal may be shipped freely.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import Literal

from actors.understanding.cues import found
from actors.understanding.lexicon import Lexicon
from actors.understanding.worths import BIAS, PLEASANT, UNPLEASANT, WORTHS, Worth
from events.emotion import Feeling
from events.readings import Affect, Emotion

Sentiment = Literal["negative", "neutral", "positive"]

OF_OWN_VALENCE = (-1.7, 1.0)
OF_OWN_AROUSAL = (0.8, -0.2)
OF_PARTNERS_VALENCE = (-1.0, 0.7)
OF_PARTNERS_AROUSAL = (-0.1, -0.5)
"""Log-odds of negative and of positive against neutral."""
OWN_SENTIMENT_STAYS = 0.5
"""Log-odds, right after it was told."""
STAYING_S = 10.0
"""Half-life."""
CLEARLY = 1.2
"""Times likelier a sentiment has to be, by words and context, to overrule what words alone say."""

OWN_EMOTION_STAYS = 0.5
PARTNERS_EMOTION_STAYS = 0.3
"""Log-odds."""
FITTING: Mapping[Sentiment, tuple[Emotion, ...]] = {
    "negative": ("anger", "sadness", "fear", "disgust", "surprise"),
    "neutral": ("neutral",),
    "positive": ("joy", "surprise"),
}

CALM = -0.15
AROUSING: Mapping[str, float] = {
    "exclamation": 0.3,
    "exclamations": 0.15,
    "capitals": 0.15,
    "incredulous": 0.1,
    "drawn out": 0.1,
    "intensifier": 0.1,
    "insult": 0.1,
    "swearing": 0.15,
    "sends away": 0.15,
    "wrath": 0.15,
    "threat": 0.15,
    "joy": 0.1,
    "praise": 0.1,
    "triumph": 0.1,
    "laughter": 0.2,
    "invocation": 0.15,
    "trails off": -0.15,
    "doubt": -0.1,
    "apology": -0.1,
    "loss": -0.1,
    "illness": -0.1,
    "regret": -0.1,
    "dejection": -0.15,
    "pity": -0.1,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What was felt when a line was said; None of whom nothing was read."""

    own: Feeling | None = None
    partner: Feeling | None = None
    told: Sentiment | None = None
    """Of the speaker's last turn."""
    ago_s: float = 0.0
    """Since the end of that turn."""


def affect_of(text: str, lexicon: Lexicon, context: Context) -> Affect:
    """The affect of an excerpt of a line."""
    cues = found(text)
    worth = _worth_of(cues, lexicon.valence(text))
    likely = _likelihoods(worth, context)
    sentiment = _sentiment(likely, _likelihoods(worth, Context()))
    return Affect(
        valence=round(likely["positive"] - likely["negative"], 3),
        arousal=_arousal(cues),
        category=_category(worth, FITTING[sentiment], context),
        sentiment=sentiment,
        confidence=round(likely[sentiment], 3),
        sources=("text", "context") if context.own or context.partner else ("text",),
    )


def _worth_of(cues: Mapping[str, int], valence: float) -> Worth:
    terms = [_times(WORTHS[name], times) for name, times in cues.items()]
    of_words = _times(PLEASANT, valence) if valence > 0 else _times(UNPLEASANT, -valence)
    return Worth(*map(sum, zip(*terms, of_words, BIAS, strict=True)))


def _times(worth: Worth, times: float) -> Iterable[float]:
    return worth if times == 1 else [each * times for each in worth]


def _likelihoods(worth: Worth, context: Context) -> Mapping[Sentiment, float]:
    """They add up to 1."""
    odds: dict[Sentiment, float] = {
        "neutral": 0.0,
        "negative": worth.negative,
        "positive": worth.positive,
    }
    for felt, of_valence, of_arousal in (
        (context.own, OF_OWN_VALENCE, OF_OWN_AROUSAL),
        (context.partner, OF_PARTNERS_VALENCE, OF_PARTNERS_AROUSAL),
    ):
        if felt:
            odds["negative"] += of_valence[0] * felt.valence + of_arousal[0] * felt.arousal
            odds["positive"] += of_valence[1] * felt.valence + of_arousal[1] * felt.arousal
    if context.told:
        odds[context.told] += OWN_SENTIMENT_STAYS * 0.5 ** (context.ago_s / STAYING_S)
    likely = {sentiment: exp(of) for sentiment, of in odds.items()}
    total = sum(likely.values())
    return {sentiment: of / total for sentiment, of in likely.items()}


def _sentiment(likely: Mapping[Sentiment, float], by_words: Mapping[Sentiment, float]) -> Sentiment:
    most, alone = _likeliest(likely), _likeliest(by_words)
    return most if likely[most] > CLEARLY * likely[alone] else alone


def _likeliest(likely: Mapping[Sentiment, float]) -> Sentiment:
    return max(likely, key=lambda sentiment: likely[sentiment])


def _arousal(cues: Iterable[str]) -> float:
    signs = (AROUSING[name] for name in cues if name in AROUSING)
    return round(max(-1.0, min(1.0, CALM + sum(signs))), 3)


def _category(worth: Worth, fitting: Iterable[Emotion], context: Context) -> Emotion:
    odds = {emotion: float(getattr(worth, emotion, 0.0)) for emotion in fitting}
    stays = ((context.own, OWN_EMOTION_STAYS), (context.partner, PARTNERS_EMOTION_STAYS))
    for felt, worth_of_it in stays:
        if felt and felt.category in odds:
            odds[felt.category] += worth_of_it
    return max(odds, key=lambda emotion: odds[emotion])
