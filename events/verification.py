"""Whether a log still is what was written, and exactly where it is not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from events.envelope import GENESIS, Damage, Recorded, Verification, relink

_ONE_BY_ONE = 1000
"""Up to so many missing events of a conversation are named one by one."""


def verify(events: Iterable[Recorded], *, promised: int = 0) -> Verification:
    """Check events in the order in which they are stored.

    `promised` is the position up to which events had been acknowledged.
    """
    inspection = _Inspection()
    for event in events:
        inspection.see(event)
    return inspection.conclude(promised)


@dataclass(slots=True)
class _Line:
    """How far one conversation has been followed."""

    version: int = 0
    position: int = 0
    chains: tuple[bytes, ...] = (GENESIS,)
    """What the next event may build on: two, where the stored hash and the true one differ."""

    def expects(self, event: Recorded) -> bool:
        return any(relink(chain, event) == event.chain for chain in self.chains)


@dataclass(frozen=True, slots=True)
class _Hole:
    """Versions of a conversation not seen, and the positions between which they were."""

    conversation_id: str
    first: int
    last: int
    after: int
    before: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


class _Gaps:
    """Positions not seen below the highest one seen, as closed intervals in ascending order."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, first: int, last: int) -> None:
        if first <= last:
            self._spans.append((first, last))

    def fill(self, position: int) -> bool:
        """Strike a position out; False if it was not missing."""
        for index, (first, last) in enumerate(self._spans):
            if first <= position <= last:
                parts = [(first, position - 1), (position + 1, last)]
                self._spans[index : index + 1] = [(a, b) for a, b in parts if a <= b]
                return True
        return False

    def between(self, after: int, before: int) -> int:
        """How many missing positions lie strictly between two others."""
        cut = ((max(first, after + 1), min(last, before - 1)) for first, last in self._spans)
        return sum(last - first + 1 for first, last in cut if first <= last)

    def first_between(self, after: int, before: int) -> int:
        return min(max(a, after + 1) for a, b in self._spans if b > after and a < before)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._spans)


class _Inspection:
    def __init__(self) -> None:
        self._events = 0
        self._position = 0
        self._lines: dict[str, _Line] = {}
        self._gaps = _Gaps()
        self._holes: list[_Hole] = []
        self._damages: list[Damage] = []

    def see(self, event: Recorded) -> None:
        self._events += 1
        line = self._lines.get(event.conversation_id)
        if line is None:
            line = self._lines[event.conversation_id] = _Line()
        in_place = event.position == self._position + 1 and event.version == line.version + 1
        if not (in_place and relink(line.chains[0], event) == event.chain):
            self._puzzle(event, line)
            return
        self._position = line.position = event.position
        line.version, line.chains = event.version, (event.chain,)

    def conclude(self, promised: int) -> Verification:
        for hole in self._holes:
            self._explain(hole)
        for first, last in self._gaps:
            self._report(first, None, None, _missing(first, last))
        if self._position < promised:
            first = self._position + 1
            self._report(first, None, None, f"{_missing(first, promised)} at the end")
        return Verification(
            events=self._events,
            conversations=len(self._lines),
            last_position=self._position,
            damages=tuple(sorted(self._damages, key=lambda damage: damage.position)),
        )

    def _puzzle(self, event: Recorded, line: _Line) -> None:
        """Find out what is wrong with an event that is not simply the next one."""
        meant = replace(event, position=self._position + 1, version=line.version + 1)
        if line.expects(meant):
            if meant != event:
                self._say(meant, "its position or version was altered")
            self._go_on(meant, line)
        elif event.version <= line.version:
            self._look_back(event)
        elif event.position > self._position or self._out_of_order(event):
            self._look_ahead(event, line)
        else:
            self._say(event, "its position is taken: a copy, or altered")

    def _look_back(self, event: Recorded) -> None:
        """An event of a version that was passed already."""
        if event.position > self._position:
            self._say(event, "its version is taken: it was altered")
            self._gaps.add(self._position + 1, event.position - 1)
            self._position = event.position
        elif self._out_of_order(event):
            self._fill_hole(event)
        else:
            self._say(event, "it is there twice")

    def _look_ahead(self, event: Recorded, line: _Line) -> None:
        """An event of the next version, altered or out of order, or of one after a hole."""
        self._gaps.add(self._position + 1, event.position - 1)
        if event.version > line.version + 1:
            last = event.version - 1
            self._holes.append(
                _Hole(event.conversation_id, line.version + 1, last, line.position, event.position)
            )
        elif not line.expects(event):
            self._say(event, "it was altered: its hash is not that of what it says")
        self._go_on(event, line)

    def _out_of_order(self, event: Recorded) -> bool:
        filled = self._gaps.fill(event.position)
        if filled:
            self._say(event, f"it is stored after position {self._position}")
        return filled

    def _fill_hole(self, event: Recorded) -> None:
        kept: list[_Hole] = []
        for hole in self._holes:
            if hole.conversation_id == event.conversation_id and (
                hole.first <= event.version <= hole.last
            ):
                parts = (
                    replace(hole, last=event.version - 1, before=event.position),
                    replace(hole, first=event.version + 1, after=event.position),
                )
                kept.extend(part for part in parts if part.size > 0)
            else:
                kept.append(hole)
        self._holes = kept

    def _go_on(self, event: Recorded, line: _Line) -> None:
        chains: tuple[bytes, ...] = (event.chain,)
        if event.version == line.version + 1:
            # An altered event may carry its old hash or a new one: its successor tells which.
            chains += tuple(relink(chain, event) for chain in line.chains)
        line.version, line.chains = event.version, tuple(dict.fromkeys(chains))
        line.position = event.position
        self._position = max(self._position, event.position)

    def _explain(self, hole: _Hole) -> None:
        """Name missing events by position, where the missing positions leave no choice."""
        free = self._gaps.between(hole.after, hole.before)
        if free != hole.size or free > _ONE_BY_ONE:
            what = f"versions {hole.first} to {hole.last}, stored before it, are missing"
            self._report(hole.before, hole.conversation_id, hole.first, what)
            return
        for version in range(hole.first, hole.last + 1):
            position = self._gaps.first_between(hole.after, hole.before)
            self._gaps.fill(position)
            self._report(position, hole.conversation_id, version, "it is missing")

    def _say(self, event: Recorded, what: str) -> None:
        self._report(event.position, event.conversation_id, event.version, what)

    def _report(
        self, position: int, conversation: str | None, version: int | None, what: str
    ) -> None:
        self._damages.append(Damage(position, conversation, version, what))


def _missing(first: int, last: int) -> str:
    return "it is missing" if first == last else f"positions {first} to {last} are missing"
