"""From a written word to what is said for it: words a phonemiser reads as they stand, and marks.

A word of what is said has letters, apostrophes and hyphens only; one like `F.B.I.` is spelled.
"""

import re
from collections.abc import Sequence

from actors.engines.reading.addresses import address_words, is_address
from actors.engines.reading.marks import MARKS, SENTENCE_ENDS, is_word
from actors.engines.reading.numbers import Number, digit_by_digit, in_words
from actors.engines.reading.tables import (
    ABBREVIATIONS,
    CURRENCIES,
    INITIALISMS,
    ROMAN,
    SCALE_WORDS,
    SHORT_WORDS,
    SIGNS,
    SPACED_UNITS,
    UNSTOPPED,
)

_FACE = re.compile(r"[:;=]['-]?[()DPpOo3/|*\]\[]+|<3+|[xX]D+|\^_?\^|[-_]{2,}")
_EDGES = re.compile(
    r"(?P<head>[^\w$€£¥+\-~#±@.&%°]*)(?P<core>.*?)(?P<tail>[^\w%°$€£¥+²³&]*)", re.DOTALL
)
_INITIALS = re.compile(r"(?:[A-Za-z]\.){2,}[A-Za-z]?|[A-Z]\.[A-Z]")
_CAPITALS = re.compile(r"([A-Z]{2,6})('?s)?")
_AMPERSAND = re.compile(r"[A-Z]{1,2}(?:&[A-Z]{1,2})+")
_SIGNS_ONLY = re.compile(r"(?:[^\w]|_)*")
_JOINTS = frozenset("'-.")
_INNER = r"[^\s.,!?…;:—()“”\"'-]"
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)+")
_PIECES = re.compile(rf"{_NUMBER.pattern}|{_INNER}+(?:['.-]{_INNER}+)*'?|\S")
_CLITIC = re.compile(r"s|t|m|re|ve|ll|d|am|clock", re.IGNORECASE)


def said(texts: Sequence[str], at: int, *, british: bool) -> list[str]:
    """What is said for the word at a place, in English; the words beside it can decide."""
    text = texts[at]
    if not text or _FACE.fullmatch(text):
        return []
    if _said_before(texts, at):
        return _marks(text.lstrip('“("'), "”")
    if text.isascii() and text.isalpha() and (text.islower() or text.istitle()):
        return _simple(texts, at)
    return _with_edges(texts, at, british=british)


def _simple(texts: Sequence[str], at: int) -> list[str]:
    """A word of letters without marks, as nine in ten are."""
    word = texts[at]
    if _apostrophe_after(texts, at):
        word = f"{word}'{_raw(texts, at + 2).lower()}"
    amount = texts[at - 1] if at and word in SCALE_WORDS else ""
    unit = [CURRENCIES[amount[0]][1]] if amount[:1] in CURRENCIES and amount[1:] else []
    return [_unstopped(word), *unit]


def _said_before(texts: Sequence[str], at: int) -> bool:
    """Whether the word before has taken this one in: a unit, or the `t` of `don ' t`."""
    if at >= 2 and texts[at - 1] == "'" and texts[at - 2].isalpha() and _is_clitic(texts, at):
        return True
    return at > 0 and texts[at - 1][-1:].isdecimal() and _raw(texts, at) in SPACED_UNITS


def split_marks(text: str) -> list[str]:
    """The words and marks of a word in any language; what is neither is silent."""
    pieces: list[str] = []
    for piece in _PIECES.findall("".join(c if _is_read(c) else " " for c in text)):
        if piece == '"':
            pieces.append("”" if pieces else "“")
        elif piece in MARKS:
            pieces.append(piece)
        elif any(c.isalnum() or c in SIGNS for c in piece):
            pieces += [piece] if _NUMBER.fullmatch(piece) else _at_stops(piece)
    return pieces


def _is_read(character: str) -> bool:
    return character in _JOINTS or character in MARKS or character in SIGNS or is_word(character)


def _with_edges(texts: Sequence[str], at: int, *, british: bool) -> list[str]:
    match = _EDGES.fullmatch(texts[at])
    if match is None or _SIGNS_ONLY.fullmatch(texts[at]):
        return _lone(texts, at)
    head, core, tail = match.group("head", "core", "tail")
    if core.endswith("."):
        core, tail = core.rstrip("."), f".{tail}"
    words, tail = _core(texts, at, core, tail, british=british)
    return [*_marks(head, "“"), *words, *_marks(tail, "”")]


def _core(
    texts: Sequence[str], at: int, core: str, tail: str, *, british: bool
) -> tuple[list[str], str]:
    """What is said for a word without the marks around it, and the marks that remain after it."""
    before, after = _bare(texts, at - 1), _bare(texts, at + 1)
    if tail.startswith(".") and (long := _abbreviated(core, texts, at)):
        return [long], (tail if after == "" else tail[1:])
    if is_address(core):
        return address_words(core), tail
    if tail.startswith(".") and _INITIALS.fullmatch(f"{core}."):
        ends = len(tail) == 1 and (after == "" or texts[at + 1][:1].isupper())
        return [_spelled(core)], (tail if ends else tail[1:])
    if _INITIALS.fullmatch(core):
        return [_spelled(core)], tail
    if tail == "." and len(core) == 1 and core.isupper() and texts[at + 1 : at + 2] != []:
        return [_spelled(core)], ""  # as in `J. Smith`
    if core in ROMAN and at and texts[at - 1][:1].isupper():
        return [ROMAN[core]], tail
    if any(map(str.isdecimal, core)):
        return _numeric(texts, at, core, before, after, british=british), tail
    return _lettered(texts, at, core), tail


