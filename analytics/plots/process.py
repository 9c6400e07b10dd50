"""The process that draws: `python -m analytics.plots.process`. It runs no SQL but ours."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from analytics.plots import NOT_INSTALLED, PLOTS
from analytics.sandbox_kept import Kept
from analytics.sandbox_wire import pack, receive
from analytics.scope import Scope

NICENESS = 10
"""Whoever looks at plots gives way to whoever speaks."""
_KEPT = Kept(256 << 20)


def main() -> None:
    orders, drawn = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal; our parent decides when we end
    os.nice(NICENESS)
    while (order := receive(orders)) is not None:
        drawn.write(pack({"ready": True}) if not order else _drawn(order))
        drawn.flush()


def _drawn(order: dict[str, Any]) -> bytes:
    try:
        from analytics.plots.drawing import draw
        from analytics.plots.tables import Tables
    except ModuleNotFoundError:
        return pack({"error": "missing", "message": NOT_INSTALLED})
    name, scope = order["name"], Scope.told(order["scope"])

    def drawn(root: Any, position: int) -> bytes:
        tables = Tables(root, of_one=scope.of_one, position=position)
        return pack({"position": position}, draw(name, tables, order["theme"]))

    try:
        return _KEPT.ask(drawn, PLOTS[name].reads, Path(order["data_dir"]), scope)
    except Exception as failure:  # noqa: BLE001  (whoever asked hears of it; the next order is another)
        return pack({"error": "failed", "message": type(failure).__name__})


if __name__ == "__main__":
    main()
