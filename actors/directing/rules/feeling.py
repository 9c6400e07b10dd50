"""What is felt: by whoever is answered, in the dialogue as a whole, and in the line itself."""

import math

from actors.directing.cues import Cue
from actors.directing.effects import Effect, Tone
from actors.directing.emotions import ANSWERS, EXPRESSIONS
from actors.directing.scene import Scene
from events.readings import Affect

OWN_SHARE = 0.5
"""Of an emotion's full expression, for one that was only read in the words of the line."""

AROUSED = 0.3
"""Arousal from which a line is excited."""

STRONG = 0.8
"""Arousal at which it is so in full."""

FAINT = 0.1
"""Confidence below which nothing is answered."""

LEANING = 0.2
"""Valence from which words lean to one side; below, that is the reader's own bias."""

DISMAYED = ("sadness", "anger", "fear")


def answering(scene: Scene) -> Cue | None:
    """Softer and slower to somebody sad, angry or afraid; anger is never mirrored."""
    felt = _partners(scene)
    if felt is None or felt.category not in DISMAYED:
        return None
    rule = f"answering {felt.category}"
    return Cue(rule, _facts(felt), Effect(ANSWERS[felt.category] * _weight(felt)))


def sharing_joy(scene: Scene) -> Cue | None:
    """Unless the line brings bad news."""
    felt = _partners(scene)
    if felt is None or felt.category != "joy" or _sour(scene.feeling):
        return None
    return Cue("sharing joy", _facts(felt), Effect(ANSWERS["joy"] * _weight(felt)))


def tuning_in(scene: Scene) -> Cue | None:
    """To what the partner's words lean, where it has no name: half of joy, or of sadness."""
    felt = _partners(scene)
    if felt is None or felt.category in ANSWERS or abs(felt.valence) < LEANING:
        return None
    if felt.valence > 0 and _sour(scene.feeling):
        return None
    towards = ANSWERS["joy" if felt.valence > 0 else "sadness"]
    return Cue("tuning in", _facts(felt), Effect(towards * (0.5 * abs(felt.valence))))


def mood(scene: Scene) -> Cue | None:
    """The mood of the whole dialogue, by the rules of EmoSpeak at two fifths, but for the range.

    Pitch in percent is .3A + .1E, range in semitones 4 + .04A, rate in percent .5A + .2E, volume
    .33A, with activation A and evaluation E from -100 to 100 (MaryTTS, `emotion-to-mary.xsl`;
    Schröder, Proc. ICSLP 2004). A bad mood is answered by calm, however aroused it is.
    """
    felt = scene.mood
    if felt is None or max(abs(felt.valence), abs(felt.arousal)) < 0.05:
        return None
    valence = felt.valence
    arousal = felt.arousal if valence >= 0 else -abs(valence)
    tuned = Tone(
        pitch=0.4 * (4.5 * arousal + 1.65 * valence),  # 30 % are 4.5 semitones, 10 % are 1.65
        range=max(1 + arousal, 0.1) ** 0.6,
        rate=1 + 0.4 * (0.5 * arousal + 0.2 * valence),
        loudness=0.4 * 5 * arousal,
    )
    because = f"valence {valence:+.2f}, arousal {felt.arousal:+.2f}"
    return Cue("mood of the dialogue", because, Effect(tuned))


def own(scene: Scene) -> Cue | None:
    """What the line itself feels; not anger to somebody angry, nor joy to somebody dismayed."""
    felt = scene.feeling
    if felt is None or felt.category == "neutral" or _clashes(scene, felt):
        return None
    share = OWN_SHARE * _weight(felt)
    return Cue(
        f"{felt.category} in the line", _facts(felt), Effect(EXPRESSIONS[felt.category] * share)
    )


def excitement(scene: Scene) -> Cue | None:
    """Faster, higher, wider and louder, as far as the line is aroused."""
    arousal, because = _arousal(scene)
    if arousal < AROUSED or _sour(scene.feeling) or _dismayed(scene):
        return None
    full = Tone(pitch=2.0, range=1.5, rate=1.1, loudness=2.0, pauses=0.8)
    return Cue("excitement", because, Effect(full * min(1.0, arousal / STRONG)))


def _weight(felt: Affect) -> float:
    """Half of it is heard already of what a reader is only a quarter sure of."""
    return math.sqrt(felt.confidence)


def _arousal(scene: Scene) -> tuple[float, str]:
    if scene.feeling is not None:
        return scene.feeling.arousal, f"arousal {scene.feeling.arousal:+.2f}"
    marks = scene.text.count("!") + scene.text.count("！")
    return 0.4 * min(marks, 2), f"{marks} exclamation marks"


def _partners(scene: Scene) -> Affect | None:
    felt = scene.partner_feeling
    return felt if felt and felt.confidence >= FAINT else None


def _clashes(scene: Scene, felt: Affect) -> bool:
    other = _partners(scene)
    mirrored = felt.category == "anger" and other is not None and other.category == "anger"
    return mirrored or (felt.category == "joy" and _dismayed(scene))


def _dismayed(scene: Scene) -> bool:
    other = _partners(scene)
    return other is not None and other.category in DISMAYED


def _sour(felt: Affect | None) -> bool:
    return felt is not None and felt.sentiment == "negative"


def _facts(felt: Affect) -> str:
    return (
        f"{felt.category}, valence {felt.valence:+.2f}, arousal {felt.arousal:+.2f}, "
        f"confidence {felt.confidence:.2f}"
    )
