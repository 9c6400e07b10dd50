import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from threading import Event

import pytest

from actors.synthesis.conveyor import MOST_WAITING, conveyed

SOON_S = 20


@pytest.fixture
def maker() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


async def test_all_things_arrive_in_order(maker: ThreadPoolExecutor) -> None:
    arrived = [thing async for things in conveyed(iter(range(1000)), maker) for thing in things]
    assert arrived == list(range(1000))


async def test_nothing_is_nothing(maker: ThreadPoolExecutor) -> None:
    assert [things async for things in conveyed(iter(()), maker)] == []


async def test_what_is_made_leaves_without_waiting_for_the_rest(
    maker: ThreadPoolExecutor,
) -> None:
    go_on = Event()

    def made() -> Iterator[int]:
        yield 1
        assert go_on.wait(SOON_S)
        yield 2

    things = conveyed(made(), maker)
    assert await anext(things) == (1,)
    go_on.set()
    assert await anext(things) == (2,)


async def test_things_that_gather_come_together(maker: ThreadPoolExecutor) -> None:
    made = Event()

    def all_at_once() -> Iterator[int]:
        yield from range(10)
        made.set()

    things = conveyed(all_at_once(), maker)
    taking = asyncio.ensure_future(anext(things))
    await asyncio.sleep(0)
    made.wait(SOON_S)  # the loop stands still meanwhile
    assert await taking == tuple(range(10))


async def test_no_more_is_made_than_may_wait(maker: ThreadPoolExecutor) -> None:
    made: list[int] = []
    enough = Event()

    def without_end() -> Iterator[int]:
        while True:
            made.append(len(made))
            if len(made) > MOST_WAITING:
                enough.set()
            yield made[-1]

    async with aclosing(conveyed(without_end(), maker)) as things:
        taking = asyncio.ensure_future(anext(things))
        await asyncio.sleep(0)
        enough.wait(SOON_S)  # the loop stands still meanwhile
        assert len(made) == MOST_WAITING + 1
        assert await taking == tuple(range(MOST_WAITING))


async def test_what_making_raises_comes_after_what_was_made(maker: ThreadPoolExecutor) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("broken")

    things = conveyed(broken(), maker)
    assert await anext(things) == (1,)
    with pytest.raises(LookupError, match="broken"):
        await anext(things)


async def test_who_closes_it_ends_what_is_made(maker: ThreadPoolExecutor) -> None:
    ended = Event()

    def without_end() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield (number := number + 1)
        finally:
            ended.set()

    async with aclosing(conveyed(without_end(), maker)) as things:
        assert (await anext(things))[0] == 1
    assert await asyncio.to_thread(ended.wait, SOON_S)
