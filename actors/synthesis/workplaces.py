"""The places at which phrases are spoken, and how soon each is done with what it has.

Pure. A worker has places, each of which makes sound at full speed, and may have more phrases open
than that: it then makes the most urgent piece of sound first. Which phrase its time goes to is its
own affair; here it is guessed that they share it evenly.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lease:
    """A place at a worker, for one phrase."""

    lease_id: int
    worker: int
    due_in_s: float = 0.0
    """Until its first piece is wanted, by the order in which phrases are served."""
    work_s: float = 0.0
    """What it is expected to take of a place's time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a phrase at its place."""

    sound_s: float = 0.0
    """Of sound that was made there."""
    worked_s: float = 0.0
    """For which the place was busy with it; 0 if nobody knows."""
    late_s: float = 0.0
    """How much later than wanted sound came, at the worst."""
    died: bool = False
    """Whether the worker died; the phrase will be asked for again."""
    finished: bool = False
    """Whether the whole phrase was spoken; if not, its turn is over."""


NOTHING = Outcome()


@dataclass(slots=True)
class _Open:
    lease: Lease
    since: float
    worked_before_s: float


@dataclass(slots=True)
class _Worker:
    places: int
    dead: bool = False
    each_has_worked_s: float = 0.0
    at: float = 0.0
    open: dict[int, _Open] = field(default_factory=dict)

    def advance(self, now: float) -> None:
        share = min(1.0, self.places / max(1, len(self.open)))
        self.each_has_worked_s += share * (now - self.at)
        self.at = now

    def left_s(self, now: float) -> float:
        """Work until it is idle, for each of its places."""
        self.advance(now)
        left = (
            max(0.0, it.lease.work_s - self.each_has_worked_s + it.worked_before_s)
            for it in self.open.values()
        )
        return sum(left) / self.places


class Workplaces:
    """Lends the places of workers, evenly.

    Args:
        places: The worker of each place.
        crowd: Phrases that may be open for each place.
    """

    def __init__(self, places: Iterable[int], crowd: int) -> None:
        self._crowd = crowd
        self._workers = {worker: _Worker(count) for worker, count in Counter(places).items()}
        self._at: dict[int, int] = {}  # the worker of each lease

    @property
    def places(self) -> int:
        """Of workers that live."""
        return sum(worker.places for worker in self._workers.values() if not worker.dead)

    @property
    def workers(self) -> frozenset[int]:
        return frozenset(self._workers)

    @property
    def dead(self) -> frozenset[int]:
        return frozenset(name for name, worker in self._workers.items() if worker.dead)

    @property
    def lent(self) -> int:
        return len(self._at)

    @property
    def busy(self) -> int:
        """Places at which somebody speaks."""
        return sum(min(worker.places, len(worker.open)) for worker in self._workers.values())

    def free(self) -> bool:
        """Whether one more phrase can be opened."""
        return any(map(self._has_room, self._workers.values()))

    def lend(self, lease_id: int, due_in_s: float, work_s: float, now: float) -> Lease:
        """The least crowded place, of these the one soonest done; there must be a free one."""
        name = min(
            (name for name, worker in self._workers.items() if self._has_room(worker)),
            key=lambda name: (self._crowding(name), self._workers[name].left_s(now)),
        )
        worker = self._workers[name]
        worker.advance(now)
        lease = Lease(lease_id, name, due_in_s, work_s)
        worker.open[lease_id] = _Open(lease, now, worker.each_has_worked_s)
        self._at[lease_id] = name
        return lease

    def back(self, lease_id: int, now: float) -> Lease | None:
        """Take a place back; None if it is not lent."""
        if lease_id not in self._at:
            return None
        worker = self._workers[self._at.pop(lease_id)]
        worker.advance(now)
        return worker.open.pop(lease_id).lease

    def left_s(self, now: float) -> float:
        """Seconds until a place is done with what it has; 0 if nobody lives."""
        living = [worker for worker in self._workers.values() if not worker.dead]
        return min((worker.left_s(now) for worker in living), default=0.0)

    def held(self, for_s: float, now: float) -> tuple[Lease, ...]:
        """Leases that were lent so long ago."""
        opened = (it for worker in self._workers.values() for it in worker.open.values())
        return tuple(it.lease for it in opened if now - it.since >= for_s)

    def bury(self, name: int) -> None:
        """A worker is dead: nothing is lent there until it is revived."""
        if name in self._workers:
            self._workers[name].dead = True

    def revive(self, name: int) -> None:
        if name in self._workers:
            self._workers[name].dead = False

    def add(self, name: int, places: int) -> None:
        """A worker comes along; it is dead until it is revived."""
        self._workers[name] = _Worker(places, dead=True)

    def retire(self) -> int | None:
        """Do without a worker that has nothing to do, the newest; None if all are at work."""
        idle = [name for name, worker in self._workers.items() if not worker.open]
        if not idle:
            return None
        del self._workers[max(idle)]
        return max(idle)

    def _has_room(self, worker: _Worker) -> bool:
        return not worker.dead and len(worker.open) < worker.places * self._crowd

    def _crowding(self, name: int) -> int:
        worker = self._workers[name]
        return len(worker.open) // worker.places
