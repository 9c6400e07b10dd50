"""What a voice adds to the words: how aroused its speaker is, against how they usually sound.

Arousal is told by pitch, its range, loudness and rate, and valence hardly by any of them: of
activation, valence and potency, valence alone could not be predicted from vocal cues (Laukka,
Juslin and Bresin 2005). How far each sign goes with full arousal is read backwards from the rules
by which EmoSpeak (Schröder 2004, MaryTTS) speaks with it: 30 % of pitch, 4 semitones of range, 50 %
of rate, 66 % of volume.

The signs are combined like measurements: each counts by how little it varies by itself, as far as
the turns of this speaker tell. What the words tell is where one begins.
"""

from math import log2, log10

from actors.commands import Vocal
from events.baseline import Baseline, Habit, semitones
from events.readings import Affect, Features

FULL_PITCH_ST = 12 * log2(1.3)
FULL_RANGE_ST = 4.0
FULL_RATE = 0.5
FULL_LOUDNESS_DB = 20 * log10(83 / 50)

USUAL_PITCH_ST = 1.5
USUAL_RANGE_ST = 2.5
USUAL_RATE = 0.15
USUAL_LOUDNESS_DB = 3.0
"""Deviations between the turns of one speaker, assumed as if three of their turns had said so."""
ASSUMED_TURNS = 3
OF_WORDS = 0.4
"""Deviation of arousal from what the words tell."""

CLEAR = 0.15
"""Arousal beyond which it decides between anger and sadness."""


def vocal_of(heard: Features, usual: Baseline) -> Vocal | None:
    """What a turn's features tell; None if there is nothing to measure them against yet."""
    rate = usual.rate.mean or 1.0
    signs = [
        _sign(semitones(heard), usual.pitch, USUAL_PITCH_ST, FULL_PITCH_ST),
        _sign(heard.f0_range_st, usual.pitch_range, USUAL_RANGE_ST, FULL_RANGE_ST),
        _sign(heard.loudness_lufs, usual.loudness, USUAL_LOUDNESS_DB, FULL_LOUDNESS_DB),
        _sign(heard.rate_syll_s, usual.rate, USUAL_RATE * rate, FULL_RATE * rate),
    ]
    told = [sign for sign in signs if sign is not None]
    precision = sum(weight for _, weight in told)
    if not precision:
        return None
    arousal = sum(arousal * weight for arousal, weight in told) / precision
    return Vocal(arousal=max(-1.0, min(1.0, arousal)), arousal_weight=precision * OF_WORDS**2)


def _sign(
    value: float | None, habit: Habit, usual: float, full: float
) -> tuple[float, float] | None:
    """Arousal by one sign alone, and its precision: one over its variance."""
    if value is None or not habit.turns:
        return None
    assumed = ASSUMED_TURNS * usual**2 + habit.turns * habit.variance
    variance = assumed / (ASSUMED_TURNS + habit.turns) * (1 + 1 / habit.turns)
    return (value - habit.mean) / full, full**2 / variance


def with_voice(affect: Affect | None, vocal: Vocal) -> Affect:
    """What words and voice tell together; `affect` is None where the words could not be read."""
    if affect is None:
        return Affect(
            valence=_mixed(0.0, vocal.valence, vocal.valence_weight),
            arousal=_mixed(0.0, vocal.arousal, vocal.arousal_weight),
            category="neutral",
            sentiment="neutral",
            confidence=_mixed(0.0, 1.0, vocal.arousal_weight / 2),
            sources=("sound",),
        )
    arousal = _mixed(affect.arousal, vocal.arousal, vocal.arousal_weight)
    return affect.model_copy(
        update={
            "valence": _mixed(affect.valence, vocal.valence, vocal.valence_weight),
            "arousal": arousal,
            "category": _category(affect, arousal),
            "sources": (*affect.sources, "sound"),
        }
    )


def _mixed(words: float, voice: float, weight: float) -> float:
    return round((words + weight * voice) / (1 + weight), 3)


def _category(affect: Affect, arousal: float) -> str:
    """Of what is unpleasant, anger is the aroused, and sadness the other."""
    if affect.category == "anger" and arousal < -CLEAR:
        return "sadness"
    return "anger" if affect.category == "sadness" and arousal > CLEAR else affect.category
