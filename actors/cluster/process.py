"""What the processes of this room have in common.

Their classes are thin: plain ones of other rooms as Ray actors, each the whole of a process.

Nothing is retried by Ray (`max_task_retries=0`): a retried call would be done twice and a retried
stream would be spliced from two runs. Whoever asks, asks again, under the same name.

Each kind has a module of its own, and imports drivers where it needs them: there are many processes
for conversations, and each would pay for DuckDB and FFmpeg.
"""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayActorError

from actors.cluster.exchange import Exchange, methods_of
from actors.cluster.remote import answer
from actors.cluster.wire import Endpoint

MOST_CALLS_AT_ONCE = 1000
MOST_CALLS_WAITING = 20_000
TEND_EVERY_S = 2.0
BUSY_ASYNC = {
    "max_concurrency": MOST_CALLS_AT_ONCE,
    "max_pending_calls": MOST_CALLS_WAITING,
    "enable_task_events": False,
}
"""Options of an actor with many short calls."""
_log = logging.getLogger(__name__)


async def endpoint_of(actor: Any, within_s: float) -> Endpoint:
    """Where a new actor answers; one that does not come up in time is ended.

    Raises:
        ProcessDied: it did not come up.
    """
    try:
        endpoint: Endpoint = await answer(actor.endpoint.remote(), within_s)
    except BaseException:
        with suppress(RayActorError):
            ray.kill(actor)  # or it would come up later, with nobody to know of it
        raise
    return endpoint


def trace_to(endpoint: str | None, process: str) -> None:
    """Send the spans of this process, if anybody wants them."""
    if endpoint is None:
        return
    try:
        from actors.telemetry import Sender

        Sender(endpoint, process)
    except ModuleNotFoundError:
        _log.warning("no traces from this machine: it lacks the extra `traces` of colloquy")


def exchange_of(target: object, methods: Iterable[str]) -> Exchange:
    return Exchange(methods_of(target, methods), ray.util.get_node_ip_address())


def settle_in() -> None:
    """Have Python look for garbage in what comes from here on, soon, and not in what is there.

    It looks through everything only when a quarter has been added: here that is many megabytes.
    """
    gc.collect()
    gc.freeze()


async def repeatedly(work: Callable[[], Awaitable[object]], every_s: float) -> None:
    """For as long as the process lives; what fails is tried again the next time."""
    while True:
        try:
            await work()
        except Exception as failure:  # noqa: BLE001  (nobody waits for this: the log must tell)
            _log.warning("upkeep failed and will be tried again: %s", type(failure).__name__)
        await asyncio.sleep(every_s)
