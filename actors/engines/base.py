"""What an engine is: text in, samples and word times out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from events.direction import Phrase
from events.turns import WordTime

if TYPE_CHECKING:
    from actors.engines.stopping import Stop

SAMPLE_RATE = 24_000
"""Of everything that leaves an engine, in samples per second."""

BYTES_PER_SAMPLE = 2


class EngineError(Exception):
    """An engine cannot do what was asked; the message is one sentence that says what would help."""


class ModelMissing(EngineError):
    """A model file is not there."""


class ModelInvalid(EngineError):
    """A model file is there, but is not what it should be."""


class UnknownVoice(EngineError):
    """No voice of that name; the message names near ones."""


class Unspeakable(EngineError):
    """The text has nothing that can be spoken."""


@dataclass(frozen=True, slots=True)
class Voice:
    id: str
    """As callers name it, e.g. `af_heart`."""
    name: str
    """For people."""
    language: str
    """BCP 47."""
    gender: str
    """`female` or `male`."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What of a direction an engine can obey; the director drops the rest, with a reason."""

    speed: bool = True
    slowest: float = 0.25
    """Of the speeds that it reaches, times a voice's own; what is slower becomes this."""
    fastest: float = 4.0
    word_times: bool = True
    pauses: bool = True
    blends: bool = False
    pitch: bool = False
    """Level, range and declination of F0 in a phrase, and its level in single words."""
    final: bool = False
    """The movement of F0 at the end of a phrase."""
    words: bool = False
    """Rate, emphasis and pause of single words."""
    loudness: bool = False
    delivery: bool = False
    """The manner of one voice with the colour of another."""
    seed: bool = False
    """The same phrase with the same seed is the same sound."""
    phonemes: str = ""
    """Symbols of the phonemes that it takes in place of a word; none where it takes none."""


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What others need to know of an engine."""

    name: str
    capabilities: Capabilities
    voices: tuple[Voice, ...]


def description_of(engine: "Engine") -> EngineDescription:
    return EngineDescription(engine.name, engine.capabilities, engine.voices())


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of a phrase, in order."""

    pcm: bytes
    """Signed 16-bit little-endian samples, mono, at `SAMPLE_RATE`."""
    words: tuple[WordTime, ...] = ()
    """Words that begin in the phrase so far and were not given before; seconds from the phrase's
    first sample."""
    worked_s: float = 0.0
    """Seconds for which a worker was busy with it; 0 where nobody measured."""


class Engine(Protocol):
    """Realises phrases as sound. One per process; safe for use by many threads at a time."""

    name: str
    capabilities: Capabilities

    def voices(self) -> tuple[Voice, ...]:
        """The voices that the engine can speak with, in a stable order."""
        ...

    def synthesise(
        self, phrase: Phrase, voice: str, stop: "Stop | None" = None, *, after_s: float = 0.0
    ) -> Iterator[Sound]:
        """Speak a phrase, piece by piece; closing the iterator between two of them stops it.

        `after_s` is how much sound of the same turn comes before it. The more that is, the more of
        it its listener still has to hear, and the longer an engine may take over the first piece
        if the whole is then ready sooner. It says nothing of how the phrase sounds.

        Pieces are 40 to 200 ms long, except the last. `pause_after_s` of silence is part of the
        sound. The words of all pieces together are the words of `phrase.text`, as written there.

        Raises:
            UnknownVoice: before the first piece.
            Unspeakable: before the first piece.
            Stopped: by `stop`, as soon as the engine can.
            EngineError: whatever else goes wrong.
        """
        ...
