"""What a text has besides words: marks that a voice obeys, signs that have a name, and silence."""

import re
import unicodedata

SENTENCE_ENDS = frozenset(".!?…")
CLAUSE_ENDS = frozenset(",;:—")
PAUSES = SENTENCE_ENDS | CLAUSE_ENDS
OPENING = frozenset("(“")
MARKS = PAUSES | OPENING | frozenset(')”"')
"""Those that Kokoro's vocabulary has."""

_SAME = {
    ".": "。．｡।॥",
    "!": "！",
    "?": "？؟",
    ",": "，、､،",
    ";": "；",
    ":": "：",
    "—": "–―⸺",
    "(": "（",
    ")": "）",
    "“": "「『«„‟",
    "”": "」』»",
    "'": "’‘ʼ′＇",
    "-": "‐‑−",
    "": "\u00ad\u200b\u200c\u200d\ufe0e\ufe0f\ufeff",
}
"""What Kokoro knows, and what it is written as elsewhere."""

_PLAIN = str.maketrans({each: ours for ours, theirs in _SAME.items() for each in theirs})
_DOTS = re.compile(r"\.{2,}")
_DASHES = re.compile(r"-{2,}")
_RUN = re.compile(r"([.!?…,;:—])\1+")


def plain(text: str) -> str:
    """The text with each mark as Kokoro's vocabulary has it, and no run of one mark."""
    text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return _RUN.sub(r"\1", _DASHES.sub("—", _DOTS.sub("…", text)))


def is_word(character: str) -> bool:
    """Whether a character is of a word: a letter, a digit, or an accent that combines with one."""
    return unicodedata.category(character)[0] in "LNM"
