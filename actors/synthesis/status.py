"""What a watcher sees of the pool."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """Sums since the pool began, unless said otherwise."""

    workers: int
    """Places, at this moment."""
    busy: int
    """Places, at this moment."""
    waiting: int
    """Phrases that wait for a place, at this moment."""
    served: int
    """Phrases that were given a place."""
    refused: int
    """Turns that were told to come again, and phrases that waited in vain."""
    admitted: int = 0
    """Turns."""
    talking: int = 0
    """Turns that were let in and want sound yet, at this moment."""
    waited_s: float = 0.0
    """By all phrases that were served."""
    missed: int = 0
    """Phrases of which sound came after their listener had run dry; not counting first ones."""
    late_s: float = 0.0
    """By those phrases, each at its latest."""
    hung: int = 0
    """Workers that were ended because they did not come on."""
    real_time_factor: float = 0.0
    """Seconds of a place for a second of sound, as expected at this moment."""
    seconds_per_character: float = 0.0
    """Of sound, as expected at this moment."""
    load: float = 0.0
    """Places that are claimed at this moment, by who talks and who was told to come again."""
