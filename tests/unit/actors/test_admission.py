"""Who may begin to talk: what is wanted against what there is, and the shares of those who want."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.synthesis.admission import Capacity, Demand, fits, room_in_s
from actors.synthesis.costs import Costs
from actors.synthesis.shares import GRACE_S, MOST_REMEMBERED, Shares
from actors.synthesis.sizing import Quiet, Sizing, wanted

TWO = Capacity(2.0, 0.5)
"""Places for four who talk for ever."""
DEMANDS = st.lists(
    st.builds(Demand, st.sampled_from([0.0, 0.2, 1.0, 5.0]), st.sampled_from([0.5, 2.0, 10.0])),
    max_size=8,
)


def wanted_until(demands: list[Demand], t: float) -> float:
    """By the definition."""
    return sum(0.5 * min(it.rest_s, max(0.0, t - it.dry_in_s)) for it in demands)


def later(demand: Demand, by_s: float) -> Demand:
    """The same, if no sound is made before it is wanted."""
    over_s = max(0.0, demand.over_in_s - by_s)
    dry_s = max(0.0, demand.dry_in_s - by_s)
    return Demand(dry_s, max(0.0, over_s - dry_s))


def test_four_fit_who_talk_for_ever_and_a_fifth_who_is_soon_done_with() -> None:
    four = [Demand(0.0, 1e6)] * 4
    assert TWO.talkers == 4
    assert fits(four, TWO)
    assert not fits([*four, Demand(0.0, 0.1)], TWO)


def test_who_is_ahead_of_the_listener_leaves_room() -> None:
    ahead, behind = [Demand(10.0, 20.0)] * 4, [Demand(0.0, 20.0)] * 4
    assert fits([*ahead, Demand(0.2, 5.0)], TWO)
    assert not fits([*behind, Demand(0.2, 5.0)], TWO)


@given(DEMANDS)
def test_it_fits_if_at_no_moment_more_is_wanted_than_there_is(demands: list[Demand]) -> None:
    moments = [end for it in demands for end in (it.dry_in_s, it.over_in_s)]
    enough = all(wanted_until(demands, t) <= 2.0 * t + 1e-9 for t in moments)
    assert fits(demands, TWO) == enough


@given(DEMANDS, st.floats(0.0, 30.0), st.floats(0.0, 100.0))
def test_there_is_room_when_it_is_said_and_at_any_time_after(
    demands: list[Demand], after_s: float, rest_s: float
) -> None:
    by_s = room_in_s(demands, TWO) + after_s
    left = [it for it in (later(demand, by_s) for demand in demands) if it.rest_s > 1e-9]
    assert fits([*left, Demand(0.0, rest_s)], TWO)


def test_there_is_room_at_once_where_there_is_any() -> None:
    assert room_in_s([Demand(0.0, 5.0)] * 3, TWO) == 0.0
    assert room_in_s([Demand(0.0, 5.0), Demand(1.0, 7.0), *[Demand(0.0, 9.0)] * 2], TWO) == 5.0
    assert room_in_s([Demand(0.0, 5.0)] * 3, TWO, most=2) == 5.0


def test_an_engine_slower_than_speech_is_for_one_at_a_time() -> None:
    assert Capacity(0.9, 2.0).talkers == 1
    assert Capacity(0.9, 0.0).talkers > 1000


def test_without_others_who_want_all_is_ones_own() -> None:
    assert Shares().share("a", {"b", "c"}, 8, 0.0) == 8


def test_while_another_wants_it_is_shared_and_later_again_ones_own() -> None:
    shares = Shares()
    shares.refused("b", 5.0)
    assert shares.share("a", {"a"}, 8, 0.0) == 4
    assert shares.share("b", {"a"}, 8, 0.0) == 8
    assert shares.wanting(0.0) == 1
    assert shares.share("a", {"a"}, 8, 5.0 + GRACE_S) == 8
    shares.refused("b", 9.0)
    shares.admitted("b")
    assert shares.share("a", {"a", "b"}, 8, 6.0) == 8


def test_everybody_has_one_and_not_all_the_world_is_remembered() -> None:
    shares = Shares()
    for number in range(MOST_REMEMBERED + 50):
        shares.refused(number, 1.0 + number)
    assert shares.wanting(0.0) == MOST_REMEMBERED
    assert shares.share("a", set(), 8, 0.0) == 1


def test_costs_are_those_of_late() -> None:
    costs = Costs(0.1)
    assert costs.expected.work_s(100) == pytest.approx(0.65)
    for factor in (2.0, 0.5):
        for _ in range(100):
            costs.learn(factor * 4.0, 4.0, 50)
        assert costs.expected.real_time_factor == pytest.approx(factor, rel=0.01)
    assert costs.expected.sound_s(50) == pytest.approx(4.0, rel=0.01)


SIZING = Sizing(1, 4, 2, quiet_s=10.0)


@given(st.lists(st.floats(0.0, 12.0), min_size=1, max_size=40))
def test_there_are_never_too_few_workers_nor_too_many(loads: list[float]) -> None:
    workers, quiet = 1, Quiet()
    for now, load in enumerate(loads):
        before = workers
        workers, quiet = wanted(SIZING, workers, load, quiet, float(now))
        assert SIZING.least <= workers <= SIZING.most
        assert abs(workers - before) <= 1


@given(st.floats(0.0, 12.0))
def test_under_a_load_that_stands_still_nobody_comes_and_goes(load: float) -> None:
    workers, quiet, seen = 1, Quiet(), []
    for now in range(200):
        workers, quiet = wanted(SIZING, workers, load, quiet, float(now))
        seen.append(workers)
    assert len(set(seen[50:])) == 1


def test_a_worker_goes_only_after_a_while_without_load() -> None:
    workers, quiet = wanted(SIZING, 3, 0.0, Quiet(), 0.0)
    assert workers == 3
    assert wanted(SIZING, 3, 0.0, quiet, 9.9)[0] == 3
    assert wanted(SIZING, 3, 0.0, quiet, 10.0)[0] == 2
    _, interrupted = wanted(SIZING, 3, 3.0, quiet, 5.0)
    assert wanted(SIZING, 3, 0.0, interrupted, 10.0)[0] == 3
