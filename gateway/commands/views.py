"""A conversation, as a person reads it in a terminal.

Whatever callers gave is shown as `Text`, never as markup: a name such as `[red]` is a name.
"""

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from events.replay import Replayed
from events.state import State
from events.turn import Turn

_MARKS = {"begun": "…", "completed": "", "interrupted": "cut short", "failed": "failed"}


def shown(replayed: Replayed) -> RenderableType:
    """All of a replayed conversation."""
    return Group(_headline(replayed.state), _people(replayed.state), _dialogue(replayed))


def talk_share(state: State) -> Text:
    """Who spoke for how long, in one line."""
    whole = sum(summary.spoken_s for summary in state.speakers.values())
    shares = (
        f"{speaker} {summary.spoken_s:.1f} s ({summary.spoken_s / whole if whole else 0:.0%})"
        for speaker, summary in state.speakers.items()
    )
    return Text("Talk share: " + " · ".join(shares))


def plain_table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """A table without lines, so that it can be copied."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left")
    return table


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def console() -> Console:
    """Standard output."""
    return Console(highlight=False, soft_wrap=False)


def aside() -> Console:
    """Standard error, for progress and remarks: standard output is for what was asked."""
    return Console(highlight=False, stderr=True)


def _headline(state: State) -> Text:
    line = Text.assemble("Conversation ", (state.conversation_id, "bold"))
    line.append(f": {state.status}, version {state.version}, {counted(state.turn_count, 'turn')}")
    if state.forked_from:
        source, version = state.forked_from
        line.append(f", forked from {source} at version {version}")
    return line


def _people(state: State) -> Table:
    table = plain_table("participant", "role", "voice", "turns", "words", "spoken")
    for person in state.participants.values():
        told = state.speakers.get(person.id)
        counts = (str(told.turns), str(told.words), f"{told.spoken_s:.1f} s") if told else ("0",)
        here = "" if person.present else " (left)"
        cells = (person.id + here, person.role, person.voice or "", *counts)
        table.add_row(*map(Text, cells))
    return table


def _dialogue(replayed: Replayed) -> Table:
    table = plain_table("turn", "speaker", "said", "", right=("turn",))
    for turn in replayed.transcript:
        cells = (Text(str(turn.number)), Text(turn.speaker_id), _said(turn))
        table.add_row(*cells, Text(_MARKS[turn.status], "yellow"))
    return table


def _said(turn: Turn) -> Text:
    """The words; those that nobody heard are struck through."""
    if turn.interruption is None:
        return Text(turn.text)
    cut = turn.interruption
    return Text.assemble(cut.heard_text, " ", (cut.unheard_text, "dim strike"))
