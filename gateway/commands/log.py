"""`colloquy log` and `colloquy verify`: what was recorded, and whether it is whole."""

import json
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console

from events.envelope import Damage, Recorded, Verification
from gateway.client import ColloquyError
from gateway.commands.records import Records, ServerRecords
from gateway.commands.views import aside, console, counted

AGAIN_AFTER_S = 0.5

_SPOKEN = ("text", "heard_text", "unheard_text", "words", "direction")
"""Fields of events that hold what somebody said: shown only when asked for."""


class Lines:
    """Events as lines. Remembers who speaks in a turn, as only its first event says so."""

    def __init__(self, *, words: bool = False, as_json: bool = False) -> None:
        self._words, self._as_json = words, as_json
        self._speakers: dict[tuple[str, str], str] = {}

    def line(self, event: Recorded) -> str:
        data = json.loads(event.data)
        if self._as_json:
            return self._json(event, data)
        fields = (
            f"{event.position:>6}",
            f"{event.recorded_at:%Y-%m-%dT%H:%M:%S}.{event.recorded_at.microsecond // 1000:03}Z",
            event.conversation_id,
            f"{event.version:>4}",
            f"{event.type:<18}",
            self.speaker(event, data),
        )
        said = json.dumps(data.get("text") or data.get("heard_text") or "", ensure_ascii=False)
        return "  ".join((*fields, said) if self._words and said != '""' else fields).rstrip()

    def speaker(self, event: Recorded, data: dict[str, Any]) -> str:
        """Whom an event is about; nobody for the conversation's own events."""
        turn = (event.conversation_id, data.get("turn_id", ""))
        named = data.get("speaker_id") or data.get("participant_id")
        if named and turn[1]:
            self._speakers[turn] = named
        return named or self._speakers.get(turn, "-")

    def _json(self, event: Recorded, data: dict[str, Any]) -> str:
        shown = {k: v for k, v in data.items() if self._words or k not in _SPOKEN}
        envelope = {
            "position": event.position,
            "recorded_at": event.recorded_at.isoformat(),
            "conversation_id": event.conversation_id,
            "version": event.version,
            "type": event.type,
            "schema_version": event.schema_version,
            "speaker": None if (who := self.speaker(event, data)) == "-" else who,
            "event_id": event.event_id,
            "command_id": event.command_id,
            "data": shown,
        }
        return json.dumps(envelope, ensure_ascii=False)


def print_log(
    records: Records, lines: Lines, conversation_id: str | None = None, after: int = 0
) -> int:
    """Print events above a position; the highest position printed, or `after`."""
    out = console()
    for event in records.above(after, conversation_id):
        _print(out, lines.line(event))
        after = max(after, event.position)
    return after


def follow(
    live: ServerRecords,
    lines: Lines,
    conversation_id: str | None = None,
    after: int = 0,
    *,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Print a server's events as they come, until interrupted or the conversation has ended.

    A server that is away may return, and a conversation that is not there may begin.
    """
    out, told = console(), ""
    while True:
        try:
            for event in live.coming(after, conversation_id):
                _print(out, lines.line(event))
                after, told = event.position, ""
        except ColloquyError as error:
            if error.status not in (None, 404):
                raise
            if told != str(error):
                told = str(error)
                aside().print(f"Waiting. {told}", style="dim", markup=False)
        else:
            return
        sleep(AGAIN_AFTER_S)


def print_verification(outcome: Verification) -> None:
    """Say whether a log is whole and, where not, exactly where."""
    out = console()
    for damage in outcome.damages:
        _print(out, f"{_place(damage)}: {damage.what}")
    held = counted(outcome.events, "event")
    held += f" of {counted(outcome.conversations, 'conversation')}"
    if outcome.content:
        _print(out, f"The log is whole: {held}, up to position {outcome.last_position}.")
    else:
        places = counted(len(outcome.damages), "place")
        _print(out, f"The log is damaged in {places}; {held} could be read.")


def _place(damage: Damage) -> str:
    if damage.conversation_id is None:
        return f"position {damage.position}"
    of = f"conversation {damage.conversation_id}, version {damage.version}"
    return f"position {damage.position} ({of})"


def _print(out: Console, line: str) -> None:
    out.out(line, highlight=False)
