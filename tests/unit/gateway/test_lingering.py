"""A lost connection is a listener who left, once nobody can have come back."""

import asyncio

from actors.commands import Part
from gateway.live.lingering import Lingering

GONE = Part("t1", "one", 300, whole=False)


async def test_a_departure_is_told_after_a_while() -> None:
    told: list[tuple[str, Part]] = []

    async def tell(conversation_id: str, gone: Part) -> None:
        told.append((conversation_id, gone))

    lingering = Lingering(tell, within_s=0.01)
    lingering.leave("c", GONE)
    await asyncio.sleep(0)
    assert told == []
    await _idle()
    assert told == [("c", GONE)]


async def test_a_departure_that_cannot_be_told_harms_nobody() -> None:
    async def tell(_: str, __: Part) -> None:
        raise OSError("no")

    Lingering(tell, within_s=0).leave("c", GONE)
    await _idle()


async def test_closed_it_tells_nothing_more() -> None:
    async def tell(_: str, __: Part) -> None:
        raise AssertionError("nobody asked")

    lingering = Lingering(tell, within_s=60)
    lingering.leave("c", GONE)
    await asyncio.sleep(0)
    lingering.close()
    await _idle()


async def _idle() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
