"""Has the archive follow the log, in a process that gives way to everything else."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

COMMAND = (sys.executable, "-m", "analytics", "compact", "--gently", "--data-dir")
FIRST_AFTER_S = 60.0
"""A server that is started oftener than the archive is due shall come to it, too."""
MOST_S = 3600.0
"""For one time; what it did not finish is left out, and begun again the next time."""

_log = logging.getLogger(__name__)


class CompactionFailed(Exception):
    """The process ended with an error; the message has its exit status."""


async def compact_beside(data_dir: Path) -> None:
    """Bring the archive up to the segments in another process, which ends with the waiting for it.

    Raises:
        CompactionFailed: it did not succeed, or took too long.
    """
    none = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *COMMAND, str(data_dir), stdin=none, stdout=none, stderr=none, start_new_session=True
    )
    try:
        async with asyncio.timeout(MOST_S):
            status = await process.wait()
    except TimeoutError:
        raise CompactionFailed(f"not done within {MOST_S:g} s") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
    if status:
        raise CompactionFailed(f"exit status {status}")


async def keep(compact: Callable[[], Awaitable[None]], every_s: float) -> None:
    """Compact again and again, until it is cancelled. What fails is tried again the next time."""
    await asyncio.sleep(min(FIRST_AFTER_S, every_s))
    while True:
        try:
            await compact()
        except (CompactionFailed, OSError) as failure:
            _log.warning("the archive was not brought up to date: %s", failure)
        await asyncio.sleep(every_s)
