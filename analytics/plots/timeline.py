"""Who spoke when: a lane for each speaker, colour for the emotion, a mark where two spoke."""

import math
from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analytics.plots.style import (
    EMOTIONS,
    Look,
    canvas,
    clock_axis,
    counted,
    in_order,
    left_out,
    nothing,
    short,
)
from analytics.plots.tables import Row, Tables

TITLE = "Timeline"
STRIP_S = 300.0
MOST_STRIPS = 8
BAR = 0.72
SAID = ("completed", "interrupted")
"""How a turn stands that was heard, or some of it."""


def draw(tables: Tables, look: Look, _: str) -> Figure:
    turns = [t for t in tables.rows("turns", "duration_s", "end_s") if t["duration_s"] > 0]
    if not turns:
        return nothing(look, TITLE, "No turn here has a beginning and an end.")
    said = tables.rows("turns", "turn")
    untimed = sum(t["duration_s"] is None and t.get("status") in SAID for t in said)
    spans = [(t["end_s"] - t["duration_s"], t["end_s"], t) for t in turns]
    speakers = in_order(t["speaker_id"] for _, _, t in sorted(spans, key=lambda s: s[0]))
    over = [(row["start_s"], row["end_s"]) for row in tables.rows("overlaps")]
    last = max(end for _, end, _ in spans)
    strips = min(MOST_STRIPS, max(1, math.ceil(last / STRIP_S)))
    lanes = len(speakers)
    height = 1.25 + strips * (0.34 + 0.24 * lanes)
    both_s = sum(end - begin for begin, end in over)
    note = (
        f"n = {counted(len(turns), 'turn')}, {counted(lanes, 'speaker')}; two or more speak during "
        f"{both_s:.1f} s ({counted(len(over), 'overlap')}){left_out(untimed)}"
    )
    figure, axes = canvas(look, TITLE, note, height, rows=strips)
    emotions = {t.get("emotion") for t in turns} - {None}
    for strip, place in enumerate(axes):
        window = (strip * last / strips, (strip + 1) * last / strips)
        _draw_strip(place, look, spans, over, speakers, window)
        clock_axis(place, last)
    axes[-1].set_xlabel("time since the first start" + (" (m:ss)" if last >= 10 else ""))
    _legend(figure, look, emotions, cut=any(t.get("status") == "interrupted" for t in turns))
    return figure


def _draw_strip(
    axes: Axes,
    look: Look,
    spans: Sequence[tuple[float, float, Row]],
    over: Sequence[tuple[float, float]],
    speakers: Sequence[str],
    window: tuple[float, float],
) -> None:
    begin, end = window
    for a, b in over:
        if a < end and b > begin:
            axes.axvspan(a, b, color=look.alarm, alpha=0.16, lw=0)
    told = any(turn.get("emotion") for _, _, turn in spans)
    for lane, speaker in enumerate(speakers):
        mine = [s for s in spans if s[2]["speaker_id"] == speaker and s[0] < end and s[1] > begin]
        colours = [
            look.emotion(t.get("emotion")) if told else look.speaker(lane) for _, _, t in mine
        ]
        bars = [(a, max(b - a, (end - begin) / 900)) for a, b, _ in mine]
        axes.broken_barh(bars, (lane - BAR / 2, BAR), facecolors=colours, lw=0)
        cut = [b for _, b, t in mine if t.get("status") == "interrupted"]
        axes.plot(cut, [lane] * len(cut), "|", color=look.alarm, ms=9, mew=2)
    axes.set_xlim(begin, end)
    axes.set_ylim(len(speakers) - 0.4, -0.6)
    axes.set_yticks(range(len(speakers)), [short(s) for s in speakers])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _legend(figure: Figure, look: Look, emotions: set[object], *, cut: bool) -> None:
    shown: list[Artist] = [Patch(color=look.emotion(e), label=e) for e in EMOTIONS if e in emotions]
    shown.append(Patch(color=look.alarm, alpha=0.3, label="two or more speak"))
    if cut:
        bar = Line2D([], [], color=look.alarm, ls="", marker="|", ms=9, mew=2, label="cut short")
        shown.append(bar)
    figure.legend(handles=shown, loc="outside lower center", ncols=8)
