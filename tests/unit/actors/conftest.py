import asyncio
from collections.abc import Callable, Mapping

from tests.fakes.clock import VirtualLoop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Sleeps and timeouts of these tests take no time."""
    return {"virtual": VirtualLoop}
