"""What speaking costs here, learned from what it has cost so far.

Pure. The estimates are ratios of sums in which what is long ago counts for less: of places' time to
sound, and of sound to text.
"""

from dataclasses import dataclass

FORGETTING_S = 60.0
"""After so much sound, what was known before counts for 1/e of what it did."""
PRIOR_S = 3.0
"""Seconds of sound that the first guess is worth."""
SURPRISE = 4.0
"""Times what was expected, beyond which a phrase is not believed to have cost more: the machine may
have had something else to do."""
CHEAP = 0.05
"""A real-time factor that is no surprise, whatever was expected."""
SECONDS_PER_CHARACTER = 0.065
"""The first guess: English at an even pace."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What is expected."""

    real_time_factor: float
    """Seconds of one place for a second of sound."""
    seconds_per_character: float
    """Of sound."""

    def sound_s(self, characters: int) -> float:
        return characters * self.seconds_per_character

    def work_s(self, characters: int) -> float:
        """Seconds of one place."""
        return self.real_time_factor * self.sound_s(characters)


class Costs:
    """Learns the cost of an engine on this machine, from phrase to phrase."""

    def __init__(self, real_time_factor: float) -> None:
        """Begin with a guess."""
        self._sound_s = PRIOR_S
        self._work_s = real_time_factor * PRIOR_S
        self._characters = PRIOR_S / SECONDS_PER_CHARACTER

    def learn(self, work_s: float, sound_s: float, characters: float) -> None:
        """A phrase took so many seconds of a place; so much sound came, of so much text."""
        believable = max(CHEAP, SURPRISE * self.expected.real_time_factor)
        work_s = min(work_s, believable * sound_s)
        keeps = FORGETTING_S / (FORGETTING_S + sound_s)
        self._work_s = keeps * self._work_s + work_s
        self._sound_s = keeps * self._sound_s + sound_s
        self._characters = keeps * self._characters + characters

    @property
    def expected(self) -> Cost:
        return Cost(self._work_s / self._sound_s, self._sound_s / self._characters)
