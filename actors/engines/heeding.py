"""What of a phrase an engine heeds: nothing it cannot do, nothing without an end."""

from collections.abc import Sequence
from itertools import accumulate
from math import isfinite
from typing import TypeVar

from actors.engines.base import Capabilities, EngineError
from actors.engines.sayings import sayable
from actors.engines.words import Stretch
from events.direction import Phrase, WordProsody
from events.fact import Fact

_Asked = TypeVar("_Asked", bound=Fact)

_PHRASE_LIMITS = {
    "speed": (0.25, 4.0),
    "pause_before_s": (0.0, 3600.0),
    "pause_after_s": (0.0, 3600.0),
    "pitch": (-24.0, 24.0),
    "pitch_range": (0.0, 4.0),
    "declination": (-24.0, 24.0),
    "final": (-24.0, 24.0),
    "loudness": (-60.0, 24.0),
}
_WORD_LIMITS = {
    "rate": (0.25, 4.0),
    "pitch": (-24.0, 24.0),
    "emphasis": (-1.0, 1.0),
    "pause_after_s": (0.0, 10.0),
}
"""What lies beyond becomes the nearest that does not."""

_NEEDS = {
    "pitch": ("pitch", "pitch_range", "declination"),
    "final": ("final",),
    "words": ("words",),
    "loudness": ("loudness",),
    "delivery": ("delivery",),
    "seed": ("seed",),
}
"""By capability, the fields that mean nothing without it."""


def heeded(phrase: Phrase, capabilities: Capabilities) -> Phrase:
    """The phrase as an engine of such capabilities is to obey it, its words by index.

    What the engine lacks is as if it had not been asked; what lies beyond anything a voice does
    becomes the nearest that does not.

    Raises:
        EngineError: a number is not finite, or an index names no word or one word twice.
    """
    _require_words(phrase)
    ordered = tuple(sorted(phrase.words, key=lambda word: word.index))
    asked = within_limits(phrase.model_copy(update={"words": ordered}))
    said = tuple(
        saying.model_copy(update={"said": sayable(saying.said, capabilities.phonemes)})
        for saying in phrase.sayings
    )
    return asked.model_copy(update={**_dropped(capabilities), "sayings": said})


def within_limits(phrase: Phrase) -> Phrase:
    """The phrase with each ask that goes beyond what a voice does at the nearest that does not.

    Raises:
        EngineError: a number is not finite.
    """
    words = tuple(_limited(word, _WORD_LIMITS, f"words[{word.index}].") for word in phrase.words)
    return _limited(phrase, _PHRASE_LIMITS).model_copy(update={"words": words})


def wishes(phrase: Phrase) -> list[WordProsody]:
    """What is asked of each word of the phrase's text, nothing of most."""
    asked = {word.index: word for word in phrase.words}
    nothing = WordProsody(index=0)
    return [asked.get(index, nothing) for index in range(len(phrase.text.split()))]


def wishes_of(stretch: Stretch, words: Sequence[WordProsody]) -> list[WordProsody]:
    """What is asked of each word as the stretch has it, where `words` begin with its first.

    Nothing is asked of the rest of a word from an earlier stretch.
    """
    if stretch.written[0] is None:
        words = [WordProsody(index=0), *words]
    places = accumulate(written is not None for written in stretch.written[1:])
    return [words[0], *(words[place] for place in places)]


def _dropped(capabilities: Capabilities) -> dict[str, object]:
    return {
        field: Phrase.model_fields[field].default
        for capability, fields in _NEEDS.items()
        if not getattr(capabilities, capability)
        for field in fields
    }


def _limited(asked: _Asked, limits: dict[str, tuple[float, float]], prefix: str = "") -> _Asked:
    values = {field: getattr(asked, field) for field in limits}
    for field, value in values.items():
        if value is not None and not isfinite(value):
            raise EngineError(f"{prefix}{field} is {value}; give a finite number.")
    return asked.model_copy(
        update={
            field: min(max(value, limits[field][0]), limits[field][1])
            for field, value in values.items()
            if value is not None
        }
    )


def _require_words(phrase: Phrase) -> None:
    count = len(phrase.text.split())
    for field, asked in (("words", phrase.words), ("sayings", phrase.sayings)):
        seen = set[int]()
        for word in asked:
            if not 0 <= word.index < count:
                raise EngineError(
                    f"{field} names the word {word.index}, but the phrase has {count}, "
                    "counted from 0."
                )
            if word.index in seen:
                raise EngineError(f"{field} names the word {word.index} twice; name it once.")
            seen.add(word.index)
