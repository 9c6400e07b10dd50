"""All turns of a conversation, by name and in order: the state's window without its limit."""

from collections.abc import Iterator

from events.codec import CODEC, Codec
from events.envelope import Recorded
from events.turn import Turn
from events.turns import (
    Event,
    TurnBegun,
    TurnCompleted,
    TurnExtended,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
)


class Transcript:
    """Turns that were read from a log are kept as their lines until somebody asks for them.

    Few of a long conversation ever are, and what was decoded is many times as large.
    """

    def __init__(self, codec: Codec = CODEC) -> None:
        self._codec = codec
        self._turns: dict[str, Turn | list[Recorded]] = {}
        self._open: dict[str, None] = {}

    def apply(self, event: Event) -> None:
        """Take in one more event."""
        match event:
            case TurnHeard():
                self._turns[event.turn_id] = Turn(event)
            case TurnBegun():
                self._turns[event.turn_id] = Turn(event)
                self._open[event.turn_id] = None
            case TurnExtended():
                turn = self.get(event.turn_id)
                if turn is not None:
                    self._turns[event.turn_id] = turn.extend(event)
            case TurnCompleted() | TurnInterrupted() | TurnFailed():
                self._open.pop(event.turn_id, None)
                turn = self.get(event.turn_id)
                if turn is not None:
                    self._turns[event.turn_id] = turn.close(event)

    def file(self, event: Event, line: Recorded) -> None:
        """Take in one more event of a log, from which all before it were taken too."""
        match event.type:
            case "turn_heard":
                self._turns[event.turn_id] = [line]
            case "turn_begun":
                self._turns[event.turn_id] = [line]
                self._open[event.turn_id] = None
            case "turn_extended":
                self._append(event.turn_id, line)
            case "turn_completed" | "turn_interrupted" | "turn_failed":
                self._open.pop(event.turn_id, None)
                self._append(event.turn_id, line)

    def _append(self, turn_id: str, line: Recorded) -> None:
        lines = self._turns.get(turn_id)
        if isinstance(lines, list):
            lines.append(line)

    def get(self, turn_id: str) -> Turn | None:
        told = self._turns.get(turn_id)
        if isinstance(told, list):
            told = self._turns[turn_id] = self._read(told)
        return told

    def open(self) -> list[Turn]:
        """The turns that were begun and have not ended."""
        return [turn for turn_id in self._open if (turn := self.get(turn_id)) is not None]

    def __iter__(self) -> Iterator[Turn]:
        return (turn for turn_id in tuple(self._turns) if (turn := self.get(turn_id)) is not None)

    def __len__(self) -> int:
        return len(self._turns)

    def _read(self, lines: list[Recorded]) -> Turn:
        lone = Transcript(self._codec)
        for line in lines:
            lone.apply(self._codec.read(line))
        return next(iter(lone))