def _numeric(
    texts: Sequence[str], at: int, core: str, before: str, after: str, *, british: bool
) -> list[str]:
    beside = texts[at - 1] if at else ""
    if beside in CURRENCIES and core[0].isdecimal():
        core = beside + core
    elif after in SPACED_UNITS and core[-1].isdecimal():
        core += after
    words = in_words(Number(core, before, after, british))
    if words is not None:
        return words.split()
    return [word for part in split_marks(core) for word in _fallback(part, british=british)]


def _fallback(part: str, *, british: bool) -> list[str]:
    if not any(map(str.isdecimal, part)):
        return [part]
    words = in_words(Number(part, "", "", british))
    return (words or digit_by_digit(part)).split()


def _lettered(texts: Sequence[str], at: int, core: str) -> list[str]:
    if _AMPERSAND.fullmatch(core):
        return " and ".join(map(_spelled, core.split("&"))).split()
    if (capitals := _CAPITALS.fullmatch(core)) and _initials(texts, at, capitals[1]):
        return [_spelled(capitals[1]) + (capitals[2] or "").replace("'", "")]
    words: list[str] = []
    for piece in re.split(r"([&+=@×÷°%$€£¥½¼¾²³])|/", core):
        if piece in SIGNS:
            words += SIGNS[piece].split()
        elif piece:
            words += [_cased(word, texts, at) for word in split_marks(piece)]
    return ["hashtag", *words] if core.startswith("#") and words else words


def _cased(word: str, texts: Sequence[str], at: int) -> str:
    if len(word) > 1 and word.isupper():
        return word.lower()
    return _unstopped(_inner(word))


def _inner(word: str) -> str:
    """Capitals within a word would be read as a boundary, and make two words of `McDonald`."""
    return word[0] + word[1:].lower() if not word[1:].islower() else word


def _initials(texts: Sequence[str], at: int, capitals: str) -> bool:
    """Whether capitals are read letter by letter, and not as a word or as a shout."""
    beside = [_raw(texts, at + 1) if _goes_on(texts, at) else ""]
    beside += [_raw(texts, at - 1) if at and _goes_on(texts, at - 1) else ""]
    shouted = any(len(word) > 1 and word.isupper() and word not in INITIALISMS for word in beside)
    if capitals in INITIALISMS:
        return not (shouted and capitals.lower() in SHORT_WORDS)
    vowels = sum(letter in "AEIOUY" for letter in capitals)
    if capitals.lower() in SHORT_WORDS or shouted:
        return False
    return vowels == 0 or (len(capitals) <= 3 and vowels < len(capitals))


def _goes_on(texts: Sequence[str], at: int) -> bool:
    """Whether the word after is of the same sentence."""
    return not texts[at].endswith(tuple(SENTENCE_ENDS))


def _spelled(letters: str) -> str:
    return "".join(f"{letter.upper()}." for letter in letters if letter.isalpha())


def _abbreviated(core: str, texts: Sequence[str], at: int) -> str | None:
    name = core.lower()
    after = texts[at + 1] if at + 1 < len(texts) else ""
    before = texts[at - 1] if at else ""
    if name == "st" and not after[:1].isupper() and before[:1].isupper():
        return "street"
    if name == "no" and after[:1].isdecimal():
        return "number"
    if name == "co" and not before[:1].isupper():
        return None
    return ABBREVIATIONS.get(name)


def _unstopped(word: str) -> str:
    name = word.lower()
    return ABBREVIATIONS[name] if name in UNSTOPPED and word not in {"ms", "MS"} else word


def _lone(texts: Sequence[str], at: int) -> list[str]:
    """A word of marks and signs only: its marks, or the name of a sign between words."""
    text = texts[at]
    if text in CURRENCIES and _bare(texts, at + 1)[:1].isdecimal():
        return []  # said with the amount
    if text == "-":
        return ["—"] if at else []
    if text in SIGNS and at:
        return SIGNS[text].split()
    return _marks(text, "”" if at else "“")


def _marks(text: str, quote: str) -> list[str]:
    marks = ["—" if c == "-" else quote if c == '"' else c for c in text]
    return [mark for mark in marks if mark in MARKS]


def _at_stops(piece: str) -> list[str]:
    """`far.Can` is two sentences without a space between."""
    parts: list[str] = []
    for part in piece.split("."):
        parts += [".", part] if parts else [part]
    return [part for part in parts if part]


def _bare(texts: Sequence[str], at: int) -> str:
    raw = _raw(texts, at)
    return raw if raw in SPACED_UNITS else raw.lower()


def _raw(texts: Sequence[str], at: int) -> str:
    return texts[at].strip(".,!?;:…\"'()“”") if 0 <= at < len(texts) else ""


def _apostrophe_after(texts: Sequence[str], at: int) -> bool:
    """As in `don ' t`, the way some corpora and recognisers write."""
    return texts[at + 1 : at + 2] == ["'"] and _is_clitic(texts, at + 2)


def _is_clitic(texts: Sequence[str], at: int) -> bool:
    return _CLITIC.fullmatch(_raw(texts, at)) is not None
