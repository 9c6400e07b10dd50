"""Which label follows which: heat maps of probabilities, with how often each was seen."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from analytics.plots.style import EMOTIONS, Look, canvas, counted, nothing, short
from analytics.plots.tables import Row, Tables

MOST_LABELS = 10
LINKS = (("own", "from a speaker's turn to their own next"), ("other", "to the other's reply"))
_COLUMNS = {
    "emotion_transitions": ("emotion", "Emotion after emotion"),
    "act_transitions": ("act", "Act after act"),
}


def draw(tables: Tables, look: Look, name: str) -> Figure:
    column, title = _COLUMNS[name]
    rows = tables.rows(name)
    if not rows:
        return nothing(look, title, f"No two turns here have a recorded {column}.")
    labels = _labels(rows, column)
    n = sum(row["n"] for row in rows if row["link"] == "own")
    to_others = sum(row["n"] for row in rows if row["link"] == "other")
    note = (
        f"n = {counted(n, 'pair')} of a speaker's own and {to_others:,} across speakers; a cell is "
        "P(next | this), and below it how often"
    )
    height = 1.7 + 0.4 * len(labels)
    figure, axes = canvas(look, title, note, height, columns=2, sharey=True)
    for place, (link, said) in zip(axes, LINKS, strict=True):
        mine = [row for row in rows if row["link"] == link]
        shown = _draw_map(place, look, mine, column, labels)
        place.set_title(said, size=9.5, loc="left", color=look.ink)
        place.set_xlabel("next")
    axes[0].set_ylabel("this")
    scale = figure.colorbar(shown, ax=axes, label="P(next | this)", fraction=0.03)
    scale.outline.set_visible(False)
    return figure


def _labels(rows: Sequence[Row], column: str) -> list[str]:
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row[column]] += row["n"]
        seen[row[f"next_{column}"]] += row["n"]
    frequent = sorted(seen, key=lambda label: (-seen[label], label))[:MOST_LABELS]
    known = [emotion for emotion in EMOTIONS if emotion in frequent]
    return known if len(known) == len(frequent) else frequent


def _draw_map(
    axes: Axes, look: Look, rows: Sequence[Row], column: str, labels: Sequence[str]
) -> AxesImage:
    size = len(labels)
    shares = np.zeros((size, size))
    colours = _heat(look)
    for row in rows:
        if row[column] in labels and row[f"next_{column}"] in labels:
            at = labels.index(row[column]), labels.index(row[f"next_{column}"])
            shares[at] = row["p"]
            said, colour = f"{row['p']:.2f}\n{row['n']:,}", _legible(colours(float(row["p"])))
            axes.text(at[1], at[0], said, ha="center", va="center", size=7, color=colour)
    shown = axes.imshow(shares, cmap=colours, vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(size), [_written(label, 16) for label in labels], rotation=40, ha="right")
    axes.set_yticks(range(size), [_written(label, 18) for label in labels])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return shown


def _written(label: str, most: int) -> str:
    return short(label.replace("_", " "), most)


def _legible(paper: tuple[float, float, float, float]) -> str:
    """Black or white, whichever stands out from a colour (ITU-R BT.601 luma)."""
    red, green, blue, _ = paper
    return "#14181d" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def _heat(look: Look) -> Colormap:
    if look.theme == "light":
        return colormaps["Blues"]
    return LinearSegmentedColormap.from_list("night", [look.paper, "#1f5f8b", "#9bd3f5"])
