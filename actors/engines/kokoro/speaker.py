"""What speaks one reading of a phrase: a model that is opened, or one that is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from actors.engines.base import Capabilities, Sound
from actors.engines.kokoro.files import Styles
from actors.engines.reading import Reading
from actors.engines.stopping import Stop
from actors.engines.words import Span, Stretch, place
from events.direction import Phrase
from events.turns import WordTime


@dataclass(frozen=True, slots=True)
class Voicing:
    """Whose voice a phrase has, and whose manner."""

    colour: Styles
    manner: Styles
    parts: tuple[tuple[Styles, float], ...]
    """What the colour was mixed from, with the weight of each."""


class Speaker(Protocol):
    capabilities: Capabilities

    def say(
        self, reading: Reading, asks: Phrase, voicing: Voicing, stop: Stop, after_s: float
    ) -> Iterator[Sound]:
        """Speak a reading; its words' times are counted from its first sample.

        Args:
            reading: What to say.
            asks: How to say it; words are counted within the reading.
            voicing: In whose voice.
            stop: Ends the synthesis.
            after_s: How much sound of the same turn comes before it.

        Raises:
            Stopped: by `stop`.
            EngineError: the model failed on it.
        """
        ...

    def close(self) -> None:
        """End what goes on in the background."""
        ...


def timed(reading: Reading, spans: list[Span | None]) -> tuple[WordTime, ...]:
    """The written words of a reading, each of which sounds in its span."""
    heard = tuple(word or "" for word in reading.words)
    return place(Stretch(heard, reading.words), spans, 0.0)
