"""What `say-as` has a voice say, in English."""

import re
from collections.abc import Callable, Mapping

_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+|\d|[^\s\w]|_")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
DATES = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "y", "m", "d")
"""Orders of day, month and year."""
LONGEST = 15
"""Digits of a number that is said in words; a longer one is said digit by digit."""


def interpreted(kind: str, text: str, form: str) -> str:
    """What is said for a text of a kind.

    Args:
        kind: One of `KINDS`.
        text: What is written.
        form: Of a date, the order of its parts, one of `DATES`.

    Raises:
        ValueError: the text is not of that kind; the message says what would be.
    """
    return KINDS[kind](text, form)


def _characters(text: str, _: str) -> str:
    """Letters as initials are written, which are spelled, and digits one by one."""
    parts = _LETTERS.findall(text)
    return " ".join(f"{'.'.join(part)}.".upper() if part.isalpha() else part for part in parts)


def _digits(text: str, _: str) -> str:
    return " ".join(_required(text, "digits"))


def _telephone(text: str, _: str) -> str:
    _required(text, "a telephone number")
    return ", ".join(" ".join(group) for group in _DIGITS.findall(text))


def _cardinal(text: str, _: str) -> str:
    return _in_words(text, "cardinal")


def _ordinal(text: str, _: str) -> str:
    return _in_words(text, "ordinal")


def _time(text: str, _: str) -> str:
    _required(text, "a time, such as 2:30pm")
    return text


def _date(text: str, form: str) -> str:
    """The month by its name, so that no reader can take it for a day."""
    order = form or "mdy"
    parts = _DIGITS.findall(text)
    if order not in DATES or len(parts) != len(order):
        raise ValueError(f"a date needs one number for each part of format, {', '.join(DATES)}")
    date = dict(zip(order, parts, strict=True))
    month, day = int(date.get("m", 1)), int(date.get("d", 1))
    if not (1 <= month <= len(_MONTHS) and 1 <= day <= 31):
        raise ValueError("a date needs a month from 1 to 12 and a day from 1 to 31")
    month_and_day = " ".join(
        [_MONTHS[month - 1]] * ("m" in date) + [_in_words(str(day), "ordinal")] * ("d" in date)
    )
    return ", ".join(filter(None, (month_and_day, date.get("y"))))


def _required(text: str, what: str) -> str:
    digits = "".join(_DIGITS.findall(text))
    if not digits:
        raise ValueError(f"this interpret-as needs {what}")
    return digits


def _in_words(text: str, to: str) -> str:
    # Loaded here: every process for conversations would pay for it.
    from num2words import num2words

    number = text.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"-?\d{1,15}", number):
        raise ValueError(f"interpret-as {to} needs a whole number of at most {LONGEST} digits")
    return str(num2words(int(number), to=to)).replace(",", "")


KINDS: Mapping[str, Callable[[str, str], str]] = {
    "characters": _characters,
    "spell-out": _characters,
    "digits": _digits,
    "telephone": _telephone,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "date": _date,
    "time": _time,
}
"""What `interpret-as` can be."""
