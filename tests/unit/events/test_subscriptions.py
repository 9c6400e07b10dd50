"""The newest events, as far as they are kept."""

from dataclasses import replace
from operator import attrgetter

from events.envelope import Recorded
from events.subscriptions import Tail
from tests.contracts.logs import an_append, event, memory_log


async def recorded(count: int) -> list[Recorded]:
    log = memory_log()
    epoch = (await log.open("a")).epoch
    return list(await log.append(an_append("a", epoch, events=(event(),) * count)))


async def test_a_tail_gives_what_it_has_and_says_where_it_has_not_all() -> None:
    events = await recorded(6)
    tail = Tail(capacity=4)
    tail.extend(events)
    assert tail.after(6, 10) == ()
    assert tail.after(2, 10) == tuple(events[2:])
    assert tail.after(2, 3) == tuple(events[2:5])
    assert tail.after(1, 10) is None


async def test_a_tail_never_hides_a_gap() -> None:
    events = await recorded(6)
    tail = Tail()
    tail.extend(events[:2])
    tail.extend(events[4:])
    assert tail.after(3, 10) is None
    assert tail.after(0, 10) is None
    assert tail.after(4, 10) == tuple(events[4:])


async def test_a_tail_counts_by_versions_too() -> None:
    events = [replace(e, position=e.position * 10) for e in await recorded(5)]
    tail = Tail(number=attrgetter("version"))
    tail.extend(events[2:])
    assert (tail.last, tail.after(3, 10), tail.after(1, 10)) == (5, tuple(events[3:]), None)
