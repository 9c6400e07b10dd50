"""How all plots look: colours for light and dark, type, and an SVG that is the same every time."""

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MultipleLocator

from analytics.plots import Theme

WIDTH = 9.0
"""Inches."""
EMOTIONS = ("neutral", "joy", "surprise", "sadness", "fear", "anger", "disgust")
MOST_NAMES = 12
"""Speakers that are told apart; the others are taken together."""

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600)
"""Between the marks of a time axis."""
MOST_TICKS = 10

_SPEAKERS = {
    # Okabe and Ito's colours, which people with any kind of colour vision tell apart, after
    # https://jfly.uni-koeln.de/color; lightened for the dark.
    "light": ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b08a00", "#3b9fd4", "#7a5195"),
    "dark": ("#56b4e9", "#f08a3c", "#2fc79a", "#e39cc6", "#e8c64a", "#8cc9ef", "#b794d6"),
}
_EMOTIONS = {
    "light": ("#9aa3ad", "#e0a100", "#16a3a3", "#3f6fc4", "#8455b3", "#c8352b", "#5f8a2b"),
    "dark": ("#7d8794", "#f2c14e", "#3cc8c8", "#7aa2ee", "#b58ae0", "#ee6a5f", "#93bf58"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a theme."""

    theme: Theme
    paper: str
    ink: str
    faint: str
    line: str
    accent: str
    alarm: str

    def speaker(self, place: int) -> str:
        colours = _SPEAKERS[self.theme]
        return colours[place % len(colours)]

    def emotion(self, name: str | None) -> str:
        if name not in EMOTIONS:
            return self.line
        return _EMOTIONS[self.theme][EMOTIONS.index(name)]


LOOKS: dict[Theme, Look] = {
    "light": Look("light", "#ffffff", "#1f2933", "#667080", "#d5dae1", "#0072b2", "#c8352b"),
    "dark": Look("dark", "#14181d", "#e6eaef", "#9aa5b1", "#3a434d", "#56b4e9", "#ff7a6e"),
}


def look_of(theme: Theme) -> Look:
    return LOOKS[theme]


@contextmanager
def styled(look: Look) -> Iterator[None]:
    """Within it, what is drawn looks so."""
    ours: Any = {  # its keys are typed as one long Literal
        "svg.hashsalt": "colloquy",  # names in the file would be random without
        "svg.fonttype": "none",  # the reader's fonts know more scripts than ours
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans", "Verdana"],
        "font.size": 9.5,
        "text.parse_math": False,  # a speaker may be called $x$
        "figure.facecolor": look.paper,
        "savefig.facecolor": look.paper,
        "axes.facecolor": look.paper,
        "axes.edgecolor": look.line,
        "axes.labelcolor": look.faint,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "text.color": look.ink,
        "xtick.color": look.faint,
        "ytick.color": look.faint,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "grid.color": look.line,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
    }
    with warnings.catch_warnings(), mpl.rc_context(ours):
        # Measured with another glyph, and shown in the reader's font.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        yield


def canvas(look: Look, title: str, note: str, height: float, rows: int = 1, columns: int = 1,
           **grid: Any) -> tuple[Figure, Sequence[Axes]]:  # fmt: skip
    """A figure with a title, a line that says what is seen and of how many, and room for plots."""
    room = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - 0.62 / height), h_pad=0.08, w_pad=0.08)
    figure = Figure(figsize=(WIDTH, height), layout=room)
    figure.text(0.012, 1 - 0.12 / height, title, size=13, weight="bold", va="top")
    figure.text(0.012, 1 - 0.38 / height, note, size=9, color=look.faint, va="top")
    axes = figure.subplots(rows, columns, squeeze=False, **grid)
    return figure, list(axes.flat)


def nothing(look: Look, title: str, why: str) -> Figure:
    """A plot that says why it is empty."""
    figure = Figure(figsize=(WIDTH, 1.6))
    figure.text(0.012, 1 - 0.12 / 1.6, title, size=13, weight="bold", va="top")
    figure.text(0.5, 0.38, why, size=11, color=look.faint, ha="center", va="center")
    return figure


def svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": "Colloquy"})
    return file.getvalue()


def png(figure: Figure, dpi: int = 100) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
    return file.getvalue()


def clock_axis(axes: Axes, longest_s: float) -> None:
    """Show seconds as m:ss, or h:mm:ss."""
    low, high = axes.get_xlim()
    wanted = max(high - low, 1e-9) / MOST_TICKS
    if longest_s >= 10:
        axes.xaxis.set_major_locator(
            MultipleLocator(next((s for s in STEPS_S if s >= wanted), 86_400))
        )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda s, _: clock(s, longest_s)))


def clock(seconds: float, longest_s: float) -> str:
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if longest_s < 10:
        return f"{seconds:g} s"
    if longest_s < 3600:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def short(name: object, most: int = 18) -> str:
    text = str(name)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def in_order(values: Iterable[str]) -> list[str]:
    """Each once, in the order of their first coming."""
    return list(dict.fromkeys(values))


def left_out(turns: int) -> str:
    """What to say of turns that nobody told the times of."""
    return f"; {counted(turns, 'turn')} without times, not shown" if turns else ""


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
