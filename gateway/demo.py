"""`make demo`: two voices order coffee, the log says what it knows, and is replayed.

A server of its own runs for the duration, with a data directory of its own. All that is printed
comes from the running system and, at the end, from its log alone.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Annotated

import typer
from rich.text import Text

from events.envelope import Recorded
from gateway.answers import state_out
from gateway.client import Conversation, State
from gateway.commands.records import open_records, verify_records
from gateway.commands.refusals import WRONG, Refused, in_one_sentence, leave
from gateway.commands.replay import Retold, retell
from gateway.commands.script import Line
from gateway.commands.sound import Player, Recording
from gateway.commands.talk import begin, own_server, perform
from gateway.commands.views import console, plain_table, talk_share
from gateway.schemas import StateOut
from gateway.settings import Settings, read_settings

LEAST_TURNS = 8
SETTLED_WITHIN_S = 10.0
"""Sound can be complete a moment before the record says so."""

_ASK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Dialogue:
    id: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a conversation left behind."""

    conversation_id: str
    sound: Recording
    state: StateOut
    """As the server told it."""


def dialogues() -> tuple[Dialogue, ...]:
    """The dialogues that are shipped."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for raw in files("gateway").joinpath("dialogues/coffee.jsonl").read_text("utf-8").splitlines():
        said = json.loads(raw)
        turns = lines[said["conversation_id"]]
        turns.append(Line(len(turns) + 1, said["speaker"], said["text"]))
    return tuple(Dialogue(name, tuple(turns)) for name, turns in lines.items())


def demo(
    output: Annotated[Path, typer.Option(help="The sound file to write.")] = Path("demo.wav"),
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep the log and the audio here, not only for now.")
    ] = None,
) -> None:
    """Two voices order coffee; the log shows what it knows, and gives the same state again."""
    began = monotonic()
    with in_one_sentence(), ExitStack() as stack:
        kept = data_dir or Path(stack.enter_context(TemporaryDirectory(prefix="colloquy-demo-")))
        settings = read_settings(data_dir=kept)
        dialogue = next(d for d in dialogues() if len(d.lines) >= LEAST_TURNS)
        outcome = _hold(dialogue, settings)
        outcome.sound.save(output)
        told = _look_back(settings, outcome.conversation_id)
        _say_where(output, outcome.sound)
        _compare(outcome.state, told)
        console().print(f"All of it took {monotonic() - began:.1f} s.")


def _hold(dialogue: Dialogue, settings: Settings) -> Outcome:
    """Speak a dialogue through a server that is there for nothing else."""
    # Without an address, as a cluster that somebody else runs has a log of its own.
    own = {"COLLOQUY_DATA_DIR": str(settings.data_dir.resolve()), "COLLOQUY_RAY_ADDRESS": ""}
    out, sound = console(), Recording()
    out.print(f"A coffee order in {len(dialogue.lines)} turns (from Taskmaster-4, CC BY 4.0):")
    with own_server(own) as client:
        conversation = begin(client, dialogue.lines)
        voices = {person.id: person.voice for person in conversation.participants}
        for turn in perform(conversation, dialogue.lines, out):
            sound.add(turn.pcm, turn.gap_ms)
            who = f"  {turn.line.speaker} ({voices[turn.line.speaker]})  "
            out.print(Text.assemble((f"{who:<26}", "dim"), turn.line.text), soft_wrap=True)
        state = StateOut.model_validate(_settled(conversation).model_dump())
    return Outcome(conversation.id, sound, state)


def _settled(conversation: Conversation) -> State:
    """The state, once every turn is on record as complete."""
    deadline = monotonic() + SETTLED_WITHIN_S
    while monotonic() < deadline:
        state = conversation.state()
        if all(turn.status != "begun" for turn in state.turns):
            return state
        sleep(_ASK_EVERY_S)
    raise Refused("A turn was spoken, but never recorded as complete; run it again.")


def _look_back(settings: Settings, conversation_id: str) -> Retold:
    """Show what the log now holds, and fold it; the server has ended, nothing else knows of it."""
    whole = verify_records(settings, None)
    if not whole.content:
        leave(f"The log is damaged at position {whole.damages[0].position}.", WRONG)
    with open_records(settings, None) as records:
        _show(records.conversation(conversation_id))
        return retell(records, conversation_id)


def _show(events: Iterable[Recorded]) -> None:
    table = plain_table("version", "event", "speaker", "what", right=("version",))
    speakers: dict[str, str] = {}
    for event in events:
        data = json.loads(event.data)
        who = data.get("speaker_id") or data.get("participant_id") or ""
        who = speakers.setdefault(data["turn_id"], who) if "turn_id" in data else who
        table.add_row(str(event.version), event.type, Text(who), Text(_what(event.type, data)))
    out = console()
    out.print("\nThe server has ended. What its log says:\n")
    out.print(table)


def _what(kind: str, data: dict[str, object]) -> str:
    """The gist of an event in figures: the words were printed above."""
    match kind, data:
        case "voice_assigned", {"voice": str(voice)}:
            return voice
        case "turn_begun", {"text": str(text), "response_gap_ms": int(gap), "engine": str(engine)}:
            return f"{len(text.split())} words, {engine}, after {gap} ms"
        case "turn_completed", {"duration_s": float(seconds), "timings": dict(timings)}:
            first = timings.get("first_audio_ms") or 0.0
            return f"{seconds * 1000:.0f} ms, first sound in {first:.0f} ms"
        case _:
            return ""


def _say_where(output: Path, sound: Recording) -> None:
    player = Player.find()
    how = f"play it with `{player.name} {output}`" if player else "open it with any player"
    out = console()
    out.print(f"\n{output}: {sound.seconds:.1f} s of sound; {how}.", markup=False, soft_wrap=True)


def _compare(server: StateOut, told: Retold) -> None:
    """The state from the log's events must be the server's, to the last digit."""
    again = state_out(told.replayed.state)
    console().print(talk_share(told.replayed.state))
    console().print(told.sentence)
    if again.model_dump_json() != server.model_dump_json():
        fields = (name for name in StateOut.model_fields if _differs(name, again, server))
        leave(f"The replayed state is not the server's: {', '.join(fields)} differ.", WRONG)
    console().print("The replayed state is the server's, to the last digit.")


def _differs(name: str, one: StateOut, other: StateOut) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def main() -> None:
    """Run the demonstration as a command."""
    command = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
    command.command()(demo)
    command()


if __name__ == "__main__":
    main()
