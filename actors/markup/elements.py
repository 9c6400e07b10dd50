"""What the elements of SSML ask, by their attributes. All raise ValueError with what is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from actors.markup import values
from actors.markup.interpreting import KINDS, interpreted
from actors.markup.marks import Style
from actors.markup.phonemes import explicit, words, wrong
from actors.markup.values import Resolve

ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "speak": ("version", "xml:lang", "xml:base", "xmlns", "xmlns:xsi", "xsi:schemaLocation"),
    "p": (),
    "s": (),
    "break": ("time", "strength"),
    "prosody": ("rate", "pitch", "range", "volume"),
    "emphasis": ("level",),
    "voice": ("name",),
    "say-as": ("interpret-as", "format"),
    "sub": ("alias",),
    "phoneme": ("alphabet", "ph"),
}
"""By element, what it may have. What `speak` has means nothing here."""

STYLES = ("prosody", "emphasis", "voice")
"""Elements that ask for a style."""
REPLACED = ("say-as", "sub", "phoneme")
"""Elements in whose place something is said."""

_STRENGTHS = {
    "none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2,
}  # fmt: skip
"""Seconds of a break."""
_LEVELS = {"none": 0.0, "reduced": -0.5, "moderate": 0.5, "strong": 1.0}

Attributes = Mapping[str, str]


def require_attributes(name: str, attributes: Attributes) -> None:
    """Refuse what nobody would obey."""
    known = ATTRIBUTES[name]
    if not known and attributes:
        raise ValueError(f"<{name}> has no attributes")
    if not attributes.keys() <= set(known):
        raise ValueError(f"<{name}> has no other attributes than {', '.join(known)}")


def silence(attributes: Attributes) -> float:
    """Seconds of a break."""
    if "time" in attributes:
        try:
            return values.seconds(attributes["time"])
        except ValueError:
            raise ValueError(f"time must be {values.PAUSE_WANTED}") from None
    return _one_of(_STRENGTHS, attributes.get("strength", "medium"), "strength")


def styled(name: str, attributes: Attributes, around: Style, resolve: Resolve) -> Style:
    """The style within an element."""
    match name:
        case "emphasis":
            level = _one_of(_LEVELS, attributes.get("level", "moderate"), "level")
            return replace(around, emphasis=level)
        case "voice":
            return replace(around, voice=values.voice(_given(attributes, "name", name), resolve))
        case _:
            return _prosody(attributes, around)


def said(name: str, attributes: Attributes, word: str) -> str:
    """What is said in place of what is written in an element."""
    if not any(map(str.isalnum, word)):
        raise ValueError(f"<{name}> needs a word in it")
    match name:
        case "sub":
            return words(_given(attributes, "alias", name))
        case "say-as":
            kind = _given(attributes, "interpret-as", name)
            if kind not in KINDS:
                raise ValueError(f"interpret-as must be one of {', '.join(KINDS)}")
            return interpreted(kind, " ".join(word.split()), attributes.get("format", ""))
        case _:
            return _phonemes(attributes, word)


def _prosody(attributes: Attributes, around: Style) -> Style:
    style = around
    for attribute, value in attributes.items():
        change, wanted = _PROSODY[attribute]
        try:
            style = change(style, value)
        except ValueError:
            raise ValueError(f"{attribute} must be {wanted}") from None
    return style


_PROSODY: Mapping[str, tuple[Callable[[Style, str], Style], str]] = {
    "rate": (
        lambda style, value: replace(style, rate=values.ssml_rate(value)),
        values.SSML_RATE_WANTED,
    ),
    "pitch": (
        lambda style, value: replace(style, pitch=values.pitch(value, style.pitch)),
        values.PITCH_WANTED,
    ),
    "range": (
        lambda style, value: replace(style, range=values.pitch_range(value, style.range)),
        values.RANGE_WANTED,
    ),
    "volume": (
        lambda style, value: replace(style, loudness=values.volume(value, style.loudness)),
        values.VOLUME_WANTED,
    ),
}


def _phonemes(attributes: Attributes, word: str) -> str:
    if attributes.get("alphabet", "ipa") != "ipa":
        raise ValueError("alphabet must be ipa")
    phonemes = _given(attributes, "ph", "phoneme")
    if why := wrong(phonemes):
        raise ValueError(why)
    return explicit(word, phonemes)


def _given(attributes: Attributes, attribute: str, name: str) -> str:
    value = attributes.get(attribute, "").strip()
    if not value:
        raise ValueError(f"<{name}> needs the attribute {attribute}")
    return value


def _one_of(known: Mapping[str, float], value: str, attribute: str) -> float:
    if value not in known:
        raise ValueError(f"{attribute} must be one of {', '.join(known)}")
    return known[value]
