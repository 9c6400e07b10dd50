"""Valence and arousal as time goes by: each turn a dot, and what lingers of them a line."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.plots.style import Look, canvas, clock_axis, counted, in_order, nothing, short
from analytics.plots.tables import Row, Tables

TITLE = "Emotion"
HALF_LIFE_S = 5.0
"""Seconds after which a turn counts half: about as long as people's own emotions last in MELD."""
FINEST = 100
"""Half-lives to a plot: of a long conversation only the longer moods can be seen."""
MOST_SHOWN = 6


def draw(tables: Tables, look: Look, _: str) -> Figure:
    turns = tables.rows("emotion_trajectory", "valence", "arousal", "start_s")
    if not turns:
        return nothing(look, TITLE, "No turn here has a recorded emotion.")
    speakers = in_order(t["speaker_id"] for t in turns)
    shown = speakers[:MOST_SHOWN]
    last = max(t["start_s"] for t in turns)
    half_life_s = max(HALF_LIFE_S, last / FINEST)
    left = f"; {len(speakers) - len(shown)} more speakers not shown" * (shown != speakers)
    note = (
        f"n = {counted(len(turns), 'turn')}; a dot is a turn's valence, the line their mean, in "
        f"which a turn counts half after {half_life_s:.0f} s; dotted: arousal{left}"
    )
    figure, axes = canvas(look, TITLE, note, 1.1 + 1.0 * len(shown), rows=len(shown), sharex=True)
    for lane, (place, speaker) in enumerate(zip(axes, shown, strict=True)):
        mine = sorted(
            (t for t in turns if t["speaker_id"] == speaker),
            key=lambda turn: (turn["start_s"], turn["turn"]),
        )
        _draw_course(place, look, mine, look.speaker(lane), half_life_s)
        place.set_ylabel(f"{short(speaker, 14)}\nn = {len(mine):,}", rotation=0, ha="right")
        place.set_xlim(0, last or 1)
    clock_axis(axes[-1], last)
    axes[-1].set_xlabel("time since the first start; valence and arousal from −1 to 1")
    return figure


def decayed(times: Sequence[float], values: Sequence[float], half_life_s: float) -> list[float]:
    """The mean of the values so far, each weighted by 2^(-age / half life)."""
    out, total, weight = [], 0.0, 0.0
    before = times[0] if times else 0.0
    for at, value in zip(times, values, strict=True):
        kept = 2.0 ** (-max(0.0, at - before) / half_life_s)
        total, weight, before = total * kept + value, weight * kept + 1, at
        out.append(total / weight)
    return out


def _draw_course(
    axes: Axes, look: Look, turns: Sequence[Row], colour: str, half_life_s: float
) -> None:
    times = [t["start_s"] for t in turns]
    valence = [t["valence"] for t in turns]
    arousal = [t["arousal"] for t in turns]
    axes.axhline(0, color=look.line, lw=1)
    axes.plot(times, decayed(times, arousal, half_life_s), ":", color=look.faint, lw=1.1)
    axes.plot(times, valence, "o", color=colour, ms=3, alpha=0.4, mew=0)
    axes.plot(times, decayed(times, valence, half_life_s), color=colour, lw=1.8)
    axes.set_ylim(-1.08, 1.08)
    axes.set_yticks([-1, 0, 1], ["−1", "0", "+1"])
