"""What was asked of the voice, against what was measured in its sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import correlation

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.plots.style import Look, canvas, counted, in_order, nothing, short
from analytics.plots.tables import Row, Tables

IN_A_ROW = 3
TITLE = "Prosody, planned and measured"


@dataclass(frozen=True, slots=True)
class Pair:
    title: str
    planned: str
    measured: str
    unit: str


PAIRS = (
    Pair("Pitch", "planned_pitch_st", "measured_pitch_st", "semitones"),
    Pair("Rate", "planned_rate", "measured_rate", "times the voice's own"),
    Pair("Range", "planned_range", "measured_range", "times the voice's own"),
    Pair("End", "planned_final_st", "measured_final_st", "semitones up"),
    Pair("Loudness", "planned_loudness_db", "measured_loudness_db", "dB"),
    Pair("Pauses", "planned_pauses_s", "measured_pauses_s", "s"),
)


def draw(tables: Tables, look: Look, _: str) -> Figure:
    turns = tables.rows("style_consistency")
    shown = [(pair, found) for pair in PAIRS if (found := _both(turns, pair))]
    if not shown:
        return nothing(look, TITLE, "No turn here has both a planned and a measured prosody.")
    note = (
        f"n = {counted(len(turns), 'turn')}; a dot is a turn, measured from its voice's own level; "
        "on the dashed line it came out as planned; r is Pearson's"
    )
    columns = min(IN_A_ROW, len(shown))
    rows = -(-len(shown) // columns)
    figure, axes = canvas(look, TITLE, note, 1.2 + 2.6 * rows, rows=rows, columns=columns)
    for empty in axes[len(shown) :]:
        empty.set_visible(False)
    voices = in_order(str(turn["voice"]) for turn in turns)
    for place, (pair, found) in zip(axes, shown, strict=False):
        _draw_pair(place, look, pair, found, voices)
    handles, labels = max((a.get_legend_handles_labels() for a in axes), key=lambda h: len(h[0]))
    figure.legend(handles, labels, loc="outside lower center", ncols=6)
    return figure


def _both(turns: Sequence[Row], pair: Pair) -> list[Row]:
    wanted = pair.planned, pair.measured
    return [turn for turn in turns if None not in map(turn.get, wanted)]


def _draw_pair(
    axes: Axes, look: Look, pair: Pair, turns: Sequence[Row], voices: Sequence[str]
) -> None:
    for place, voice in enumerate(voices):
        mine = [turn for turn in turns if str(turn["voice"]) == voice]
        if mine:
            xs, ys = [t[pair.planned] for t in mine], [t[pair.measured] for t in mine]
            colour = look.speaker(place)
            axes.plot(xs, ys, "o", ms=4, alpha=0.7, mew=0, color=colour, label=short(voice))
    planned, measured = [t[pair.planned] for t in turns], [t[pair.measured] for t in turns]
    low, high = min(*planned, *measured), max(*planned, *measured)
    axes.plot([low, high], [low, high], color=look.faint, lw=1, ls=(0, (4, 3)))
    title = f"{pair.title}  n = {len(turns):,}"
    if len(set(planned)) > 1 and len(set(measured)) > 1:
        title += f", r = {correlation(planned, measured):+.2f}"
    axes.set_title(title, size=9.5, loc="left", color=look.ink)
    axes.set_xlabel(f"planned ({pair.unit})")
    axes.set_ylabel("measured")
    axes.grid()
