from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from actors.spread import SOON_S, Spread, Tally

VALUES = st.lists(st.floats(0, 100), max_size=50)


@given(VALUES)
def test_each_bound_has_the_values_that_are_not_above_it(values: list[float]) -> None:
    tally = Tally(SOON_S)
    for value in values:
        tally.add(value)
    spread = tally.spread()
    assert dict(spread.up_to()) == {b: sum(value <= b for value in values) for b in SOON_S}
    assert spread.count == len(values)
    assert abs(spread.total - sum(values)) < 1e-6


def test_what_was_told_does_not_change_any_more() -> None:
    tally = Tally((1.0,))
    before = tally.spread()
    tally.add(5.0)
    assert before.count == 0
    assert tally.spread() == Spread((1.0,), (0, 1), 5.0)


def test_bounds_ascend() -> None:
    assert all(a < b for a, b in pairwise(SOON_S))
