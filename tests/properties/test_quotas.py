"""Laws of a bucket: never more than its rate, and what it says of itself is true."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.access.quotas import MINUTE_S, Bucket

STEPS = st.lists(
    st.tuples(st.floats(0, 90), st.integers(1, 40)), min_size=1, max_size=60
)  # seconds that pass, and how much is then asked for
RATES = st.integers(1, 30)
STARTS = st.sampled_from([0.0, 17.25, 1e6])


def granted(
    bucket: Bucket, start: float, steps: list[tuple[float, int]]
) -> list[tuple[float, int]]:
    now, taken = start, []
    for seconds, amount in steps:
        now += seconds
        if bucket.wait_s(amount, now) == 0:
            bucket.take(amount, now)
            taken.append((now, amount))
    return taken


@given(RATES, STARTS, STEPS)
def test_in_no_stretch_of_time_more_is_granted_than_its_rate_allows(
    rate: int, start: float, steps: list[tuple[float, int]]
) -> None:
    taken = granted(Bucket(rate), start, steps)
    for first, (begin, _) in enumerate(taken):
        total = 0
        for end, amount in taken[first:]:
            total += amount
            assert total <= rate * (1 + (end - begin) / MINUTE_S) + 1e-3


@given(RATES, STARTS, STEPS)
def test_what_remains_can_be_taken_and_one_more_cannot(
    rate: int, start: float, steps: list[tuple[float, int]]
) -> None:
    bucket = Bucket(rate)
    granted(bucket, start, steps)
    now = start + sum(seconds for seconds, _ in steps)
    left = bucket.remaining(now)
    assert 0 <= left <= rate
    assert bucket.wait_s(left, now) == 0
    assert bucket.wait_s(left + 1, now) > 0


@given(RATES, STARTS, STEPS, st.integers(1, 30))
def test_after_the_wait_that_was_told_it_is_there_and_not_before(
    rate: int, start: float, steps: list[tuple[float, int]], amount: int
) -> None:
    bucket = Bucket(rate)
    granted(bucket, start, steps)
    now = start + sum(seconds for seconds, _ in steps)
    wait_s = bucket.wait_s(min(amount, rate), now)
    assert bucket.wait_s(min(amount, rate), now + wait_s) == 0
    if wait_s > 0.01:
        assert bucket.wait_s(min(amount, rate), now + wait_s - 0.01) > 0


@given(RATES, STARTS, STEPS)
def test_after_the_reset_that_was_told_all_is_there(
    rate: int, start: float, steps: list[tuple[float, int]]
) -> None:
    bucket = Bucket(rate)
    granted(bucket, start, steps)
    now = start + sum(seconds for seconds, _ in steps)
    assert bucket.remaining(now + bucket.reset_s(now)) == rate
