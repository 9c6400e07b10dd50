"""One server for all tests that do not kill it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.serving import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("shared") / "data").start()
    yield running
    running.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server for one test, not yet started."""
    own = Server(tmp_path / "data")
    yield own
    own.stop()
