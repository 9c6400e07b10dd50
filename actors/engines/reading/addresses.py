"""Addresses of pages, of mail, and names of files, as they are read out in English."""

import re

from actors.engines.reading.numbers import digit_by_digit
from actors.engines.reading.tables import TOP_LEVEL

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[^\s@]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?P<last>[a-z]\w{0,4})(?:/\S*)?")
_NAMES = {
    ".": "dot",
    "/": "slash",
    "@": "at",
    "_": "underscore",
    "-": "dash",
    ":": "colon",
    "=": "equals",
}


def is_address(text: str) -> bool:
    """Whether it is one by its beginning, its @, or its end: `report.pdf`, `example.com/a`."""
    if _ADDRESS.fullmatch(text):
        return True
    host = _HOST.fullmatch(text)
    return host is not None and host["last"] in TOP_LEVEL


def address_words(text: str) -> list[str]:
    """What is said for it, without `https`; letters that are no word are spelled."""
    text = re.sub(r"^(?:https?://|mailto:)", "", text, flags=re.IGNORECASE).rstrip("/")
    words: list[str] = []
    for piece in re.findall(r"[A-Za-z']+|\d+|[^\W\d_]+|[./@_:=-]", text):
        if piece in _NAMES:
            words.append(_NAMES[piece])
        elif piece.isdecimal():
            words += digit_by_digit(piece).split()
        else:
            words.append(
                "".join(f"{letter.upper()}." for letter in piece)
                if _is_letters(piece)
                else piece.lower()
            )
    return words


def _is_letters(piece: str) -> bool:
    """Whether a part of an address is no word."""
    vowels = set(piece.lower()) & set("aeiouy")
    return piece.isascii() and (len(piece) == 1 or not vowels or piece in {"io", "ai", "uk", "eu"})
