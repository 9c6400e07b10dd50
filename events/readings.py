"""What was read in a turn, and measured in its sound; stored, see the warning in `turns`."""

from typing import Literal

from pydantic import Field

from events.fact import Fact

Emotion = Literal["neutral", "joy", "sadness", "anger", "fear", "surprise", "disgust"]
Part = Literal["opening", "middle", "closing"]
QUESTIONS = frozenset({"yes_no_question", "wh_question", "alternative_question"})
"""Dialogue acts that ask something."""


class Affect(Fact):
    """How a turn was meant, as far as the readers in `sources` could tell."""

    valence: float = Field(ge=-1, le=1)
    arousal: float = Field(ge=-1, le=1)
    category: Emotion
    sentiment: Literal["negative", "neutral", "positive"]
    confidence: float = Field(ge=0, le=1)
    sources: tuple[str, ...]


class Topic(Fact):
    """What a turn was about. A topic that is taken up again keeps its number."""

    id: int
    """In the order of first mention in the conversation, from 1."""
    label: str
    """The terms that most tell it from the others, at the time of the turn."""


class Timing(Fact):
    """How a turn follows those before it."""

    gap_ms: int | None = None
    """From the end of the turn that held the floor; below 0 they overlap. None where a time is
    unknown."""
    floor: str | None = None
    """The participant who had the floor before; a backchannel does not take it."""
    part: Part = "middle"
    """Of the dialogue."""


class Unread(Fact):
    """Something of a turn that no reader could tell, and why."""

    reading: str
    """`affect`, `act`, `topic`, `timing` or `features`."""
    because: str


class Features(Fact):
    """What was measured in the sound of a turn; None where there was too little to measure."""

    duration_s: float
    """Of the sound, silence included."""
    f0_median_hz: float | None = None
    f0_range_st: float | None = None
    """Semitones between the 5th and the 95th percentile of F0."""
    f0_final_slope: float | None = None
    """Semitones by which F0 moves over the last voiced 250 ms: above 0 it rises."""
    loudness_lufs: float | None = None
    """Integrated loudness by ITU-R BS.1770."""
    rate_syll_s: float | None = None
    """Articulation rate: syllables of the text in a second of speech without its pauses."""
    speech_s: float = 0.0
    """From the first sound to the last, without the pauses."""
    pauses: int = 0
    """Silences of at least 200 ms between the first sound and the last."""
    pauses_s: float = 0.0
    """Of all of them."""
    longest_pause_s: float = 0.0
    notes: tuple[str, ...] = ()
    """What to know before trusting the figures, in words."""
