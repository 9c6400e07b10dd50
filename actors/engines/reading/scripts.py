"""Which language reads which script."""

import re
import unicodedata

from actors.engines.base import Unspeakable

NAMES = {
    "en-us": "American English",
    "en-gb": "British English",
    "es": "Spanish",
    "fr-fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "pt-br": "Brazilian Portuguese",
    "cmn": "Mandarin",
}
"""The languages of Kokoro's voices, for people."""

_READERS = {
    "LATIN": "",
    "CJK": "cmn",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "DEVANAGARI": "hi",
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HANGUL": "ko",
    "ARABIC": "ar",
    "HEBREW": "he",
}
"""By the first word of a letter's Unicode name; "" is read in every language."""

_ANY = {
    "FULLWIDTH",
    "MODIFIER",
    "FEMININE",
    "MASCULINE",
    "MICRO",
    "SUPERSCRIPT",
    "SUBSCRIPT",
    "COMBINING",
}
_NOT_LATIN = {"ja", "cmn", "hi"}
"""Languages whose readers would spell a Latin word letter by letter."""

_ASCII = re.compile(r"[\x00-\x7f]*")


def script(letter: str) -> str:
    """The script of a letter, as Unicode's names begin; "" for one of no script of its own."""
    name = unicodedata.name(letter, "UNKNOWN").partition(" ")[0].partition("-")[0]
    if name == "HALFWIDTH":
        return "KATAKANA"
    return "" if name in _ANY else name


def reader_of(word: str, language: str) -> str:
    """The language that reads a word: the text's own, or that of the word's script."""
    if _ASCII.fullmatch(word):
        return "en-us" if language in _NOT_LATIN and not word.isdecimal() else language
    for letter in word:
        if letter.isalpha() and (name := script(letter)) not in {"", "LATIN"}:
            return _READERS.get(name, language)
    return language


def require_readable(text: str, language: str) -> None:
    """Refuse a text that would be lost, or be read as names of letters.

    Raises:
        Unspeakable: it has a script without phonemes here, which the message names.
    """
    for letter in sorted(set(text)):
        if not letter.isascii() and letter.isalpha() and (name := script(letter)):
            _require(name, language)


def _require(name: str, language: str) -> None:
    if name not in _READERS:
        raise Unspeakable(
            f"The text has letters of the script {name.capitalize()}, for which there are no "
            "phonemes; write it in the script of the voice's language."
        )
    if name == "CJK" and language == "ja":
        raise Unspeakable("The text has kanji, for which there are no phonemes; write it in kana.")
