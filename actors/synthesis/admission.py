"""Whether one more may begin to talk, or would make others stutter; and if so, when to come again.

Pure; a fluid model of the schedule. A talker who runs dry in `dry_in_s` and has `rest_s` of sound
to be made wants, until any time t from here, `factor * min(rest_s, max(0, t - dry_in_s))` seconds
of the places' time. Served by earliest deadline, all are in time if for every t the sum of what
they want is at most what the places have, `capacity * t` (the processor demand criterion: Baruah,
Rosier and Howell 1990). Phrases are not a fluid: what they cost more is why a pool lets itself be
claimed for less than it has.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

EXACT = 1e-9
FIRST_SOUND_WITHIN_S = 0.2
"""How soon a listener expects the first sound: the deadline of a first phrase."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a talker wants: sound from a moment on, at the speed at which it is heard."""

    dry_in_s: float
    """Until the listener runs out of sound; below 0 where that has happened."""
    rest_s: float
    """Sound that is to be made."""

    @property
    def over_in_s(self) -> float:
        """When all will have been heard, if nobody has to wait.

        It is the same however far ahead of its listener the sound is made.
        """
        return max(0.0, self.dry_in_s) + self.rest_s


@dataclass(frozen=True, slots=True)
class Capacity:
    places: float
    """That may be claimed, each a second of work a second."""
    real_time_factor: float
    """Work for a second of sound."""

    @property
    def talkers(self) -> int:
        """How many can talk for ever; one at least, who stutters by the engine's own fault."""
        return max(1, math.floor(self.places / max(self.real_time_factor, EXACT) + EXACT))


def fits(demands: Iterable[Demand], capacity: Capacity) -> bool:
    """Whether all that is wanted can be made before it is wanted."""
    turns: list[tuple[float, int]] = []
    for demand in demands:
        turns += [(max(0.0, demand.dry_in_s), 1), (demand.over_in_s, -1)]
    wanted = at_s = 0.0
    talking = 0
    for turn_s, step in sorted(turns):  # between two of them the sum is a straight line
        wanted += capacity.real_time_factor * talking * (turn_s - at_s)
        at_s, talking = turn_s, talking + step
        if wanted > capacity.places * at_s + EXACT:
            return False
    return True


def room_in_s(demands: Iterable[Demand], capacity: Capacity, most: int | None = None) -> float:
    """Seconds after which one more fits, however long it talks, if nobody else comes meanwhile.

    By then so many have been heard to their end that those who are left, and one more, want no more
    than there is at any moment. That is true from then on, although one more may fit before.

    Args:
        demands: Of those who talk.
        capacity: What there is for them.
        most: Talkers at the most; what `capacity` allows by default.
    """
    ends = sorted(demand.over_in_s for demand in demands)
    leave = len(ends) + 1 - (capacity.talkers if most is None else max(1, most))
    return ends[leave - 1] if leave > 0 else 0.0
