from collections.abc import AsyncIterator

import pytest

from tests.api.door import Door


@pytest.fixture
async def closed() -> AsyncIterator[Door]:
    """A door behind which nothing has happened yet."""
    door = Door()
    async with door.client:
        yield door


@pytest.fixture
async def door(closed: Door) -> Door:
    """A door behind which conversation `c` of Ann and Bob has been started."""
    assert (await closed.start()).status_code == 201
    return closed
