"""The archive follows the log by itself, and never in the way of anything else."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import pytest

from analytics import upkeep
from analytics.upkeep import CompactionFailed, compact_beside, keep
from analytics.warehouse import Warehouse
from tests.fakes.clock import VirtualLoop
from tests.unit.analytics import logs
from tests.unit.analytics.logs import NOON, heard, opening


class Compactions:
    """When there was one, by the loop's clock; those of the numbers named fail."""

    def __init__(self, *failing: int) -> None:
        self.at: list[float] = []
        self._failing = failing

    async def __call__(self) -> None:
        self.at.append(asyncio.get_running_loop().time())
        if len(self.at) in self._failing:
            raise CompactionFailed("exit status 2")


async def for_a_while(work: Compactions, every_s: float, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await keep(work, every_s)


def running(work: Compactions, every_s: float, seconds: float) -> list[float]:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(for_a_while(work, every_s, seconds))
    return work.at


def test_it_begins_soon_and_goes_on_at_its_pace() -> None:
    assert running(Compactions(), 3600, 8000) == [60, 3660, 7260]
    assert running(Compactions(), 10, 35) == [10, 20, 30]


def test_what_fails_is_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, upkeep.__name__):
        assert running(Compactions(1), 10, 25) == [10, 20]
    assert caplog.messages == ["the archive was not brought up to date: exit status 2"]


async def test_another_process_brings_it_up_to_date(tmp_path: Path) -> None:
    lines = {"c1": [*opening(), heard(1, "ann", "Hi", NOON, NOON)]}
    logs.write_segments(tmp_path, logs.recorded(dict(lines)))
    await compact_beside(tmp_path)
    assert Warehouse.open(tmp_path).archived == 4


async def test_that_it_cannot_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CompactionFailed, match="exit status 2"):
        await compact_beside(tmp_path / "missing")


async def test_nobody_is_left_behind_when_the_waiting_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "COMMAND", ("sleep", "60"))
    monkeypatch.setattr(upkeep, "MOST_S", 0.0)
    with pytest.raises(CompactionFailed, match="not done"):
        await compact_beside(Path("60"))
