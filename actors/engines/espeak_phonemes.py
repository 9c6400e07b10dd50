"""Phonemes as callers write them, in Kokoro's symbols, and as espeak-ng takes them in a text."""

import re

from actors.engines.sayings import EXPLICIT

_MNEMONICS = {
    "tʃ": "tS", "ʧ": "tS", "dʒ": "dZ", "ʤ": "dZ",
    "eɪ": "eI", "A": "eI", "aɪ": "aI", "I": "aI", "ɔɪ": "OI", "Y": "OI", "aʊ": "aU", "W": "aU",
    "oʊ": "oU", "O": "oU", "əʊ": "oU", "Q": "oU",
    "iː": "i:", "uː": "u:", "ɑː": "A:", "ɔː": "O:", "ɜː": "3:",
    "ɑ": "A:", "ɒ": "0", "æ": "a", "a": "a", "ʌ": "V", "ɐ": "a#", "ə": "@", "ᵊ": "@", "ɚ": "3",
    "ɛ": "E", "e": "E", "ɜ": "3:", "ɪ": "I", "ᵻ": "I2", "i": "i", "ʊ": "U", "u": "u:", "ɔ": "O:",
    "o": "oU", "b": "b", "d": "d", "f": "f", "ɡ": "g", "h": "h", "j": "j", "k": "k", "l": "l",
    "m": "m", "n": "n", "ŋ": "N", "p": "p", "ɹ": "r", "r": "r", "s": "s", "ʃ": "S", "t": "t",
    "ɾ": "t#", "T": "t#", "θ": "T", "ð": "D", "v": "v", "w": "w", "z": "z", "ʒ": "Z", "ʔ": "?",
    "ˈ": "'", "ˌ": ",", "ː": ":", " ": "||",
}  # fmt: skip
"""espeak's names of English phonemes, by IPA; longer ones are looked for first."""

SYMBOLS = "".join(sorted(set("".join(_MNEMONICS))))
"""Of which espeak's English voices know the sound."""

_SOUND = re.compile("|".join(sorted(map(re.escape, _MNEMONICS), key=len, reverse=True)))


def commanded(said: str) -> str:
    """What is said, with its phonemes as a command of the library."""
    return EXPLICIT.sub(lambda found: f"[[{_mnemonics(found[2])}]]", said)


def _mnemonics(phonemes: str) -> str:
    return _SOUND.sub(lambda sound: _MNEMONICS[sound[0]], phonemes)
