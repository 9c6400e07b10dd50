"""Numbers in words, in English: amounts, years, times, dates, prices, measures, telephones."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from num2words import num2words

from actors.engines.reading.tables import (
    CURRENCIES,
    DIGITS,
    MONTHS,
    SCALE_WORDS,
    SCALES,
    UNITS,
    YEAR_CUES,
)

Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Number:
    """What is written where a number is."""

    text: str
    before: str
    """The word before, without marks, in lower case."""
    after: str
    british: bool


def in_words(number: Number) -> str | None:
    """What is said for a word with digits, words between spaces; None for one of another kind."""
    for pattern, say in _KINDS:
        if match := pattern.fullmatch(number.text):
            said = say(number, match)
            if said is not None:
                return said
    return None


def digit_by_digit(digits: str) -> str:
    """As in a telephone number."""
    return " ".join(DIGITS[int(digit)] for digit in digits if digit.isdecimal())


def _cardinal(digits: str, *, british: bool) -> str:
    digits = digits.replace(",", "")
    if len(digits) > 15 or (len(digits) > 1 and digits[0] == "0"):
        return digit_by_digit(digits)
    return _flat(num2words(int(digits)), british=british)


def _flat(words: str, *, british: bool) -> str:
    words = words.replace(",", "").replace("-", " ")
    return words if british else words.replace(" and ", " ")


def _amount(number: Number, match: Match) -> str | None:
    """A whole number or a decimal, with a sign before it and a unit after it."""
    sign, whole, fraction, unit = match.group("sign", "whole", "fraction", "unit")
    if unit and unit not in UNITS:
        return None
    said = _plain_amount(number, whole, fraction)
    signs = {"-": "minus ", "+": "plus ", "~": "about ", "#": "number ", "±": "plus or minus "}
    one = whole == "1" and not fraction
    name = f" {UNITS[unit][0 if one else 1]}" if unit else ""
    return f"{signs.get(sign, '')}{said}{name}"


def _plain_amount(number: Number, whole: str, fraction: str | None) -> str:
    if fraction:
        point = "" if not whole else _cardinal(whole, british=number.british)
        return f"{point} point {digit_by_digit(fraction)}".strip()
    if len(whole) == 4 and _is_year(number, int(whole)):
        return _year(whole, british=number.british)
    if len(whole) >= 7 and "," not in whole and not whole.endswith("000"):
        return digit_by_digit(whole)
    return _cardinal(whole, british=number.british)


def _is_year(number: Number, value: int) -> bool:
    cued = number.before in YEAR_CUES or number.before in MONTHS
    counted = number.after.endswith("s") and number.after not in {"was", "is", "as", "has"}
    return (1100 <= value <= 2099 and cued) or (1900 <= value <= 2099 and not counted)


def _year(digits: str, *, british: bool) -> str:
    return _flat(num2words(int(digits), to="year"), british=british)


def _time(number: Number, match: Match) -> str:
    hour, minute, half = match.group("hour", "minute", "half")
    said = _cardinal(str(int(hour)), british=number.british)
    if minute and minute != "00":
        said += f" {'oh ' if minute[0] == '0' else ''}{_cardinal(str(int(minute)), british=False)}"
    elif minute and not half and not re.match(r"[ap]\.?m|o'clock|[ap]$", number.after):
        said += " o'clock" if 1 <= int(hour) <= 12 else " hundred"
    return f"{said} {half[0].upper()}.M." if half else said


def _date(number: Number, match: Match) -> str | None:
    parts = {name: int(value) for name, value in match.groupdict().items()}
    first, second, year = parts["first"], parts["second"], parts["year"]
    day, month = (first, second) if number.british and "/" in number.text else (second, first)
    if month > 12:
        day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    name, ordinal = MONTHS[month - 1], _ordinal(str(day))
    spoken = f"the {ordinal} of {name}" if number.british else f"{name} {ordinal}"
    full = year if year > 99 else year + (2000 if year < 50 else 1900)
    return f"{spoken} , {_year(str(full), british=number.british)}"


def _ordinal(digits: str) -> str:
    return _flat(num2words(int(digits.replace(",", "")), to="ordinal"), british=False)


def _ordinal_number(_: Number, match: Match) -> str:
    return _ordinal(match["whole"])


def _price(number: Number, match: Match) -> str:
    sign, whole, cents, scale = match.group("sign", "whole", "cents", "scale")
    one, many, small_one, small_many = CURRENCIES[sign]
    say = partial(_cardinal, british=number.british)
    if scale or number.after in SCALE_WORDS:
        amount = " ".join([say(whole), *_point(cents)])
        # Before a word like `million` the unit comes after that word.
        return f"{amount} {SCALES[scale.lower()]} {many}" if scale else amount
    units = f"{say(whole)} {one if whole == '1' else many}"
    if not cents or not int(cents):
        return units
    small = f"{say(str(int(cents)))} {small_one if int(cents) == 1 else small_many}"
    return small if int(whole.replace(",", "")) == 0 else f"{units} and {small}"


def _point(digits: str | None) -> list[str]:
    return ["point", digit_by_digit(digits)] if digits else []


def _decade(number: Number, match: Match) -> str:
    digits = match["whole"]
    tens = _cardinal(digits[-2:-1] + "0", british=False) if digits[-2] != "0" else "hundred"
    century = f"{_cardinal(digits[:2], british=False)} " if len(digits) == 4 else ""
    if digits in {"2000", "1000"}:
        return f"{_cardinal(digits, british=False)}s"
    return century + _several(tens)


def _range(number: Number, match: Match) -> str:
    first, second = (
        in_words(Number(each, number.before, number.after, number.british)) or ""
        for each in match.groups()
    )
    return f"{first} to {second}"


def _fraction(number: Number, match: Match) -> str:
    above, below = int(match["above"]), int(match["below"])
    if number.text in {"24/7", "9/11", "20/20", "50/50"} or below > 100 or below < 2 or above > 20:
        return f"{_cardinal(str(above), british=False)} {_cardinal(str(below), british=False)}"
    name = {2: "half", 4: "quarter"}.get(below) or _ordinal(str(below))
    if above != 1:
        name = "halves" if name == "half" else f"{name}s"
    return f"{_cardinal(str(above), british=False)} {name}"


def _telephone(number: Number, match: Match) -> str | None:
    groups = re.findall(r"\d+", number.text)
    if sum(map(len, groups)) < 7:
        return None
    said = " , ".join(map(digit_by_digit, groups))
    return f"plus {said}" if number.text.startswith("+") else said


def _version(number: Number, match: Match) -> str:
    return " point ".join(_cardinal(each, british=False) for each in number.text.split("."))


def _percent(number: Number, match: Match) -> str:
    amount = in_words(Number(match["amount"], "", "s", number.british))
    return f"{amount} percent"


def _compound(number: Number, _: Match) -> str:
    """As in `10-year`, `3D` and `B2B`: numbers in words, and letters by name or as a word."""
    said: list[str] = []
    for part in re.findall(r"\d+|[A-Za-z']+", number.text):
        if part.isdecimal():
            said.append(_cardinal(part, british=number.british))
        elif part == "s" and said:
            said[-1] = _several(said[-1])
        elif len(part) > 3 or ("-" in number.text and not part.isupper()):
            said.append(part)
        else:
            said.append("".join(f"{letter}." for letter in part.upper() if letter.isalpha()))
    return " ".join(said)


def _several(number: str) -> str:
    return f"{number[:-1]}ies" if number.endswith("y") else f"{number}s"


def _feet(number: Number, match: Match) -> str:
    feet, inches = match.groups()
    said = f"{_cardinal(feet, british=False)} {'foot' if inches else 'feet'}"
    return f"{said} {_cardinal(inches, british=False)}" if inches else said


_HALF = r"[AaPp]\.?[Mm]\.?"
_CENTS = r"(?:\.(?P<cents>\d\d?))?"
_WHOLE = r"\d{1,3}(?:,\d{3})+|\d+"
_KINDS: tuple[tuple[re.Pattern[str], Callable[[Number, Match], str | None]], ...] = tuple(
    (re.compile(pattern), say)
    for pattern, say in (
        (rf"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::\d\d)?(?P<half>{_HALF})?", _time),
        (rf"(?P<hour>1?\d)(?P<minute>)(?P<half>{_HALF})", _time),
        (r"(?P<year>\d{4})-(?P<first>\d\d)-(?P<second>\d\d)", _date),
        (r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>\d{4}|\d\d)", _date),
        (r"((?:1[89]|20)\d\d)[-—]((?:1[89]|20)\d\d)", _range),
        (r"\+?\(?\d{1,4}\)?(?:[-.]\d{2,5}){1,4}", _telephone),
        (rf"(?P<sign>[$€£¥])(?P<whole>{_WHOLE}){_CENTS}(?P<scale>[KkMmBb]|bn)?", _price),
        (rf"(?P<whole>{_WHOLE}){_CENTS}(?P<scale>)(?P<sign>[$€£¥])", _price),
        (r"(?P<amount>.*\d)%", _percent),
        (rf"(?P<whole>{_WHOLE})(?:st|nd|rd|th)", _ordinal_number),
        (r"'?(?P<whole>\d\d|1\d\d0|20\d0)'?s", _decade),
        (r"(\$?\d[\d,.]*)[-—](\$?\d[\d,.]*%?)", _range),
        (r"(?P<above>\d{1,3})/(?P<below>\d{1,3})", _fraction),
        (r"(\d{1,2})'(?:(\d{1,2})\"?)?", _feet),
        (r"\d+(?:\.\d+){2,}", _version),
        (
            rf"(?P<sign>[-+~#±])?(?P<whole>{_WHOLE}|)(?:\.(?P<fraction>\d+))?(?P<unit>[A-Za-z°µ/²³]*)(?<=[\dA-Za-z²³])",
            _amount,
        ),
        (r"[A-Za-z'-]*\d[A-Za-z\d'-]*", _compound),
    )
)  # fmt: skip
