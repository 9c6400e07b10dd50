import json
from typing import Any

import pytest
from pydantic import ValidationError

from events.codec import CODEC, Codec, UnknownEvent
from events.turns import Ended, ParticipantJoined, TurnBegun, TurnCompleted
from tests.unit.events.facts import begun, completed


def with_a_name(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "name": fields["id"].title()}


def with_longer_names(fields: dict[str, Any]) -> dict[str, Any]:
    return {"participant_id": fields["id"], "name": fields["name"]}


LATER = Codec(
    stored={"joined": (ParticipantJoined, 3)},
    upcasters={("joined", 1): with_a_name, ("joined", 2): with_longer_names},
)
"""Of a release in which a class has another stored name, and its third shape."""

ANN = ParticipantJoined(participant_id="ann", name="Ann")


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (1, {"id": "ann"}),
        (2, {"id": "ann", "name": "Ann"}),
        (3, {"participant_id": "ann", "name": "Ann"}),
    ],
)
def test_every_shape_there_ever_was_is_read_as_that_of_today(
    version: int, fields: dict[str, str]
) -> None:
    assert LATER.decode("joined", version, json.dumps(fields)) == ANN


def test_what_is_written_has_the_name_and_the_version_of_today() -> None:
    new = LATER.encode(ANN)
    assert (new.type, new.schema_version) == ("joined", 3)
    assert LATER.decode(new.type, new.schema_version, new.data) == ANN


def test_the_stored_name_is_not_stored_twice() -> None:
    assert "type" not in json.loads(CODEC.encode(completed()).data)


@pytest.mark.parametrize(("name", "version"), [("sung", 1), ("ended", 2)])
def test_what_a_newer_release_wrote_is_named(name: str, version: int) -> None:
    with pytest.raises(UnknownEvent, match=f"'{name}' of schema version {version}.*upgrade"):
        CODEC.decode(name, version, "{}")


def test_fields_of_a_later_release_are_passed_over() -> None:
    assert CODEC.decode("ended", 1, '{"mood": "good"}') == Ended()


def test_what_is_not_an_event_is_refused() -> None:
    with pytest.raises(ValidationError):
        CODEC.decode("turn_completed", 1, "{}")


def test_word_times_stay_plain_tuples() -> None:
    new = CODEC.encode(completed())
    event = CODEC.decode(new.type, new.schema_version, new.data)
    assert isinstance(event, TurnCompleted)
    assert event.words[0] == ("One", 0.0, 0.5)
    assert type(event.words[0]) is tuple


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_direction_is_stored_as_an_object_however_it_is_spaced(
    separators: tuple[str, str],
) -> None:
    beginning = begun(text='One,"direction":{ two \\",')
    new = CODEC.encode(beginning)
    spaced = json.dumps(json.loads(new.data), separators=separators)
    read = CODEC.decode(new.type, new.schema_version, spaced)
    assert isinstance(read, TurnBegun)
    assert (read.text, read.direction) == (beginning.text, beginning.direction)
    assert json.loads(new.data)["direction"]["phrases"][0]["text"] == beginning.text


def test_many_are_encoded_in_order() -> None:
    assert [new.type for new in CODEC.encode_all([ANN, Ended()])] == ["participant_joined", "ended"]
