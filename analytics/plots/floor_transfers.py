"""How soon one speaker follows another, against how soon people do."""

from statistics import median

import numpy as np
from matplotlib.figure import Figure

from analytics.plots.style import Look, canvas, counted, nothing
from analytics.plots.tables import Tables

TITLE = "Floor transfers"
BIN_S = 0.1
FROM_S, TO_S = -2.0, 2.0
PEOPLE = (
    0.42, 0.2, 0.39, 0.47, 0.53, 0.63, 0.81, 0.89, 1.38, 1.5, 1.67, 2.0, 2.9, 2.94, 3.22, 3.79, 3.8,
    4.49, 4.45, 4.49, 4.93, 5.38, 6.04, 4.44, 4.53, 3.42, 3.44, 2.72, 2.35, 1.75, 1.89, 1.58, 1.62,
    1.5, 1.07, 1.11, 0.96, 0.89, 0.61, 0.7,
)  # fmt: skip
"""Per cent of the transfers in 20 meetings of the ICSI corpus that fall into each bin, by the view
`floor_transfers` (Janin et al. 2003; Shriberg et al. 2004; CC BY 4.0)."""
PEOPLE_N = 7_417
PEOPLE_MEDIAN_S = 0.14


def draw(tables: Tables, look: Look, _: str) -> Figure:
    found = [row["transfer_s"] for row in tables.rows("floor_transfers", "transfer_s")]
    if not found:
        return nothing(look, TITLE, "Nobody here took the floor from another at a known time.")
    within = [s for s in found if FROM_S <= s < TO_S]
    middle = median(found)
    near = 100 * sum(abs(s) <= 0.5 for s in found) / len(found)
    late = 100 * sum(s > 1 for s in found) / len(found)
    note = (
        f"n = {counted(len(found), 'transfer')}, {len(found) - len(within):,} of them beyond ±2 s; "
        f"median {middle:+.2f} s; {near:.0f} % within ±0.5 s, {late:.0f} % later than 1 s"
    )
    figure, (axes,) = canvas(look, TITLE, note, 3.7)
    edges = np.linspace(FROM_S, TO_S, len(PEOPLE) + 1)
    counts, _edges = np.histogram(within, bins=edges)
    shares = 100 * counts / len(found)
    axes.bar(edges[:-1], shares, width=BIN_S * 0.92, align="edge", color=look.accent, label="here")
    people = f"people: ICSI meetings, n = {PEOPLE_N:,}, median {PEOPLE_MEDIAN_S:+.2f} s"
    axes.stairs(PEOPLE, edges, color=look.ink, lw=1.4, label=people)
    axes.axvline(0, color=look.faint, lw=1)
    top = max(*shares, *PEOPLE) * 1.16
    axes.axvline(middle, color=look.alarm, lw=1.4, ls=(0, (4, 2)), label="median here")
    axes.text(-0.05, top * 0.8, "overlap", ha="right", va="top", size=8.5, color=look.faint)
    axes.text(0.05, top * 0.98, "gap", ha="left", va="top", size=8.5, color=look.faint)
    axes.set_ylim(0, top)
    axes.set_xlim(FROM_S, TO_S)
    axes.set_xlabel("start of the new holding less the end of the one before (s)")
    axes.set_ylabel("transfers (%)")
    axes.legend(loc="upper left")
    return figure
