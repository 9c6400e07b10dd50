"""How each voice of the catalogue sounds with espeak-ng, and how it obeys a direction."""

from functools import cache
from math import log2

from actors.engines.espeak_library import Manner
from actors.engines.voices import CATALOGUE, describe
from events.direction import Phrase, WordProsody

WORDS_A_MINUTE = 175
"""At speed 1."""

SLOWEST, FASTEST = 80, 450
"""Words a minute that the library reaches: speeds from 0.46 to 2.57; others become the nearest."""

EMPHASIS_SEMITONES, EMPHASIS_SLOWING, EMPHASIS_DB = 2.0, 0.2, 3.0
"""What the strongest emphasis adds to a word: pitch, length, level. Less than none takes it off."""

USUAL_TONE = 60
"""Of the library's tones, 0 to 255, the one about which sentences move; measured."""

_TONGUES = {
    "a": "en-us",
    "b": "en",
    "e": "es",
    "f": "fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-br",
    "z": "cmn",
}
"""The library's voices, by the first letter of ours; its `en` is British."""

_VARIANTS = {"female": ("f2", "linda", "f4", "f3", "f5"), "male": ("m3", "adam", "m2", "m7", "m4")}
_PITCHES = (50, 40, 62, 34, 70)

_VARIANT_F0 = {
    "f2": (142, 220),
    "f3": (140, 240),
    "f4": (142, 200),
    "f5": (160, 228),
    "linda": (200, 247),
    "m2": (88, 115),
    "m3": (80, 122),
    "m4": (70, 110),
    "m7": (75, 125),
    "adam": (82, 118),
}
"""The line `pitch` of the variant's file, in hertz; that of all voices where it has none."""


def manner_of(
    voice_id: str, phrase: Phrase, word: WordProsody | None = None, sunk: float = 0.0
) -> Manner:
    """What to tell the library, so that each voice of the catalogue sounds like nobody else.

    The manner of a word, or of words of which nothing is asked; `sunk` semitones lower.
    """
    asked = word or WordProsody(index=0)
    tongue, variant, own = _timbres()[voice_id]
    lengthened = 1 + EMPHASIS_SLOWING * asked.emphasis
    rate = WORDS_A_MINUTE * phrase.speed * asked.rate / lengthened
    raised = phrase.pitch + asked.pitch + EMPHASIS_SEMITONES * asked.emphasis - sunk
    # That of the phrase for its words too: every change costs 7 ms of silence.
    movement = round(min(own * 2 ** (phrase.pitch / 12) * phrase.pitch_range, 99))
    return Manner(
        voice=f"{tongue}+{variant}",
        rate=round(min(max(rate, SLOWEST), FASTEST)),
        pitch=_pitch(own, variant, raised, movement),
        range=movement,
        volume=round(100 * 10 ** ((EMPHASIS_DB * asked.emphasis - headroom(phrase)) / 20)),
    )


def headroom(phrase: Phrase) -> float:
    """Decibels by which the library is told to be quieter, as it clips what is emphasised."""
    return EMPHASIS_DB * max(
        (word.emphasis for word in phrase.words if word.emphasis > 0), default=0
    )


def _pitch(own: int, variant: str, semitones: float, movement: int) -> int:
    """The pitch, 0 to 99, that is so far above a voice's own, or the nearest.

    In units of the variant's base, F0 is `2**(pitch/50 - 1) + spread * (18 + range/50 * (tone/2 -
    18))`, by `SetPitch2` in the library's `synthesize.c`; a voice's own pitch is also its range.
    """
    low, high = _VARIANT_F0[variant]
    spread = 108 / 4096 * (high - low) / (low - 9)

    def unscaled(at: int) -> float:
        return spread * (18 + at / 50 * (USUAL_TONE / 2 - 18))

    level = (2 ** (own / 50 - 1) + unscaled(own)) * 2 ** (semitones / 12)
    scaled = max(level - unscaled(movement), 0.5)
    return round(min(50 * (log2(scaled) + 1), 99))


@cache
def _timbres() -> dict[str, tuple[str, str, int]]:
    """By voice id: the library's voice, its variant, and a pitch."""
    timbres: dict[str, tuple[str, str, int]] = {}
    counts: dict[str, int] = {}
    for voice_id in CATALOGUE:
        # The British begin elsewhere, so that not only the accent tells them from Americans.
        first = 15 if voice_id[0] == "b" else 0
        nth = counts[voice_id[:2]] = counts.get(voice_id[:2], first - 1) + 1
        variants = _VARIANTS[describe(voice_id).gender]
        # Both wheels have five places, and one turns faster: 25 people before anybody is twice.
        pitch = _PITCHES[(2 * nth + nth // 5) % 5]
        timbres[voice_id] = (_TONGUES[voice_id[0]], variants[nth % 5], pitch)
    return timbres
