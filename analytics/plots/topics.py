"""What was talked about when: a ribbon of topics."""

from matplotlib.figure import Figure

from analytics.plots.style import Look, canvas, clock_axis, counted, in_order, nothing, short
from analytics.plots.tables import Tables

TITLE = "Topics"


def draw(tables: Tables, look: Look, _: str) -> Figure:
    runs = sorted(
        tables.rows("topics", "topic", "start_s", "end_s"), key=lambda run: run["segment"]
    )
    if not runs:
        return nothing(look, TITLE, "No turn here has a recorded topic.")
    topics = in_order(run["topic"] for run in runs)
    last = max(run["end_s"] for run in runs)
    turns = sum(run["turns"] for run in runs)
    returns = sum(run["returns"] for run in runs)
    note = (
        f"n = {counted(turns, 'turn')}, {counted(len(topics), 'topic')}, "
        f"{counted(len(runs) - 1, 'shift')}, {counted(returns, 'return')} to an earlier one"
    )
    figure, (axes,) = canvas(look, TITLE, note, 1.35 + 0.3 * len(topics))
    for lane, topic in enumerate(topics):
        mine = [run for run in runs if run["topic"] == topic]
        bars = [(r["start_s"], max(r["end_s"] - r["start_s"], last / 900)) for r in mine]
        said = sum(run["turns"] for run in mine)
        axes.broken_barh(bars, (lane - 0.36, 0.72), facecolors=look.speaker(lane), lw=0)
        end = sum(bars[-1])
        axes.annotate(counted(said, "turn"), (end, lane), (4, 0), textcoords="offset points",
                      va="center", size=8, color=look.faint, annotation_clip=False)  # fmt: skip
    axes.set_yticks(range(len(topics)), [short(topic, 24) for topic in topics])
    axes.set_ylim(len(topics) - 0.4, -0.6)
    axes.set_xlim(0, last * 1.08)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    clock_axis(axes, last)
    axes.set_xlabel("time since the first start")
    return figure
