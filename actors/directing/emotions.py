"""How an emotion sounds, at full expression.

Directions and their order are those of Murray & Arnott (J. Acoust. Soc. Am. 93, 1993, table 1: joy
much higher and wider, sadness slower, lower, narrower and softer, anger higher, wider and louder,
fear much faster and much higher, disgust much lower and slower) and, for surprise, of the rules for
formant synthesis that followed them. A happy voice is told above all by a higher, more variable
pitch and by being louder (Kamiloglu, Fischer & Sauter, Psychon. Bull. Rev. 27, 2020). Sizes are
ours: as far as a voice can be moved and stay the same person.
"""

from actors.directing.effects import Tone
from events.readings import Emotion

EXPRESSIONS: dict[Emotion, Tone] = {
    "neutral": Tone(),
    "joy": Tone(pitch=2.5, range=1.55, rate=1.08, loudness=2.0),
    "sadness": Tone(pitch=-2.0, range=0.6, rate=0.84, loudness=-3.0, pauses=1.4),
    "anger": Tone(pitch=1.5, range=1.45, rate=1.1, loudness=4.0, pauses=0.8),
    "fear": Tone(pitch=3.5, range=1.15, rate=1.2, loudness=-0.5, pauses=0.8),
    "surprise": Tone(pitch=3.5, range=1.6, rate=1.04, loudness=2.5),
    "disgust": Tone(pitch=-3.0, range=1.15, rate=0.88, loudness=-1.0, pauses=1.2),
}

ANSWERS: dict[Emotion, Tone] = {
    "joy": Tone(pitch=2.4, range=1.6, rate=1.07, loudness=1.8),
    "sadness": Tone(range=0.8, rate=0.75, loudness=-4.5, pauses=1.5),
    "anger": Tone(pitch=-5.4, range=0.5, rate=0.98, loudness=-1.0, pauses=1.2),
    "fear": Tone(pitch=-1.8, range=0.65, rate=0.88, loudness=-1.0, pauses=1.2),
}
"""How somebody is answered who feels so: joy is shared, for it is a listener's too (of happy turns
in small talk, 63 % follow the other's happy turn); sadness, anger and fear stay the speaker's own
(7 to 13 %), and are answered with calm: sadness softly and slowly, anger far lower and flatter, but
hardly slower. Surprise is gone by the next turn."""
