"""The synthesis pool on real processes: workers die, hang, come and go, and no sound is lost."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from actors.cluster import Cluster, ClusterSettings
from actors.prosody import plain
from actors.synthesis.claims import Claim
from actors.synthesis.stage import perform
from actors.synthesis.status import PoolStatus
from gateway.settings import Settings
from tests.system.serving import command_line, descendants

LINE = "This is a sentence of some length, which takes a while. "
TEXT = LINE * 12
"""13 s of sound."""
SOON_S = 90.0


@asynccontextmanager
async def cluster(data_dir: Path, **settings: object) -> AsyncIterator[Cluster]:
    """Of a scripted engine that takes a quarter of the time that its sound lasts."""
    usual = Settings(
        data_dir=data_dir, object_store_mb=80, max_awake=1, warm=0, **settings
    ).cluster()
    particulars = {name: getattr(usual, name) for name in ClusterSettings.__slots__}
    running = await Cluster.start(ClusterSettings(**{**particulars, "engine": "scripted@0.25"}))
    try:
        yield running
    finally:
        await running.stop()


async def spoken(running: Cluster, turn_id: str, text: str = TEXT) -> bytes:
    direction = plain(text, voice="af_heart", speed=1.0)
    sounds = perform(
        running.stage, direction, clock=time.monotonic, claim=Claim(turn_id, f"of {turn_id}")
    )
    return b"".join([sound.pcm async for sound in sounds])


async def until(running: Cluster, holds: Callable[[PoolStatus], bool]) -> PoolStatus:
    async with asyncio.timeout(SOON_S):
        while not holds(status := await running.stage.status()):  # noqa: ASYNC110  (elsewhere)
            await asyncio.sleep(0.05)
    return status


def workers() -> set[int]:
    mine = descendants(os.getpid())
    return {pid for pid in mine if command_line(pid).startswith("ray::WorkerProcess")}


@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
async def test_a_worker_that_is_lost_under_load_loses_no_sound(
    tmp_path: Path, fate: signal.Signals
) -> None:
    of_others = workers()
    async with cluster(tmp_path, workers=2, max_load=100) as running:
        whole = await spoken(running, "alone")
        await until(running, lambda pool: pool.workers == 2)
        turns = [asyncio.create_task(spoken(running, f"t{n}")) for n in range(4)]
        await until(running, lambda pool: pool.busy == 2)
        os.kill(min(workers() - of_others), fate)
        async with asyncio.timeout(SOON_S):
            assert await asyncio.gather(*turns) == [whole] * 4
        status = await until(running, lambda pool: pool.workers == 2)
        assert status.talking == 0
        assert status.hung == (fate == signal.SIGSTOP)
        assert len(workers() - of_others) == 2


async def test_the_pool_grows_under_load_and_shrinks_when_it_is_quiet(tmp_path: Path) -> None:
    settings = {"workers": 1, "max_workers": 2, "worker_quiet_s": 1.0, "max_load": 100}
    async with cluster(tmp_path, **settings) as running:
        await spoken(running, "first")  # what it costs is learned from that
        turns = [asyncio.create_task(spoken(running, f"t{n}", TEXT * 4)) for n in range(4)]
        await until(running, lambda pool: pool.talking == 4)
        await until(running, lambda pool: pool.workers == 2)
        assert await spoken(running, "again")
        for turn in turns:
            turn.cancel()
        await asyncio.wait(turns)
        await until(running, lambda pool: pool.workers == 1)
        assert await spoken(running, "later")
