"""Who takes part in a conversation, and what they have said in all of it."""

from dataclasses import dataclass
from typing import NamedTuple

from events.turns import Role


@dataclass(frozen=True, slots=True)
class Participant:
    id: str
    name: str | None
    role: Role
    voice: str | None = None
    present: bool = True
    intensity: float | None = None
    """How much of full expression is heard, from 0 to 1; None is that of the conversation."""


class SpeakerSummary(NamedTuple):
    """What outlives the window: one participant's share of the whole conversation."""

    turns: int = 0
    words: int = 0
    """Words said, whether or not they were heard."""
    spoken_s: float = 0.0
    """Seconds of speech whose times are known."""
    interrupted: int = 0
    """Turns that somebody cut short."""
    timed_words: int = 0
    """Words that sounded in `spoken_s`."""
    questions: int = 0
    """Turns that asked something."""
    backchannels: int = 0

    @property
    def words_a_second(self) -> float | None:
        return self.timed_words / self.spoken_s if self.spoken_s > 0 else None

    @property
    def words_a_turn(self) -> float | None:
        return self.words / self.turns if self.turns else None

    @property
    def question_share(self) -> float | None:
        """Of the turns."""
        return self.questions / self.turns if self.turns else None

    @property
    def backchannel_share(self) -> float | None:
        """Of the turns."""
        return self.backchannels / self.turns if self.turns else None
