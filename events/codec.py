"""Between the events we think in and the lines that are stored.

Stored names and schema versions are written down here and nowhere else, so that a class can be
renamed and a shape can change while every log ever written can still be read.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from events.envelope import NewEvent, Recorded
from events.turns import (
    Ended,
    Event,
    Forked,
    ParticipantJoined,
    ParticipantLeft,
    Started,
    TurnBegun,
    TurnCompleted,
    TurnExtended,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
    VoiceAssigned,
)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Lifts an event's JSON from one schema version to the next."""

STORED: Mapping[str, tuple[type[Event], int]] = {
    "started": (Started, 1),
    "participant_joined": (ParticipantJoined, 1),
    "participant_left": (ParticipantLeft, 1),
    "voice_assigned": (VoiceAssigned, 1),
    "turn_heard": (TurnHeard, 1),
    "turn_begun": (TurnBegun, 2),
    "turn_extended": (TurnExtended, 1),
    "turn_completed": (TurnCompleted, 1),
    "turn_interrupted": (TurnInterrupted, 1),
    "turn_failed": (TurnFailed, 1),
    "forked": (Forked, 1),
    "ended": (Ended, 1),
}
"""Stored name -> the class of today and the version of its shape."""


def _with_direction_apart(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "direction_json": json.dumps(fields.pop("direction"))}


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {("turn_begun", 1): _with_direction_apart}
"""(stored name, version) -> what lifts that version to the next."""


class UnknownEvent(Exception):
    """A stored event that this release cannot read, because a newer one wrote it."""

    def __init__(self, name: str, schema_version: int) -> None:
        super().__init__(name, schema_version)
        self.name = name
        self.schema_version = schema_version

    def __str__(self) -> str:
        return (
            f"no event {self.name!r} of schema version {self.schema_version} is known: "
            "the log was written by a newer release of Colloquy; upgrade to read it"
        )


class Codec:
    """Encodes events of today, decodes events of any age."""

    def __init__(
        self,
        stored: Mapping[str, tuple[type[Event], int]] = STORED,
        upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
    ) -> None:
        self._stored = stored
        self._names = {kind: (name, version) for name, (kind, version) in stored.items()}
        self._upcasters = upcasters

    def encode(self, event: Event) -> NewEvent:
        name, version = self._names[type(event)]
        return NewEvent(name, version, _written(event))

    def decode(self, name: str, schema_version: int, data: str) -> Event:
        """The event of a stored line, lifted to the shape of today.

        Raises:
            UnknownEvent: a newer release wrote it.
        """
        kind, current = self._stored.get(name, (None, 0))
        if kind is None or schema_version > current:
            raise UnknownEvent(name, schema_version)
        if schema_version == current:
            return _read_begun(data) if kind is TurnBegun else _read(kind, data)
        fields = json.loads(data)
        for version in range(schema_version, current):
            fields = self._upcasters[name, version](fields)
        return kind.model_validate(fields)

    def read(self, recorded: Recorded) -> Event:
        return self.decode(recorded.type, recorded.schema_version, recorded.data)

    def encode_all(self, events: Iterable[Event]) -> tuple[NewEvent, ...]:
        return tuple(self.encode(event) for event in events)


_DIRECTION = ',"direction":'
"""Where the direction begins, which is written last. No text of a caller can hold this: in JSON
the quotation marks of a text are escaped."""


def _written(event: Event) -> str:
    data = event.model_dump_json(exclude={"type", "direction_json"})
    if isinstance(event, TurnBegun):
        return f"{data[:-1]}{_DIRECTION}{event.direction_json}}}"
    return data


def _read(kind: type[Event], data: str) -> Event:
    return kind.__pydantic_validator__.validate_json(data)  # type: ignore[no-any-return]


def _read_begun(data: str) -> Event:
    rest, found, direction = data.partition(_DIRECTION)
    if not found:
        return TurnBegun.model_validate(_with_direction_apart(json.loads(data)))
    begun = _read(TurnBegun, rest + "}")
    # It is frozen, but nobody has seen it yet.
    object.__setattr__(begun, "direction_json", direction[:-1])
    return begun


CODEC = Codec()
"""The codec of this release."""
