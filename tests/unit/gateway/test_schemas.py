from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.answers import turn_out
from gateway.bodies import ListenIn, SpeechIn, StartIn
from gateway.fields import DEEPEST, Identifier, Name, Words
from tests.unit.actors.test_decisions import spoken

IDENTIFIER, NAME, WORDS = (TypeAdapter(kind) for kind in (Identifier, Name, Words))


@given(st.from_regex(r"[A-Za-z0-9._:~@+-]{1,128}", fullmatch=True))
def test_an_identifier_can_stand_in_an_address(value: str) -> None:
    assert IDENTIFIER.validate_python(value) == value


@pytest.mark.parametrize("value", ["", "a/b", "a b", "é", "a\n", "x" * 129, "%41"])
def test_what_would_need_quoting_is_no_identifier(value: str) -> None:
    with pytest.raises(ValidationError):
        IDENTIFIER.validate_python(value)


@pytest.mark.parametrize("value", ["", "  ", "a\x1fb", "a\nb", "\u202e", "x" * 129])
def test_what_cannot_be_printed_is_no_name(value: str) -> None:
    with pytest.raises(ValidationError):
        NAME.validate_python(value)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_words_may_be_written_in_any_script(value: str) -> None:
    assert WORDS.validate_python(value) == value


@given(st.characters(categories=["Cc"]).filter(lambda c: c not in "\t\n\r"), st.text(max_size=3))
def test_a_control_character_is_named_with_its_place(control: str, before: str) -> None:
    clean = "".join(c for c in before if c.isalnum())
    with pytest.raises(ValidationError, match=f"U\\+{ord(control):04X} at position {len(clean)}"):
        WORDS.validate_python(clean + control)


def test_a_participant_may_be_no_more_than_a_name() -> None:
    body = StartIn.model_validate({"participants": ["ann", {"id": "bob", "role": "human"}]})
    assert [(p.id, p.role) for p in body.participants] == [("ann", "agent"), ("bob", "human")]


def test_nobody_takes_part_twice() -> None:
    with pytest.raises(ValidationError, match="'ann' is there twice"):
        StartIn.model_validate({"participants": ["ann", "bob", {"id": "ann"}]})


@pytest.mark.parametrize(("depth", "fits"), [(DEEPEST - 1, True), (DEEPEST + 1, False)])
def test_metadata_may_be_nested_so_deep(depth: int, fits: bool) -> None:
    metadata: dict[str, object] = {}
    for level in range(depth):
        metadata = {"a": [metadata] if level % 2 else metadata, "b": 1}
    accepted = True
    try:
        StartIn.model_validate({"participants": ["ann"], "metadata": metadata})
    except ValidationError as error:
        accepted = "levels deep" not in str(error)
    assert accepted is (fits and nesting(metadata) <= DEEPEST)


def nesting(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(nesting, inner), default=0) if isinstance(value, dict | list) else 0


@pytest.mark.parametrize("voice", ["alloy", {"id": "alloy"}, {"id": "alloy", "extra": 1}])
def test_a_voice_may_come_by_its_name_or_as_an_object(voice: object) -> None:
    assert SpeechIn.model_validate({"input": "Hi.", "voice": voice}).voice == "alloy"


@pytest.mark.parametrize("voice", [{}, {"name": "alloy"}, 7, None])
def test_what_names_no_voice_is_refused(voice: object) -> None:
    with pytest.raises(ValidationError) as refused:
        SpeechIn.model_validate({"input": "Hi.", "voice": voice})
    assert refused.value.errors()[0]["loc"] == ("voice",)


@pytest.mark.parametrize(
    "moment", ["2026-03-01T12:00:00", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00"]
)
def test_moments_are_kept_in_utc(moment: str) -> None:
    body = ListenIn.model_validate({"speaker_id": "a", "text": "b", "started_at": moment})
    assert body.started_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert body.started_at.utcoffset() is not None


def test_a_turn_is_told_with_its_words_and_its_reasons() -> None:
    told = turn_out(spoken().turn())
    assert told.turn_id == "t1"
    assert [word.word for word in told.words] == ["Hello", "there,", "world."]
    assert told.direction is not None
    assert told.direction.reasons
