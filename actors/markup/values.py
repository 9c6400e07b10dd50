"""The values that markup can have, and what would be right where one is wrong."""

import re
from collections.abc import Callable
from math import log2

Resolve = Callable[[str], str]
"""The id or blend of a voice's name.

Raises:
    ValueError: nobody has it; the message says who is there."""

LONGEST_PAUSE_S = 10.0
SLOWEST, FASTEST = 0.25, 4.0
MOST_SEMITONES = 12.0
NARROWEST, WIDEST = 0.0, 2.5
SOFTEST_DB, LOUDEST_DB = -40.0, 12.0

PAUSE_WANTED = f"a time from 0s to {LONGEST_PAUSE_S:g}s, such as 0.5s or 500ms"
RATE_WANTED = f"a rate from {SLOWEST:g} to {FASTEST:g}, such as 1.2, or default"
SSML_RATE_WANTED = (
    f"a rate from {100 * SLOWEST:g}% to {100 * FASTEST:g}%, such as 120%, or one of "
    "x-slow, slow, medium, fast, x-fast, default"
)
PITCH_WANTED = (
    f"up to {MOST_SEMITONES:g} semitones, such as +2st or -10%, or one of "
    "x-low, low, medium, high, x-high, default"
)
RANGE_WANTED = "a change such as +20%, or one of x-low, low, medium, high, x-high, default"
VOLUME_WANTED = (
    f"{SOFTEST_DB:g}dB to +{LOUDEST_DB:g}dB, such as +6dB, or one of "
    "silent, x-soft, soft, medium, loud, x-loud, default"
)

_NUMBER = r"\d{1,6}(?:\.\d{1,6})?|\.\d{1,6}"
_TIME = re.compile(rf"(?P<count>{_NUMBER})(?P<unit>s|ms)")
_RATE = re.compile(_NUMBER)
_PERCENT = re.compile(rf"(?P<sign>[+-]?)(?P<count>{_NUMBER})%")
_SEMITONES = re.compile(rf"(?P<count>[+-](?:{_NUMBER}))st")
_DECIBELS = re.compile(rf"(?P<count>[+-](?:{_NUMBER}))dB")

_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.25, "x-fast": 1.75, "default": 1.0}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "high": 3.0, "x-high": 6.0, "default": 0.0}
_RANGES = {"x-low": 0.4, "low": 0.7, "medium": 1.0, "high": 1.4, "x-high": 2.0, "default": 1.0}
_VOLUMES = {
    "silent": SOFTEST_DB, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "loud": 6.0, "x-loud": 12.0,
    "default": 0.0,
}  # fmt: skip


def seconds(value: str) -> float:
    """The length of a pause. Raises ValueError where it is none, and so do the others."""
    time = _TIME.fullmatch(value)
    if time is None:
        raise ValueError
    asked = float(time["count"]) * (0.001 if time["unit"] == "ms" else 1)
    return _within(asked, 0, LONGEST_PAUSE_S)


def rate(value: str) -> float:
    """Times the rate of the line."""
    if value.lower() == "default":
        return 1.0
    if not _RATE.fullmatch(value):
        raise ValueError
    return _within(float(value), SLOWEST, FASTEST)


def ssml_rate(value: str) -> float:
    """Times the rate of the line: 120% is what +20% and 1.2 are."""
    if value in _RATES:
        return _RATES[value]
    percent = _PERCENT.fullmatch(value)
    if percent is None:
        return rate(value)
    share = float(percent["sign"] + percent["count"]) / 100
    return _within(share + (1 if percent["sign"] else 0), SLOWEST, FASTEST)


def pitch(value: str, around: float) -> float:
    """Semitones above the pitch of the line, where what is around is so many above it."""
    if value in _PITCHES:
        return _PITCHES[value]
    if semitones := _SEMITONES.fullmatch(value):
        return _within(around + float(semitones["count"]), -MOST_SEMITONES, MOST_SEMITONES)
    times = _changed(value)
    return _within(around + 12 * log2(times), -MOST_SEMITONES, MOST_SEMITONES)


def pitch_range(value: str, around: float) -> float:
    """Times the movement of F0 of the line, where what is around has so many times of it."""
    if value in _RANGES:
        return _RANGES[value]
    return _within(around * _changed(value), NARROWEST, WIDEST)


def volume(value: str, around: float) -> float:
    """Decibels above the level of the line, where what is around is so many above it."""
    if value in _VOLUMES:
        return _VOLUMES[value]
    decibels = _DECIBELS.fullmatch(value)
    if decibels is None:
        raise ValueError
    return _within(around + float(decibels["count"]), SOFTEST_DB, LOUDEST_DB)


def voice(name: str, resolve: Resolve) -> str | None:
    """The voice of a name; None is that of the line. Raises ValueError that says who is there."""
    return None if name.lower() == "default" else resolve(name)


def _changed(value: str) -> float:
    percent = _PERCENT.fullmatch(value)
    if percent is None or not percent["sign"]:
        raise ValueError
    times = 1 + float(percent["sign"] + percent["count"]) / 100
    if times <= 0:
        raise ValueError
    return times


def _within(value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ValueError
    return value
