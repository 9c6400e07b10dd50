"""Laws of reading and of feeling: whatever is said, and whenever."""

from itertools import accumulate
from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.understanding.reader import Line, Reading, TextReader
from events.codec import CODEC
from events.emotion import Feeling, as_affect
from events.readings import Affect, Emotion
from events.state import State, evolve, fold
from events.turns import TurnHeard
from tests.properties.facts import TEXTS, of_model
from tests.unit.events.facts import at

law = settings(max_examples=60)

READER = TextReader()
SIGNS = "I you love hate the garden NO! what?! why? yes thanks sorry :) 😡 … so so so-so él nicht"
WORDS = st.sampled_from(SIGNS.split())
SAID = st.one_of(TEXTS, st.text(max_size=200), st.lists(WORDS, max_size=12).map(" ".join))
SPEAKERS = st.sampled_from(["ann", "bob", "eve"])
TALKS = st.lists(st.tuples(SPEAKERS, SAID, st.floats(0, 1e5)), max_size=12)
AFFECTS = of_model(Affect)


def heard(talk: list[tuple[str, str, float]]) -> list[TurnHeard]:
    """The talk as it is recorded."""
    state, events = State("c"), []
    for number, (speaker, text, seconds) in enumerate(talk, start=1):
        reading = READER.read(state, Line(speaker, text, at(seconds), at(seconds)))
        told = {name: getattr(reading, name) for name in Reading.__slots__}
        particulars = {"turn": number, "turn_id": f"t{number}", "heard_at": at(seconds)}
        event = TurnHeard(speaker_id=speaker, text=text, **particulars, **told)
        events.append(event)
        state = evolve(state, event)
    return events


@law
@given(TALKS)
def test_whatever_is_said_is_read_or_says_why_not(talk: list[tuple[str, str, float]]) -> None:
    for event in heard(talk):
        absent = {name for name in ("affect", "act", "timing") if getattr(event, name) is None}
        assert absent <= {each.reading for each in event.unread}
        assert not any("failed" in each.because for each in event.unread)


@law
@given(TALKS)
def test_the_same_talk_is_read_the_same(talk: list[tuple[str, str, float]]) -> None:
    assert heard(talk) == heard(talk)


@law
@given(TALKS)
def test_a_replay_gives_the_same_feelings_without_a_reader(
    talk: list[tuple[str, str, float]],
) -> None:
    events = heard(talk)
    stored = [CODEC.encode(event) for event in events]
    again = [CODEC.decode(new.type, new.schema_version, new.data) for new in stored]
    assert fold("c", again) == fold("c", events)


@law
@given(st.lists(st.tuples(AFFECTS, st.floats(-10, 1e6), st.booleans()), max_size=20))
def test_no_feeling_leaves_its_bounds(said: list[tuple[Affect, float, bool]]) -> None:
    feelings = accumulate(
        said,
        lambda felt, one: felt.said(*one[:2]) if one[2] else felt.heard(*one[:2]),
        initial=Feeling(0.0),
    )
    for feeling in feelings:
        assert all(-1 <= value <= 1 for value in feeling[1:5])
        assert as_affect(feeling).confidence <= 1


@law
@given(AFFECTS, st.floats(0, 1e4), st.floats(0, 1e4))
def test_time_in_pieces_is_time_as_a_whole(affect: Affect, first: float, then: float) -> None:
    felt = Feeling(0.0).said(affect, 0.0)
    pieces, whole = felt.later(first).later(first + then), felt.later(first + then)
    for one, other in zip(pieces[1:5], whole[1:5], strict=True):
        assert isclose(one, other, abs_tol=1e-9)


@law
@given(AFFECTS, st.floats(0, 1e6))
def test_what_is_felt_only_fades(affect: Affect, seconds: float) -> None:
    named: Emotion = affect.category
    felt = Feeling(0.0).said(affect, 0.0)
    later = felt.later(seconds)
    assert abs(later.valence) <= abs(felt.valence) + 1e-12
    assert (later.category, later.confidence <= felt.confidence) == (named, True)
