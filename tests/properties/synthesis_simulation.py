"""The synthesis pool in virtual time: the pool itself, workers that take as long as they are told,
and talkers who are heard.

Nothing of the schedule is written anew here: `SynthesisPool` admits, orders and lends, and a worker
has the order of `Turnstile`, for tasks instead of threads.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from actors.refusals import Busy
from actors.synthesis.admission import FIRST_SOUND_WITHIN_S
from actors.synthesis.claims import EVERYBODY, Claim
from actors.synthesis.costs import SECONDS_PER_CHARACTER
from actors.synthesis.pool import SynthesisPool
from actors.synthesis.schedule import DeadlineQueue
from actors.synthesis.workplaces import Outcome
from tests.fakes.clock import VirtualLoop

FOREVER_S = 1e9
EXACT = 1e-6


@dataclass(frozen=True)
class Machine:
    """What is simulated: workers, and an engine."""

    workers: int = 2
    places: int = 1
    """Of each worker."""
    crowd: int = 8
    real_time_factor: float = 0.4
    piece_s: float = 1.0
    """The longest piece of sound, which nothing interrupts."""
    max_load: float = 0.9
    known: bool = True
    """Whether the pool knows the cost from the beginning."""

    @property
    def all_places(self) -> int:
        return self.workers * self.places


@dataclass(frozen=True)
class Line:
    """A turn that somebody wants to be spoken."""

    turn_id: str
    phrases: tuple[int, ...]
    """Characters of each."""
    at: float = 0.0
    conversation_id: str = ""
    key_id: str = EVERYBODY
    holds_back_s: float = 0.0
    """Of sound, which the listener has in hand before beginning to listen."""
    comes_again: int = 0
    """How often it asks again after it was refused, when it was told to."""


@dataclass
class Heard:
    """What became of a line."""

    line: Line
    asked: list[tuple[float, float | None]] = field(default_factory=list)
    """When it asked to begin, and after how many seconds it was told to come again, if it was."""
    first_at: float | None = None
    ended_at: float | None = None
    late_s: float = 0.0
    """By how much a piece came after its listener had run dry, at the worst; not the first."""
    sound_s: float = 0.0


class Gate:
    """One worker: so many at once, the most urgent first."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._queue = DeadlineQueue(10_000)

    @asynccontextmanager
    async def turn(self, deadline: float) -> AsyncIterator[None]:
        if self._free:
            self._free -= 1
        else:
            called = asyncio.get_running_loop().create_future()
            self._queue.push(called, deadline)
            await called
        try:
            yield
        finally:
            called = self._queue.pop()
            if isinstance(called, asyncio.Future):
                called.set_result(None)
            else:
                self._free += 1


class Simulation:
    """Lines spoken on a machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.clock = asyncio.get_running_loop().time
        self.pool = SynthesisPool(
            [*range(machine.workers)] * machine.places,
            max_waiting=1000,
            lease_s=FOREVER_S,
            clock=self.clock,
            on_expiry=lambda _: None,
            crowd=machine.crowd,
            max_load=machine.max_load,
            real_time_factor=machine.real_time_factor if machine.known else 0.0,
        )
        self._gates = [Gate(machine.places) for _ in range(machine.workers)]
        self.idled = False
        """Whether a phrase ever waited while there was a free place."""

    async def speak(self, line: Line) -> Heard:
        await asyncio.sleep(line.at)
        heard = Heard(line)
        claim = Claim(line.turn_id, line.conversation_id, line.key_id)
        for _ in range(line.comes_again + 1):
            try:
                self.pool.admit(claim, FIRST_SOUND_WITHIN_S, sum(line.phrases))
            except Busy as busy:
                heard.asked.append((self.clock(), busy.retry_after_s))
                await asyncio.sleep(busy.retry_after_s)
            else:
                heard.asked.append((self.clock(), None))
                await self._spoken(heard, claim)
                break
        return heard

    async def _spoken(self, heard: Heard, claim: Claim) -> None:
        dry_at = self.clock() + FIRST_SOUND_WITHIN_S
        for number, characters in enumerate(heard.line.phrases):
            following = sum(heard.line.phrases[number + 1 :])
            part = claim.of_phrase(following, begun=number > 0)
            asked = dry_at - self.clock(), FOREVER_S, part, characters
            leasing = asyncio.ensure_future(self.pool.lease(*asked))
            await asyncio.sleep(0)
            self._look()
            lease = await leasing
            due, came_s, worked_s, worst_s = self.clock() + lease.due_in_s, 0.0, 0.0, 0.0
            for piece_s in self._pieces(characters):
                async with self._gates[lease.worker].turn(due):
                    await asyncio.sleep(self.machine.real_time_factor * piece_s)
                if heard.first_at is None:
                    heard.first_at = self.clock()
                    dry_at = heard.first_at + heard.line.holds_back_s
                worst_s = max(worst_s, self.clock() - dry_at)
                dry_at = max(dry_at, self.clock()) + piece_s
                due, came_s = due + piece_s, came_s + piece_s
                worked_s += self.machine.real_time_factor * piece_s
            heard.sound_s += came_s
            heard.late_s = max(heard.late_s, worst_s)
            came = Outcome(came_s, worked_s, worst_s, finished=True)
            self.pool.release(lease.lease_id, came)
            self._look()
        heard.ended_at = self.clock()

    def _pieces(self, characters: int) -> list[float]:
        sound_s = characters * SECONDS_PER_CHARACTER
        whole, rest = divmod(sound_s, self.machine.piece_s)
        return [self.machine.piece_s] * int(whole) + [rest] * (rest > EXACT)

    def _look(self) -> None:
        status = self.pool.status()
        self.idled |= status.waiting > 0 and status.busy < status.workers


def simulate(machine: Machine, lines: Iterable[Line]) -> tuple[list[Heard], Simulation]:
    """Speak lines until all are over; takes no time."""

    async def play() -> tuple[list[Heard], Simulation]:
        simulation = Simulation(machine)
        return await asyncio.gather(*map(simulation.speak, lines)), simulation

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(play())


def talk(seed: int, turns: int, name: str = "t", *, most: int = 250) -> tuple[int, ...]:
    """Characters of the phrases of a long turn, as texts are cut: the first is short."""
    draw = random.Random(f"{seed} {name}")  # noqa: S311
    return (draw.randint(20, 60), *(draw.randint(30, most) for _ in range(turns - 1)))


def in_the_order_of_asking(heards: Sequence[Heard]) -> list[Heard]:
    return sorted(heards, key=lambda heard: heard.asked[0][0])
