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
    PronunciationsSet,
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
    "pronunciations_set": (PronunciationsSet, 1),
    "turn_heard": (TurnHeard, 1),
    "turn_begun": (TurnBegun, 2),
    "turn_extended": (TurnExtended, 1),
    "turn_completed": (TurnCompleted, 2),
    "turn_interrupted": (TurnInterrupted, 1),
    "turn_failed": (TurnFailed, 1),
    "forked": (Forked, 1),
    "ended": (Ended, 1),
}
"""Stored name -> the class of today and the version of its shape."""


def _set_apart(name: str) -> Upcaster:
    return lambda fields: {**fields, f"{name}_json": json.dumps(fields.get(name, []))}


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("turn_begun", 1): _set_apart("direction"),
    ("turn_completed", 1): _set_apart("words"),
}
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
        self._readers = {newest: _reader(kind) for kind, newest in self._names.items()}
        self._upcasters = upcasters

    def encode(self, event: Event) -> NewEvent:
        name, version = self._names[type(event)]
        return NewEvent(name, version, _written(event))

    def decode(self, name: str, schema_version: int, data: str) -> Event:
        """The event of a stored line, lifted to the shape of today.

        Raises:
            UnknownEvent: a newer release wrote it.
        """
        read = self._readers.get((name, schema_version))
        return read(data) if read else self._lifted(name, schema_version, data)

    def read(self, recorded: Recorded) -> Event:
        name, version, data = recorded.type, recorded.schema_version, recorded.data
        read = self._readers.get((name, version))
        return read(data) if read else self._lifted(name, version, data)

    def encode_all(self, events: Iterable[Event]) -> tuple[NewEvent, ...]:
        return tuple(self.encode(event) for event in events)

    def _lifted(self, name: str, schema_version: int, data: str) -> Event:
        kind, newest = self._stored.get(name, (None, 0))
        if kind is None or schema_version > newest:
            raise UnknownEvent(name, schema_version)
        fields = json.loads(data)
        for version in range(schema_version, newest):
            fields = self._upcasters[name, version](fields)
        return kind.model_validate(fields)


_APART: Mapping[type[Event], tuple[str, str]] = {
    TurnBegun: ("direction_json", ',"direction":'),
    TurnCompleted: ("words_json", ',"words":'),
}
"""Fields that stay in JSON until somebody asks, and what they begin with where they are stored:
last. No text of a caller can hold that: in JSON the quotation marks of a text are escaped."""


def _written(event: Event) -> str:
    apart = _APART.get(type(event))
    if apart is None:
        return event.model_dump_json(exclude={"type"})
    field, beginning = apart
    data = event.model_dump_json(exclude={"type", field})
    return f"{data[:-1]}{beginning}{getattr(event, field)}}}"


def _reader(kind: type[Event]) -> Callable[[str], Event]:
    validate: Callable[[str], Event] = kind.__pydantic_validator__.validate_json
    if kind not in _APART:
        return validate
    field, beginning = _APART[kind]
    lift = _set_apart(field.removesuffix("_json"))

    def read(data: str) -> Event:
        rest, found, value = data.partition(beginning)
        if not found:  # it is spaced in another way than we write
            return kind.model_validate(lift(json.loads(data)))
        event = validate(rest + "}")
        # It is frozen, but nobody has seen it yet.
        object.__setattr__(event, field, value[:-1])
        return event

    return read


CODEC = Codec()
"""The codec of this release."""
