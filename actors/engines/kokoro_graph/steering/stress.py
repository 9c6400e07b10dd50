"""Where in a word its stress lies.

Kokoro's phonemes put the mark of stress right before the vowel, not before the syllable.
"""

from actors.engines.kokoro_graph.steering.transcription import Transcription

STRESSES = "ˈˌ"
"""The stronger first."""

LENGTH = "ː"

VOWELS = frozenset("aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵʉʊʌʏᵊᵻAIOQWY")
"""With the capitals that Kokoro's own phonemiser writes for diphthongs."""


def nucleus(text: Transcription, word: int) -> tuple[int, int] | None:
    """The tokens of the stressed vowel of a word, a diphthong whole; None if nothing sounds.

    A word without a mark is stressed on its first vowel, one without a vowel as a whole.
    """
    span = text.span(word)
    if span is None:
        return None
    symbols = _symbols(text, span)
    begin = _first_vowel(symbols, _mark(symbols))
    if begin is None:
        return span
    return span[0] + begin, span[0] + _vowels_end(symbols, begin)


def rime(text: Transcription, word: int) -> tuple[int, int] | None:
    """The tokens from the last vowel of a word to its end; None if nothing sounds."""
    span = text.span(word)
    if span is None:
        return None
    symbols = _symbols(text, span)
    vowels = [at for at, symbol in enumerate(symbols) if symbol in VOWELS]
    if not vowels:
        return span
    begin = vowels[-1]
    while begin and symbols[begin - 1] in VOWELS:
        begin -= 1
    return span[0] + begin, span[1]


def _symbols(text: Transcription, span: tuple[int, int]) -> str:
    # The first token stands before the first phoneme.
    return text.phonemes[span[0] - 1 : span[1] - 1]


def _mark(symbols: str) -> int:
    return next((symbols.index(mark) for mark in STRESSES if mark in symbols), 0)


def _first_vowel(symbols: str, start: int) -> int | None:
    return next((at for at in range(start, len(symbols)) if symbols[at] in VOWELS), None)


def _vowels_end(symbols: str, begin: int) -> int:
    end = begin + 1
    while end < len(symbols) and (symbols[end] in VOWELS or symbols[end] == LENGTH):
        end += 1
    return end
