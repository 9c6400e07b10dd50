"""How a line is to be spoken, as it is stored; see the warning in `turns`."""

from pydantic import Field

from events.fact import Fact


class WordProsody(Fact):
    """What is asked of one word, beside what is asked of its whole phrase."""

    index: int = Field(ge=0)
    """Of the word among those of the phrase's text, which white space separates; from 0."""
    rate: float = 1.0
    """Times the rate of the phrase."""
    pitch: float = 0.0
    """Semitones above the contour of the phrase."""
    emphasis: float = 0.0
    """From -1, said in passing, to 1, as strong as it gets."""
    pause_after_s: float = 0.0
    """Silence that follows the word, in seconds."""


class Saying(Fact):
    """What is said in place of what is written: either of the two."""

    phonemes: str | None = None
    """IPA, in the symbols that Kokoro knows."""
    say_as: str | None = None
    """Words."""


class WordSaying(Fact):
    """What an engine says in place of a word of a phrase."""

    index: int = Field(ge=0)
    """Of the word among those of the phrase's text, which white space separates; from 0."""
    said: str
    """Words, of which `[word](/phonemes/)` gives the sound; nothing is said for none."""


class Phrase(Fact):
    """The unit of synthesis: what one call of an engine says, and how."""

    text: str
    speed: float = 1.0
    """Rate relative to the voice's own, 0.25 to 4."""
    pause_after_s: float = 0.0
    """Silence that follows the phrase, in seconds."""
    pitch: float = 0.0
    """Semitones above the voice's own level."""
    pitch_range: float = 1.0
    """Times the voice's own movement of F0 about its mean; 0 is a monotone."""
    declination: float = 0.0
    """Semitones by which the contour sinks in a second, beside what the voice does by itself."""
    final: float | None = None
    """Semitones by which F0 moves over the last voiced 250 ms: above 0 it rises. None leaves it to
    the voice."""
    loudness: float = 0.0
    """Decibels above the voice's own level."""
    delivery: str | None = None
    """The voice, or blend, whose manner of speaking is taken on; None is the speaker's own."""
    words: tuple[WordProsody, ...] = ()
    """Only the words of which something is asked, in order."""
    seed: int | None = None
    """Of the noise in the voice; the same phrase with the same seed is the same sound. None draws
    it from what is asked."""
    pause_before_s: float = 0.0
    """Silence before the first word, in seconds."""
    voice: str | None = None
    """Who says it; None is the voice of the direction."""
    sayings: tuple[WordSaying, ...] = ()
    """Only of the words in whose place something is said, in order."""


class Reason(Fact):
    """One rule of the director: which, the fact that it saw, and what it did about it."""

    rule: str
    because: str
    effect: str


class Direction(Fact):
    """How a line is to be spoken."""

    voice: str
    """A voice id, or a blend such as `af_bella(2)+af_sky(1)`."""
    phrases: tuple[Phrase, ...]
    reasons: tuple[Reason, ...] = ()
