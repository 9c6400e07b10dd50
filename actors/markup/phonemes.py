"""Phonemes that callers write, before anything is recorded of them."""

import re

from actors.engines.sayings import SYMBOLS

LONGEST = 250
"""Characters of the phonemes of one word."""

_SILENT = frozenset(';:,.!?—…"()“” ˈˌː↓→↗↘')
_SYMBOLS = frozenset(SYMBOLS)
_HISSING = tuple("szʃʒ")
_VOICELESS = tuple("ptkfθ")
_PLURAL = re.compile(r"['’]?s(?!\w)|s['’](?!\w)", re.IGNORECASE)
_EXPLICIT = re.compile(r"\[(?P<word>[^\[\]]*)\]\(/(?P<phonemes>[^/]*)/\)$")


def wrong(phonemes: str) -> str | None:
    """What is wrong with phonemes, and what would be right; None if nothing is."""
    for place, symbol in enumerate(_same(phonemes), 1):
        if symbol not in _SYMBOLS or symbol in '()"':
            return (
                f"symbol {place} of the phonemes is not in Kokoro's alphabet; write IPA, /həlˈoʊ/"
            )
    if not any(symbol not in _SILENT for symbol in phonemes) or len(phonemes) > LONGEST:
        return f"1 to {LONGEST} phonemes are needed, those of one word; write IPA, /həlˈoʊ/"
    return None


def explicit(word: str, phonemes: str) -> str:
    """What is said for a word that sounds so, as `WordSaying` has it."""
    shown = "".join(letter for letter in word if letter not in "[]")[:200]
    return f"[{shown.strip() or 'word'}](/{' '.join(_same(phonemes).split())}/)"


def words(said: str) -> str:
    """Words to say, in which nothing is taken for phonemes."""
    return " ".join(said.split()).replace("](/", "] (/")


def followed(said: str, rest: str) -> str:
    """What is said and then the rest of the word; an English -s after phonemes is one of them."""
    sound, ending = _EXPLICIT.search(said), _PLURAL.match(rest)
    if sound is None or ending is None:
        return said + rest
    phonemes = _with_s(sound["phonemes"])
    return said[: sound.start()] + explicit(sound["word"], phonemes) + rest[ending.end() :]


def _same(phonemes: str) -> str:
    """With the letter g, which nearly everybody writes, as the one of IPA."""
    return phonemes.replace("g", "ɡ")


def _with_s(phonemes: str) -> str:
    if phonemes.endswith(_HISSING):
        return f"{phonemes}ᵻz"
    return f"{phonemes}{'s' if phonemes.endswith(_VOICELESS) else 'z'}"
