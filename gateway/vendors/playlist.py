"""How much of each turn can have been heard, where the caller does not say."""

from collections.abc import Callable
from dataclasses import replace

from actors.commands import Part
from gateway.live.lingering import Lingering

MOST_REMEMBERED = 64
"""Turns; those that left before them count as played."""


class Playlist:
    """A caller who plays what comes, turn after turn, and no faster than it sounds.

    What can have been played is never more than was sent, nor than the time since then.

    Args:
        clock: Seconds, from any origin.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent_s: dict[str, float] = {}
        """Of each turn, in the order in which they are played."""
        self._dry_at = clock()
        """When nothing will be left to play."""

    def add(self, turn_id: str, seconds: float) -> None:
        """More of a turn has left; it is played after all that left before."""
        self._sent_s[turn_id] = self._sent_s.get(turn_id, 0.0) + seconds
        self._dry_at = max(self._dry_at, self._clock()) + seconds
        if len(self._sent_s) > MOST_REMEMBERED:
            self._sent_s.pop(next(iter(self._sent_s)))

    def played_s(self, turn_id: str) -> float:
        """Seconds of a turn that can have been played; 0 if none of it left."""
        waiting_s = max(0.0, self._dry_at - self._clock())
        for name in reversed(self._sent_s):
            sent_s = self._sent_s[name]
            if name == turn_id:
                return max(0.0, sent_s - waiting_s)
            waiting_s = max(0.0, waiting_s - sent_s)
        return 0.0

    def waiting_s(self, turn_id: str) -> float:
        """Seconds of a turn that left and were not played."""
        return self._sent_s.get(turn_id, 0.0) - self.played_s(turn_id)

    def drop(self, turn_id: str) -> None:
        """What waits of a turn is not played."""
        waiting_s = self.waiting_s(turn_id)
        if waiting_s > 0:
            self._sent_s[turn_id] -= waiting_s
            self._dry_at -= waiting_s


class HeardUntil:
    """Departures of callers who cannot come back: they heard what they can have played."""

    def __init__(self, lingering: Lingering, playlist: Playlist) -> None:
        self._lingering = lingering
        self._playlist = playlist

    def leave(self, conversation_id: str, gone: Part) -> None:
        played_ms = round(self._playlist.played_s(gone.turn_id) * 1000)
        heard = replace(gone, delivered_ms=min(gone.delivered_ms, played_ms))
        self._lingering.leave(conversation_id, heard, within_s=0)
