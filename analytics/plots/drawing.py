"""A plot, by its name. Importing this loads matplotlib."""

from importlib import import_module
from typing import cast

from matplotlib.figure import Figure

from analytics.plots import PLOTS, Theme
from analytics.plots.style import Look, look_of, nothing, png, styled, svg
from analytics.plots.tables import Tables

CHOOSE = "Of one conversation only: name it."


def draw(name: str, tables: Tables, theme: Theme) -> bytes:
    """The plot as SVG: the same bytes for the same rows."""
    look = look_of(theme)
    with styled(look):
        return svg(_figure(name, tables, look))


def draw_png(name: str, tables: Tables, theme: Theme, dpi: int = 100) -> bytes:
    look = look_of(theme)
    with styled(look):
        return png(_figure(name, tables, look), dpi)


def _figure(name: str, tables: Tables, look: Look) -> Figure:
    plot = PLOTS[name]
    module = import_module(f"analytics.plots.{plot.module}")
    if plot.of_one and not tables.of_one:
        return nothing(look, module.TITLE, CHOOSE)
    return cast("Figure", module.draw(tables, look, name))
