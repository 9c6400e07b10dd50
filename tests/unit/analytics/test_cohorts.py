"""Two groups: sizes of differences by their definition, intervals that hold what they say."""

from pathlib import Path

import numpy as np
import pytest

from analytics import cohorts
from analytics.refusals import BadParameter
from analytics.warehouse import Warehouse
from tests.unit.analytics import dialogues, logs


def test_delta_is_the_mean_sign_of_all_differences() -> None:
    draw = np.random.default_rng(1)
    for _ in range(20):
        a = draw.integers(0, 5, draw.integers(1, 9)).astype(float)
        b = draw.integers(0, 5, draw.integers(1, 9)).astype(float)
        signs = [np.sign(x - y) for x in a for y in b]
        assert cohorts.cliffs_delta(a, b) == pytest.approx(np.mean(signs))
        low, high = cohorts.delta_interval(a, b)
        assert -1 <= low <= cohorts.cliffs_delta(a, b) <= high <= 1


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of two normals one apart, delta is 2 Phi(1 / sqrt 2) - 1."""
    draw, truth = np.random.default_rng(2), 0.5204998778
    held = 0
    for _ in range(400):
        low, high = cohorts.delta_interval(draw.normal(1, 1, 25), draw.normal(0, 1, 30))
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.985


def test_groups_that_lie_wholly_apart() -> None:
    found = cohorts.difference("x", np.array([5.0, 6, 7, 8]), np.array([1.0, 2, 3, 4]))
    assert (found.delta, found.size, found.shift) == (1.0, "large", 4.0)
    assert (found.low < 1, found.high) == (True, 1.0)
    assert found.p == pytest.approx(2 / 70, abs=0.006)


def test_one_conversation_says_nothing_about_a_group() -> None:
    found = cohorts.difference("x", np.array([5.0]), np.array([1.0, 2.0]))
    assert (found.low, found.high) == (-1.0, 1.0)


def test_cohorts_by_what_they_share(tmp_path: Path) -> None:
    meetings = {f"{kind}{n}": dialogues.made_up(n, 20 + 30 * (kind == "x"), 2)
                for kind in "xy" for n in range(6)}  # fmt: skip
    warehouse = Warehouse.open(logs.write_segments(tmp_path, dialogues.lines(meetings), size=500))
    long = cohorts.cohort(warehouse, metadata={"kind": "x"})
    short = cohorts.cohort(warehouse, metadata={"kind": "y"})
    assert (long, short) == ({f"x{n}" for n in range(6)}, {f"y{n}" for n in range(6)})
    assert cohorts.cohort(warehouse, since="2026-03-02") == set()
    assert cohorts.cohort(warehouse, voice="nobody") == set()
    assert len(cohorts.cohort(warehouse, engine="kokoro", until="2026-03-01")) == 12
    found = {d.measure: d for d in cohorts.compare(warehouse, long, short)}
    assert found["turns"].delta == 1.0
    assert (found["turns"].median_a, found["turns"].median_b) == (50, 20)
    assert found["turns"].p < 0.01
    with pytest.raises(BadParameter, match="6 conversations are in both"):
        cohorts.compare(warehouse, long, long)
