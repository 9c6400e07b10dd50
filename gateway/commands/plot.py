"""`colloquy plot`: a plot as a file, drawn from the exported log."""

from pathlib import Path

from analytics.plots import NOT_INSTALLED, PLOTS, Theme
from analytics.plots.tables import Tables
from analytics.refusals import AnalyticsError
from analytics.sandbox_base import opened
from analytics.scope import EVERYTHING, Scope
from gateway.commands.refusals import Refused

THEMES: tuple[Theme, ...] = ("light", "dark")
KINDS = (".svg", ".png")
DPI = 144


def theme_of(text: str) -> Theme:
    """A theme by its name. Raises `Refused`."""
    found = [theme for theme in THEMES if theme == text]
    if not found:
        raise Refused(f"There is no theme {text!r}; there is {' and '.join(THEMES)}.")
    return found[0]


def save(name: str, conversation: str | None, theme: Theme, data_dir: Path, output: Path) -> None:
    """Write a plot of a conversation, or of all. Raises `Refused`."""
    if name not in PLOTS:
        raise Refused(f"There is no plot {name!r}; there is {', '.join(PLOTS)}.")
    if output.suffix.lower() not in KINDS:
        raise Refused(f"{output} is neither SVG nor PNG: end its name on {' or '.join(KINDS)}.")
    try:
        from analytics.plots.drawing import draw, draw_png
    except ModuleNotFoundError:
        raise Refused(f"{NOT_INSTALLED[0].upper()}{NOT_INSTALLED[1:]}.") from None
    scope = EVERYTHING if conversation is None else Scope.of(conversation)
    try:
        with opened(data_dir, PLOTS[name].reads, scope) as (root, position):
            tables = Tables(root, of_one=conversation is not None, position=position)
            if output.suffix.lower() == ".svg":
                picture = draw(name, tables, theme)
            else:
                picture = draw_png(name, tables, theme, DPI)
        output.write_bytes(picture)
    except AnalyticsError as failure:
        raise Refused(f"Nothing can be drawn: {failure}.") from failure
    except OSError as failure:
        raise Refused(f"{output} cannot be written: {failure.strerror}.") from failure
