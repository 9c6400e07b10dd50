"""How much a key may still ask for. Pure: seconds are on whatever clock the caller uses."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.access.keys import Key, Limits

MINUTE_S = 60.0
TOLERANCE_S = 1e-6
"""Below which two times are the same: clocks are counted in floating point."""
WAIT_FOR_A_PLACE_S = 1.0
"""Nobody knows when one of a key's own requests will end."""


class QuotaExceeded(Exception):
    """There is nothing left of something."""

    def __init__(self, what: str, limit: int, retry_in_s: float) -> None:
        super().__init__(what, limit, retry_in_s)
        self.what = what
        """`requests` or `characters` a minute, or `concurrent` requests."""
        self.limit = limit
        self.retry_in_s = retry_in_s
        """Infinite if it is more than there ever is."""


class Bucket:
    """A minute's worth, all at once if need be, that fills up again evenly.

    The generic cell rate algorithm (ITU-T I.371): of a leaky bucket, only the moment is kept at
    which it will be full again. In t seconds it grants at most `per_minute * (1 + t / 60)`.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._full_at = -math.inf

    def wait_s(self, amount: float, now: float) -> float:
        """Seconds until so much is there: 0 if now, infinite if never."""
        if amount > self.per_minute:
            return math.inf
        late_s = self._full_after(amount, now) - now - MINUTE_S
        return 0.0 if late_s <= TOLERANCE_S else late_s

    def take(self, amount: float, now: float) -> None:
        """Take what `wait_s` said is there."""
        self._full_at = self._full_after(amount, now)

    def remaining(self, now: float) -> int:
        """Of what can be taken at once."""
        left_s = MINUTE_S - self.reset_s(now) + TOLERANCE_S
        return max(0, min(self.per_minute, math.floor(left_s * self.per_minute / MINUTE_S)))

    def reset_s(self, now: float) -> float:
        """Seconds until it is full."""
        return max(0.0, self._full_at - now)

    def _full_after(self, amount: float, now: float) -> float:
        return max(self._full_at, now) + amount * MINUTE_S / self.per_minute


class Quota:
    """What one key has left."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._requests = _bucket(limits.requests_per_minute)
        self._characters = _bucket(limits.characters_per_minute)
        self._under_way = 0

    def enter(self, now: float) -> None:
        """Begin a request; `leave` ends it.

        Raises:
            QuotaExceeded: it may not begin, and counts for nothing.
        """
        most = self.limits.concurrent_requests
        if most is not None and self._under_way >= most:
            raise QuotaExceeded("concurrent", most, WAIT_FOR_A_PLACE_S)
        _take("requests", self._requests, 1, now)
        self._under_way += 1

    def leave(self) -> None:
        self._under_way -= 1

    def spend(self, characters: int, now: float) -> None:
        """Ask for so much text to be spoken.

        Raises:
            QuotaExceeded: it may not be, and counts for nothing.
        """
        _take("characters", self._characters, characters, now)

    def headers(self, now: float) -> Iterator[tuple[str, str]]:
        """What is left, under the names that the OpenAI API uses for requests."""
        for what, bucket in (("requests", self._requests), ("characters", self._characters)):
            if bucket is not None:
                yield f"x-ratelimit-limit-{what}", str(bucket.per_minute)
                yield f"x-ratelimit-remaining-{what}", str(bucket.remaining(now))
                yield f"x-ratelimit-reset-{what}", in_words(bucket.reset_s(now))
        most = self.limits.concurrent_requests
        if most is not None:
            yield "x-ratelimit-limit-concurrent", str(most)
            yield "x-ratelimit-remaining-concurrent", str(most - self._under_way)


@dataclass(slots=True)
class Quotas:
    """The quotas of all keys; a key whose limits were changed begins anew."""

    defaults: Limits
    _of: dict[str, tuple[Limits, Quota]] = field(default_factory=dict)

    def of(self, key: Key) -> Quota:
        own, quota = self._of.get(key.id, (None, None))
        if quota is None or own != key.limits:
            quota = Quota(key.limits.or_else(self.defaults))
            self._of[key.id] = key.limits, quota
        return quota


def in_words(seconds: float) -> str:
    """A duration as the OpenAI API writes it, rounded up: `17ms`, `6s`, `1m30s`."""
    milliseconds = math.ceil(seconds * 1000 - 1e-6)
    if milliseconds < 1000:
        return f"{max(0, milliseconds)}ms"
    minutes, rest = divmod(math.ceil(milliseconds / 1000), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _bucket(per_minute: int | None) -> Bucket | None:
    return None if per_minute is None else Bucket(per_minute)


def _take(what: str, bucket: Bucket | None, amount: int, now: float) -> None:
    if bucket is None:
        return
    wait_s = bucket.wait_s(amount, now)
    if wait_s > 0:
        raise QuotaExceeded(what, bucket.per_minute, wait_s)
    bucket.take(amount, now)
