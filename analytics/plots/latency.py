"""Where the time of each spoken turn went, and how it is spread."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.plots.style import Look, canvas, counted, nothing
from analytics.plots.tables import Row, Tables

TITLE = "Latency"
PARTS = (
    ("to_begun_ms", "until its beginning was durable"),
    ("to_first_audio_ms", "until the first samples"),
    ("to_synthesised_ms", "until the last samples"),
)
MOST_TURNS = 60
PERCENTILES = (50, 90, 95, 99)


def draw(tables: Tables, look: Look, _: str) -> Figure:
    turns = [
        t for t in tables.rows("latency", "first_audio_ms", *(name for name, _ in PARTS))
        if t["in_order"]
    ]  # fmt: skip
    if not turns:
        return nothing(look, TITLE, "No turn here was spoken by us to its end and timed.")
    first = np.array([t["first_audio_ms"] for t in turns])
    shown = sorted(turns, key=lambda t: (t["conversation_id"], t["turn"]))[-MOST_TURNS:]
    which = "" if len(shown) == len(turns) else f"; the last {len(shown)} on the left"
    note = f"n = {counted(len(turns), 'turn')} spoken to their end{which}; milliseconds"
    figure, (left, right) = canvas(look, TITLE, note, 4.0, columns=2, width_ratios=(3, 2))
    _draw_waterfall(left, look, shown)
    _draw_percentiles(right, look, first)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _draw_waterfall(axes: Axes, look: Look, turns: Sequence[Row]) -> None:
    begin = np.zeros(len(turns))
    places = np.arange(len(turns))
    for number, (name, label) in enumerate(PARTS):
        values = np.array([t[name] for t in turns])
        axes.bar(places, values, bottom=begin, width=0.82, color=look.speaker(number), label=label)
        begin += values
    step = max(1, len(turns) // 10)
    axes.set_xticks(places[::step], [str(t["turn"]) for t in turns][::step])
    axes.set_xlabel("turn")
    axes.set_ylabel("since the request (ms)")
    axes.grid(axis="y")


def _draw_percentiles(
    axes: Axes, look: Look, first: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> None:
    ordered = np.sort(first)
    axes.step(
        ordered,
        100 * np.arange(1, len(ordered) + 1) / len(ordered),
        where="post",
        color=look.accent,
        lw=1.8,
    )
    for per_cent in PERCENTILES:
        at = float(np.percentile(first, per_cent))
        axes.plot([at], [per_cent], "o", color=look.accent, ms=4)
    told = "\n".join(f"p{p}  {np.percentile(first, p):,.0f} ms" for p in PERCENTILES)
    axes.text(0.97, 0.06, told, transform=axes.transAxes, ha="right", va="bottom", size=9)
    axes.set_ylim(0, 104)
    axes.set_xlim(left=0)
    axes.set_xlabel("until the first samples (ms)")
    axes.set_ylabel("turns at most so late (%)")
    axes.grid()
