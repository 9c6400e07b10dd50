"""How much of the talk was whose."""

from collections import defaultdict

from matplotlib.figure import Figure

from analytics.plots.style import MOST_NAMES, Look, canvas, counted, left_out, nothing, short
from analytics.plots.tables import Tables

TITLE = "Talk share"


def draw(tables: Tables, look: Look, _: str) -> Figure:
    rows = tables.rows("talk_share", "speech_s")
    spoken: dict[str, float] = defaultdict(float)
    turns: dict[str, int] = defaultdict(int)
    for row in rows:
        spoken[row["speaker_id"]] += row["speech_s"]
        turns[row["speaker_id"]] += row["turns"]
    total = sum(spoken.values())
    untimed = sum(row["untimed"] for row in tables.rows("talk_share", "untimed"))
    if not total:
        return nothing(look, TITLE, "Nobody's speech here has known times.")
    ordered = sorted(spoken, key=lambda name: (-spoken[name], name))
    names, rest = ordered[:MOST_NAMES], ordered[MOST_NAMES:]
    values = [spoken[name] for name in names]
    labels = [f"{short(n)}" for n in names]
    if rest:
        values.append(sum(spoken[name] for name in rest))
        labels.append(f"{len(rest)} others")
    conversations = len({row["conversation_id"] for row in rows})
    of = f", {counted(conversations, 'conversation')}" if conversations > 1 else ""
    note = (
        f"n = {counted(sum(turns.values()), 'turn')}, "
        f"{counted(len(ordered), 'speaker')}{of}; {total:,.0f} s of speech, overlaps count for each"
        f"{left_out(untimed)}"
    )
    figure, (axes,) = canvas(look, TITLE, note, 1.3 + 0.32 * len(values))
    shares = [100 * value / total for value in values]
    colours = [look.speaker(place) for place in range(len(names))] + [look.line]
    axes.barh(range(len(values)), shares, color=colours, height=0.68)
    if len(ordered) > 1:
        even = 100 / len(ordered)
        axes.axvline(even, color=look.faint, lw=1, ls=(0, (4, 3)))
        axes.annotate("even", (even, -0.62), color=look.faint, size=8, ha="center", va="bottom")
    for place, (share, value) in enumerate(zip(shares, values, strict=True)):
        said = f" {share:.0f} %  ({value:,.0f} s)"
        paper = {"facecolor": look.paper, "edgecolor": "none", "pad": 1}
        axes.text(share, place, said, va="center", size=8.5, bbox=paper)
    axes.set_yticks(range(len(values)), labels)
    axes.set_ylim(len(values) - 0.4, -0.9)
    axes.set_xlim(0, max(shares) * 1.22)
    axes.set_xlabel(f"share of {'the speech with times' if untimed else 'all speech'} (%)")
    axes.tick_params(axis="y", length=0)
    return figure
