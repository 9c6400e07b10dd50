"""`colloquy report`: one HTML file about a conversation, or about all since a moment."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from analytics import report
from analytics.plots import PLOTS
from analytics.plots.tables import Tables
from analytics.refusals import AnalyticsError
from analytics.sandbox_base import opened
from analytics.scope import Scope
from gateway.commands.refusals import Refused


def save(conversation: str | None, since: datetime | None, data_dir: Path, output: Path) -> int:
    """Write the report; returns the position up to which it holds.

    Raises:
        Refused: there is no such conversation, or the file cannot be written.
    """
    if (conversation is None) == (since is None):
        raise Refused("Name a conversation, or say --since when.")
    try:
        visible = [conversation] if conversation else _since(since, data_dir)
        if not visible:
            raise Refused("Nothing was recorded since then.")
        html, position = _written(visible, _title(conversation, since, len(visible)), data_dir)
        output.write_text(html)
    except AnalyticsError as failure:
        raise Refused(f"Nothing can be told: {failure}.") from failure
    except OSError as failure:
        raise Refused(f"{output} cannot be written: {failure.strerror}.") from failure
    return position


def _since(moment: datetime | None, data_dir: Path) -> list[str]:
    """Conversations with anything recorded since then."""
    with opened(data_dir, ["events"]) as (root, _):
        found = root.execute(
            "SELECT DISTINCT conversation_id FROM events WHERE recorded_at >= ? ORDER BY ALL",
            [moment.astimezone(UTC).replace(tzinfo=None) if moment else None],
        )
        return [name for (name,) in found.fetchall()]


def _written(visible: Collection[str], title: str, data_dir: Path) -> tuple[str, int]:
    try:
        from analytics.plots.drawing import draw
    except ModuleNotFoundError:
        draw = None  # type: ignore[assignment]
    reads = {*report.READS, *(view for plot in PLOTS.values() for view in plot.reads)}
    with opened(data_dir, reads, Scope.of(*visible)) as (root, position):
        of_one = len(visible) == 1
        tables = Tables(root, of_one=of_one, position=position)
        if of_one and not tables.rows("turns"):
            (name,) = visible
            raise Refused(f"No turn of {name} is in the exported log; see `colloquy log`.")
        return report.write(tables, title, draw), position


def _title(conversation: str | None, since: datetime | None, number: int) -> str:
    if conversation is not None:
        return f"Conversation {conversation}"
    told = since.strftime("%Y-%m-%d %H:%M") if since else ""
    return f"{number:,} conversations since {told}"
