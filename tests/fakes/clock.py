"""Time and names that can be foretold."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 3, 1, tzinfo=UTC)
STUCK_AFTER_S = 20
"""Real seconds for which a loop may have nothing to do but wait for a thread."""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


def ids(prefix: str = "id") -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{prefix}-{next(numbers)}"


class _Jumping(selectors.DefaultSelector):
    """Instead of waiting, moves the loop's clock to the next thing to do."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is not None:
            self.now += timeout
            return ready
        ready = super().select(STUCK_AFTER_S)
        if not ready:
            raise RuntimeError("everybody waits for something that will never happen")
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which every sleep and every timeout takes no time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        # Threads end in their own time, which a deadline on this clock would pass over.
        await super().shutdown_default_executor()


async def settle(rounds: int = 200) -> None:
    """Let everything happen that can happen without time passing."""
    for _ in range(rounds):
        await asyncio.sleep(0)
