"""The pool: lends out places at workers, most urgent first, and turns away whom it has no room for.

Whoever was let in is served to the end; see `talkers` for who is let in.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from actors.refusals import Busy
from actors.spread import SOON_S, Tally
from actors.synthesis.admission import Capacity
from actors.synthesis.claims import NOBODYS, Claim
from actors.synthesis.costs import Cost, Costs
from actors.synthesis.schedule import DeadlineQueue, FairStarts, QueueFull
from actors.synthesis.status import PoolStatus
from actors.synthesis.talkers import Talkers, TurnedAway
from actors.synthesis.workplaces import NOTHING, Lease, Outcome, Workplaces

TYPICAL = 60
"""Characters of a phrase of which nothing is known."""


@dataclass(slots=True, eq=False)
class _Waiter:
    claim: Claim
    characters: int
    since: float
    due: float
    place: "asyncio.Future[Lease]"


class SynthesisPool:
    """Places at workers; a worker may have several.

    Args:
        places: The worker of each place.
        max_waiting: Turns that may be let in, and phrases that may wait; more are refused.
        lease_s: After so long a lease is taken back: whoever held it is gone.
        clock: Seconds, from any origin.
        on_expiry: Called with each lease that is taken back, to stop what it still does.
        crowd: Phrases that may be open for each place.
        max_load: The share of all places that may be claimed by those who talk.
        real_time_factor: The first guess at what speaking costs.
    """

    def __init__(
        self,
        places: Iterable[int],
        *,
        max_waiting: int,
        lease_s: float,
        clock: Callable[[], float],
        on_expiry: Callable[[Lease], None],
        crowd: int = 1,
        max_load: float = 1.0,
        real_time_factor: float = 0.0,
    ) -> None:
        self._workplaces = Workplaces(places, crowd)
        self._queue = DeadlineQueue(max_waiting)
        self._of_keys, self._of_conversations = FairStarts(), FairStarts()
        self._talkers = Talkers(max_waiting)
        self._costs = Costs(real_time_factor)
        self._claims: dict[int, tuple[Claim, int]] = {}  # and characters, of each lease
        self._lease_s = lease_s
        self._max_load = max_load
        self._clock = clock
        self._on_expiry = on_expiry
        self._count = self._vain = self._hung = 0
        self._waits, self._lateness = Tally(SOON_S), Tally(SOON_S)
        self._sound_s = self._worked_s = 0.0

    def admit(self, claim: Claim, deadline_in_s: float, characters: int) -> None:
        """Let a turn in before its first phrase; one that is in stays in.

        Args:
            claim: For whom; its rest is not counted.
            deadline_in_s: Seconds until its first sound is wanted.
            characters: Of all its text, as far as it is known.

        Raises:
            Busy: it would make others stutter. Asked again after the time that the refusal names,
                it finds room, if nobody else came meanwhile and text grew for nobody.
        """
        if not claim.turn_id:
            return
        sound_s = self.cost.sound_s(characters)
        try:
            self._talkers.admit(claim, deadline_in_s, sound_s, self._capacity, self._clock())
        except TurnedAway as away:
            raise Busy(math.ceil(away.retry_in_s)) from None

    def leave(self, claim: Claim) -> None:
        """A turn that was let in does not begin; nothing is changed for one that has begun."""
        self._talkers.leave(claim)

    async def lease(
        self,
        deadline_in_s: float,
        patience_s: float,
        claim: Claim = NOBODYS,
        characters: int = TYPICAL,
    ) -> Lease:
        """A place, as soon as the turn of this phrase has come.

        Args:
            deadline_in_s: Seconds until the listener would run out of sound.
            patience_s: Seconds after which the caller would rather be refused.
            claim: For whom; a turn that is new here is admitted, or refused, first.
            characters: Of the phrase.

        Raises:
            Busy: there is no room for a new turn, too many wait, or patience ran out.
        """
        waiter = self._wait(deadline_in_s, claim, characters)
        self._serve()
        try:
            async with asyncio.timeout(patience_s):
                return await waiter.place
        except TimeoutError:
            if _served(waiter):  # at the last moment
                return waiter.place.result()
            self._talkers.put_back(claim, self._clock())
            self._queue.withdraw(waiter)
            raise self._busy() from None
        except asyncio.CancelledError:
            if _served(waiter):  # but nobody is there any more
                self.release(waiter.place.result().lease_id)
            else:
                self._talkers.spoken(claim, 0.0, self._clock(), finished=False)
            raise
        finally:
            self._queue.withdraw(waiter)

    def release(self, lease_id: int, came: Outcome = NOTHING) -> None:
        """Give a place back. Does nothing if the lease had been taken back."""
        now = self._clock()
        lease = self._workplaces.back(lease_id, now)
        if lease is None:
            return
        claim, characters = self._claims.pop(lease_id)
        if came.died:
            self._workplaces.bury(lease.worker)
            self._talkers.put_back(claim, now)
        else:
            self._talkers.spoken(claim, came.sound_s, now, finished=came.finished)
            if came.sound_s > 0.0 and came.worked_s > 0.0:
                self._learn(came, characters)
        self._sound_s += came.sound_s
        self._worked_s += came.worked_s
        if came.late_s > 0.0:
            self._lateness.add(came.late_s)
        self._serve()

    def revived(self, worker: int) -> None:
        """The worker answers again: its places may be lent."""
        self._workplaces.revive(worker)
        self._serve()

    def dead(self) -> frozenset[int]:
        """Workers that were reported dead and have not been revived."""
        return self._workplaces.dead

    def died(self, worker: int) -> None:
        """The worker is not there: its places are not lent until it is revived."""
        self._workplaces.bury(worker)

    def hung(self, worker: int) -> None:
        """The worker does not come on with what it does, and is ended."""
        self._hung += 1
        self._workplaces.bury(worker)

    def add(self, worker: int, places: int) -> None:
        """A worker comes along; its places may be lent once it is revived."""
        self._workplaces.add(worker, places)

    def retire(self) -> int | None:
        """Do without a worker that has nothing to do; None if all are at work."""
        return self._workplaces.retire()

    def held(self, for_s: float) -> tuple[Lease, ...]:
        """Leases that were lent so long ago: whoever had them may have died."""
        return self._workplaces.held(for_s, self._clock())

    def expire(self) -> None:
        """Take back the leases that nobody gave back in time."""
        for lease in self.held(self._lease_s):
            self._on_expiry(lease)
            self.release(lease.lease_id)

    @property
    def cost(self) -> Cost:
        return self._costs.expected

    def status(self) -> PoolStatus:
        cost = self.cost
        return PoolStatus(
            workers=self._workplaces.places,
            busy=self._workplaces.busy,
            waiting=len(self._queue),
            served=self._count,
            refused=self._talkers.refused + self._vain,
            admitted=self._talkers.admitted,
            talking=len(self._talkers),
            waits=self._waits.spread(),
            lateness=self._lateness.spread(),
            sound_s=self._sound_s,
            worked_s=self._worked_s,
            dead=len(self._workplaces.dead),
            hung=self._hung,
            real_time_factor=cost.real_time_factor,
            seconds_per_character=cost.seconds_per_character,
            load=self._talkers.load(cost.real_time_factor, self._clock()),
        )

    @property
    def _capacity(self) -> Capacity:
        places = self._max_load * self._workplaces.places
        return Capacity(places, self.cost.real_time_factor)

    def _wait(self, deadline_in_s: float, claim: Claim, characters: int) -> _Waiter:
        now, cost = self._clock(), self.cost
        first = claim.turn_id != "" and not self._talkers.has_begun(claim)
        self.admit(claim, deadline_in_s, characters + claim.rest)
        due = now + deadline_in_s
        if first:
            due = self._fairly_due(self._talkers.admitted_as(claim), due, now)
        place: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(claim, characters, now, due, place)
        try:
            self._queue.push(waiter, due)
        except QueueFull:
            raise self._busy() from None
        self._talkers.asks(claim, deadline_in_s, cost.sound_s(characters + claim.rest), now)
        return waiter

    def _fairly_due(self, claim: Claim, due: float, now: float) -> float:
        conversation = claim.key_id, claim.conversation_id
        return max(
            self._of_keys.due(claim.key_id, due, now),
            self._of_conversations.due(conversation, due, now),
        )

    def _learn(self, came: Outcome, characters: int) -> None:
        said = characters if came.finished else came.sound_s / self.cost.seconds_per_character
        self._costs.learn(came.worked_s, came.sound_s, said)

    def _lasts_s(self, characters: int) -> float:
        return self.cost.work_s(characters) / max(1, self._workplaces.places)

    def _serve(self) -> None:
        while self._workplaces.free() and (waiter := self._next_waiter()) is not None:
            waiter.place.set_result(self._lend(waiter))

    def _lend(self, waiter: _Waiter) -> Lease:
        now = self._clock()
        self._count += 1
        self._waits.add(now - waiter.since)
        self._claims[self._count] = waiter.claim, waiter.characters
        work_s = self.cost.work_s(waiter.characters)
        return self._workplaces.lend(self._count, waiter.due - now, work_s, now)

    def _next_waiter(self) -> _Waiter | None:
        while isinstance(waiter := self._queue.pop(), _Waiter):
            if not waiter.place.done():
                return waiter
        return None

    def _busy(self) -> Busy:
        self._vain += 1
        queued_s = len(self._queue) * self._lasts_s(TYPICAL)
        return Busy(max(1, math.ceil(queued_s + self._workplaces.left_s(self._clock()))))


def _served(waiter: _Waiter) -> bool:
    return waiter.place.done() and not waiter.place.cancelled()
