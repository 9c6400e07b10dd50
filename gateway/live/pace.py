"""How fast sound leaves: as fast as it is made, or only so far ahead of its playing."""

from collections.abc import Callable


class Pace:
    """Knows how long what was sent will be playing, if it is played at once.

    Args:
        ahead_s: How much of it may wait to be played; None if that does not matter.
        clock: Seconds, from any origin.
    """

    def __init__(self, ahead_s: float | None, clock: Callable[[], float]) -> None:
        self._ahead_s = ahead_s
        self._clock = clock
        self._plays_until = clock()

    @property
    def wait_s(self) -> float:
        """Until more may leave."""
        if self._ahead_s is None:
            return 0.0
        return max(0.0, self._plays_until - self._clock() - self._ahead_s)

    def sent(self, sound_s: float) -> None:
        """So much sound left."""
        self._plays_until = max(self._clock(), self._plays_until) + sound_s
