"""What is done with tasks that may fail after everybody has stopped waiting for them."""

import asyncio
from typing import Any


def heard_of(done: "asyncio.Future[Any]") -> None:
    """A failure of this is raised to whoever waits, which may be nobody.

    Unheard of, asyncio would log it with its message, which may hold words that somebody spoke.
    """
    if not done.cancelled():
        done.exception()
