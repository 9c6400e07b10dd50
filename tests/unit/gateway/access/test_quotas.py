"""What a key has left is told as it is; see also tests/properties/test_quotas.py."""

import math

import pytest

from gateway.access.keys import Limits
from gateway.access.quotas import Bucket, Quota, QuotaExceeded, Quotas, in_words
from tests.unit.gateway.access.test_keys import key


def test_a_bucket_is_full_at_first_and_fills_up_evenly() -> None:
    bucket = Bucket(6)
    for left in (5, 4, 3, 2, 1, 0):
        assert bucket.wait_s(1, 100.0) == 0
        bucket.take(1, 100.0)
        assert bucket.remaining(100.0) == left
    assert bucket.wait_s(1, 100.0) == pytest.approx(10)
    assert bucket.wait_s(1, 104.0) == pytest.approx(6)
    assert bucket.wait_s(1, 110.0) == 0
    assert bucket.reset_s(100.0) == pytest.approx(60)
    assert bucket.remaining(160.0) == 6


def test_more_than_there_ever_is_never_comes() -> None:
    assert math.isinf(Bucket(6).wait_s(7, 0.0))


def test_a_refused_request_costs_nothing() -> None:
    quota = Quota(Limits(requests_per_minute=2, concurrent_requests=1))
    quota.enter(0.0)
    with pytest.raises(QuotaExceeded) as refused:
        quota.enter(0.0)
    assert (refused.value.what, refused.value.limit) == ("concurrent", 1)
    assert dict(quota.headers(0.0))["x-ratelimit-remaining-requests"] == "1"
    quota.leave()
    quota.enter(0.0)
    quota.leave()
    with pytest.raises(QuotaExceeded) as refused:
        quota.enter(0.0)
    assert refused.value.what == "requests"
    assert refused.value.retry_in_s == pytest.approx(30)
    assert dict(quota.headers(0.0))["x-ratelimit-remaining-concurrent"] == "1"


def test_headers_are_those_of_the_openai_api() -> None:
    quota = Quota(Limits(requests_per_minute=60, characters_per_minute=600, concurrent_requests=3))
    quota.enter(0.0)
    quota.spend(150, 0.0)
    assert dict(quota.headers(0.0)) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-characters": "600",
        "x-ratelimit-remaining-characters": "450",
        "x-ratelimit-reset-characters": "15s",
        "x-ratelimit-limit-concurrent": "3",
        "x-ratelimit-remaining-concurrent": "2",
    }


def test_without_limits_nothing_is_counted_or_told() -> None:
    quota = Quota(Limits())
    for _ in range(1000):
        quota.enter(0.0)
        quota.spend(10**9, 0.0)
    assert not dict(quota.headers(0.0))


def test_a_key_keeps_its_quota_until_its_limits_change() -> None:
    quotas = Quotas(Limits(requests_per_minute=10))
    first = quotas.of(key("a"))
    assert quotas.of(key("a")) is first
    assert quotas.of(key("b")) is not first
    changed = quotas.of(key("a", limits=Limits(requests_per_minute=5)))
    assert changed.limits.requests_per_minute == 5


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0ms"), (0.0165, "17ms"), (0.9999, "1s"), (6, "6s"), (59.2, "1m0s"), (90, "1m30s")],
)
def test_durations_are_rounded_up(seconds: float, told: str) -> None:
    assert in_words(seconds) == told
