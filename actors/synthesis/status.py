"""What a watcher sees of the pool."""

from dataclasses import dataclass

from actors.spread import NOTHING_YET, Spread


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
    waits: Spread = NOTHING_YET
    """Seconds that phrases which were served had waited for a place."""
    lateness: Spread = NOTHING_YET
    """Seconds by which sound of a phrase came after its listener had run dry, at its latest; of
    phrases of which some did, first ones of a turn aside."""
    sound_s: float = 0.0
    """Of sound that was made."""
    worked_s: float = 0.0
    """For which places were busy with it."""
    dead: int = 0
    """Workers that do not answer, or do not answer yet, at this moment."""
    hung: int = 0
    """Workers that were ended because they did not come on."""
    real_time_factor: float = 0.0
    """Seconds of a place for a second of sound, as expected at this moment."""
    seconds_per_character: float = 0.0
    """Of sound, as expected at this moment."""
    load: float = 0.0
    """Places that are claimed at this moment, by who talks and who was told to come again."""
