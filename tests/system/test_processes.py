"""The shells of processes, in a small cluster of their own."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import ray
from ray.exceptions import RayActorError

from actors.cluster.exchange import Exchange
from actors.cluster.process import endpoint_of
from actors.cluster.remote import line_to
from actors.cluster.wire import Endpoint
from actors.directory import ProcessDied


class Echo:
    def __init__(self) -> None:
        self._exchange = Exchange({"say": self.say}, ray.util.get_node_ip_address())

    async def endpoint(self) -> Endpoint:
        return await self._exchange.endpoint()

    async def say(self, word: str) -> str:
        return word


class NeverUp:
    async def endpoint(self) -> Endpoint:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async def alive(self) -> bool:
        return True


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray.init(
        address="local",
        num_cpus=1,
        include_dashboard=False,
        object_store_memory=90_000_000,
        logging_level="error",
        log_to_driver=False,
    )
    yield
    ray.shutdown()


def launched(kind: type, **options: Any) -> Any:
    return ray.remote(num_cpus=0, **options)(kind).remote()


async def test_a_process_that_came_up_is_reached_past_ray(cluster: None) -> None:
    actor = launched(Echo)
    endpoint = await endpoint_of(actor, 30.0)
    assert endpoint.port
    line = line_to(actor)
    assert await line.call("say", "a word") == "a word"
    line.close()


async def test_a_process_that_was_started_again_is_found_again(cluster: None) -> None:
    actor = launched(Echo, max_restarts=1)
    line = line_to(actor)
    assert await line.call("say", "before") == "before"
    ray.kill(actor, no_restart=False)
    while True:
        try:
            assert await line.call("say", "after") == "after"
            break
        except ProcessDied:
            continue
    line.close()


async def test_a_process_that_does_not_come_up_in_time_is_ended(cluster: None) -> None:
    actor = launched(NeverUp)
    assert await actor.alive.remote()
    with pytest.raises(ProcessDied):
        await endpoint_of(actor, 0.2)
    with pytest.raises(RayActorError):
        await actor.alive.remote()
