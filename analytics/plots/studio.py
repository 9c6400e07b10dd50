"""Plots, drawn in another process, so that nobody waits for them who did not ask."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from analytics.plots import Theme
from analytics.sandbox_pool import Died, NoProcess, Overdue, Pool, TooManyWait
from analytics.scope import EVERYTHING, Scope

COMMAND = (sys.executable, "-m", "analytics.plots.process")
DRAWN_WITHIN_S = 30.0
MOST_WAITING = 32


class CannotDraw(Exception):
    """A plot cannot be drawn at the moment; the message says why."""


class NoPlots(CannotDraw):
    """matplotlib is not installed."""


@dataclass(frozen=True, slots=True)
class Drawn:
    svg: bytes = field(repr=False)
    position: int
    """The last position of the log that it shows."""


class Studio:
    """Draws one plot after the other; belongs to one event loop."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._pool = Pool(COMMAND, {}, processes=1, most_waiting=MOST_WAITING)

    async def draw(self, name: str, theme: Theme, scope: Scope = EVERYTHING) -> Drawn:
        """A plot of what is seen in a scope.

        Raises:
            NoPlots, CannotDraw
        """
        shown = {"scope": scope.message(), "data_dir": str(self._data_dir)}
        order = {"name": name, "theme": theme, **shown}
        try:
            told, svg = await self._pool.ask(order, DRAWN_WITHIN_S)
        except (TooManyWait, Overdue, Died, NoProcess) as failure:
            raise CannotDraw("this plot cannot be drawn for the moment; ask again") from failure
        if told.get("error") == "missing":
            raise NoPlots(told["message"])
        if "error" in told:
            raise CannotDraw(f"this plot could not be drawn ({told['message']})")
        return Drawn(svg, told["position"])

    async def close(self) -> None:
        await self._pool.close()
