"""Any fact that can be recorded, made from the models themselves."""

from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from events.turns import Event

Made = st.SearchStrategy[Any]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SECONDS = st.floats(0, 1e6, allow_nan=False)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
JSON: Made = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)

# Few names and numbers, so that events are about the same people and turns.
OF_FIELD: dict[str, Made] = {
    "participant_id": st.sampled_from(["ann", "bob", "eve"]),
    "speaker_id": st.sampled_from(["ann", "bob", "eve"]),
    "turn_id": st.sampled_from(["t1", "t2", "t3", "t4"]),
    "turn": st.integers(0, 5),
    "context_window": st.integers(1, 4),
    "metadata": st.dictionaries(TEXTS, JSON, max_size=2),
    "valence": st.floats(-1, 1),
    "arousal": st.floats(-1, 1),
    "confidence": st.floats(0, 1),
    "intensity": st.none() | st.floats(0, 1),
}
OF_TYPE: dict[object, Made] = {
    str: TEXTS,
    float: SECONDS,
    int: st.integers(0, 10_000),
    AwareDatetime: MOMENTS,
    NoneType: st.none(),
}


def of_annotation(annotation: Any) -> Made:
    if annotation in OF_TYPE:
        return OF_TYPE[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return of_model(annotation)
    inner = get_args(annotation)
    match get_origin(annotation):
        case origin if origin in (Union, UnionType):
            return st.one_of(*map(of_annotation, inner))
        case origin if origin is Literal:
            return st.sampled_from(inner)
        case origin if origin is tuple and inner[-1] is Ellipsis:
            return st.lists(of_annotation(inner[0]), max_size=2).map(tuple)
        case origin if origin is dict:
            return st.dictionaries(*map(of_annotation, inner), max_size=2)
        case origin if origin is tuple:
            return st.tuples(*map(of_annotation, inner))
        case _:
            raise TypeError(f"nobody has said how to make {annotation}")


def of_model(model: type[BaseModel]) -> Made:
    fields = {
        name: OF_FIELD[name] if name in OF_FIELD else of_annotation(field.annotation)
        for name, field in model.model_fields.items()
        if name != "type"
    }
    return st.builds(model, **fields)


KINDS: tuple[type[BaseModel], ...] = get_args(get_args(Event)[0])
FACTS: st.SearchStrategy[Event] = st.one_of(*map(of_model, KINDS))
ABOUT_TURNS = [kind for kind in KINDS if "turn_id" in kind.model_fields]
HISTORIES = st.lists(st.one_of(FACTS, *map(of_model, ABOUT_TURNS)), max_size=25)
