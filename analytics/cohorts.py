"""Two groups of conversations, measure by measure: how far apart, and how sure one can be.

The size of a difference is Cliff's delta: the chance that a conversation of the first group has
more than one of the second, less the chance that it has less; from -1 to 1, 0 where neither does.
It asks nothing of the shape of the values. By custom (Romano et al. 2006) it is negligible below
0.147, small below 0.33, medium below 0.474, and large from there on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analytics.refusals import BadParameter
from analytics.sources import literal
from analytics.warehouse import Warehouse, rows

Values = NDArray[np.float64]

MEASURES = {
    "conversations": (
        "duration_s", "turns", "interrupted", "failed", "audio_s", "characters", "real_time_factor",
    ),
    "turn_taking": (
        "silence_share", "overlap_share", "transfer_median_s", "interruptions_per_min",
        "backchannels_per_min",
    ),
}  # fmt: skip
"""What is compared, by view: each is one number a conversation."""

_OF_AFFECT = """
    SELECT conversation_id, avg(mean_valence), avg(instability), avg(change), avg(mean_recovery_s)
    FROM affect_summary GROUP BY conversation_id
"""
_AFFECT = ("mean_valence", "instability", "valence_change", "recovery_s")


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both groups."""

    measure: str
    n_a: int
    """Conversations of the first group in which the measure is known."""
    n_b: int
    median_a: float
    median_b: float
    delta: float
    """Cliff's delta: above 0 if the first group has more."""
    low: float
    high: float
    """Its interval at the confidence asked for."""
    shift: float
    """The median of all differences between one of the first and one of the second group, in the
    unit of the measure (Hodges and Lehmann 1963)."""
    p: float
    """Of no difference, by 10,000 permutations: how often chance alone gives as much."""

    @property
    def size(self) -> str:
        bounds = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"))
        return next((name for bound, name in bounds if abs(self.delta) < bound), "large")


def cohort(
    warehouse: Warehouse,
    *,
    voice: str | None = None,
    engine: str | None = None,
    metadata: dict[str, str] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> set[str]:
    """Ids of the conversations of which all of this is true.

    A voice or an engine spoke in them, their metadata have these values, and they began between two
    days (`2026-03-01`, in UTC), both included.
    """
    where = ["true"]
    used = {"voice": voice, "engine": engine}
    asked = [f"{key} = {literal(value)}" for key, value in used.items() if value is not None]
    if asked:
        where.append(
            "conversation_id IN (SELECT conversation_id FROM voice_uses "  # noqa: S608
            f"WHERE {' AND '.join(asked)})"
        )
    for key, value in (metadata or {}).items():
        path = '$."' + key.replace('"', '""') + '"'
        where.append(f"json_extract_string(metadata, {literal(path)}) = {literal(value)}")
    where += [f"day >= {literal(since)}::DATE"] if since else []
    where += [f"day <= {literal(until)}::DATE"] if until else []
    query = f"SELECT conversation_id FROM sessions WHERE {' AND '.join(where)}"  # noqa: S608
    return {name for (name,) in rows(warehouse.sql(query, ["sessions", "voice_uses"]))}


def compare(
    warehouse: Warehouse, a: set[str], b: set[str], *, confidence: float = 0.95, seed: int = 0
) -> list[Difference]:
    """Every measure that both groups have, the greatest difference first.

    Raises:
        BadParameter: the groups share a conversation, or the confidence is none.
    """
    if a & b:
        raise BadParameter(f"{len(a & b)} conversations are in both groups: they have to be apart")
    if not 0 < confidence < 1:
        raise BadParameter(f"confidence is between 0 and 1, not {confidence!r}")
    found = []
    for measure, values in _measures(warehouse).items():
        of_a, of_b = _of(values, a), _of(values, b)
        if of_a.size and of_b.size:
            found.append(difference(measure, of_a, of_b, confidence, seed))
    return sorted(found, key=lambda d: (-abs(d.delta), d.measure))


def difference(
    measure: str, a: Values, b: Values, confidence: float = 0.95, seed: int = 0
) -> Difference:
    """Of two samples, neither of them empty."""
    low, high = delta_interval(a, b, confidence)
    return Difference(
        measure, a.size, b.size, float(np.median(a)), float(np.median(b)), cliffs_delta(a, b),
        low, high, _shift(a, b, seed), _chance(a, b, seed),
    )  # fmt: skip


def cliffs_delta(a: Values, b: Values) -> float:
    """P(one of a > one of b) - P(one of a < one of b)."""
    return float(_dominance(a, b).mean())


def _dominance(a: Values, b: Values) -> Values:
    """For each of a: the share of b below it less the share above it."""
    ordered = np.sort(b)
    below = np.searchsorted(ordered, a, "left")
    above = b.size - np.searchsorted(ordered, a, "right")
    return np.asarray((below - above) / b.size, dtype=np.float64)


def delta_interval(a: Values, b: Values, confidence: float = 0.95) -> tuple[float, float]:
    """Of Cliff's delta, unsymmetrical, by its unbiased variance (Cliff 1993; Feng and Cliff 2004).

    From -1 to 1 where a group has one value alone, of which nothing follows.
    """
    n, m = a.size, b.size
    if n < 2 or m < 2:
        return -1.0, 1.0
    delta = cliffs_delta(a, b)
    of_a, of_b = _dominance(a, b), -_dominance(b, a)
    # The mean of squared signs: all pairs but the tied ones.
    differing = _differing(a, b)
    spread = (
        m**2 * float(((of_a - delta) ** 2).sum()) + n**2 * float(((of_b - delta) ** 2).sum())
        - n * m * (differing - delta**2)
    ) / (n * m * (n - 1) * (m - 1))  # fmt: skip
    least = (1 - delta**2) / (n * m - 1)
    variance = max(spread, least)
    if variance == 0:  # every value of one is above every value of the other
        z = NormalDist().inv_cdf(0.5 + confidence / 2)
        edge = (min(n, m) - z**2) / (min(n, m) + z**2)
        return (edge, 1.0) if delta > 0 else (-1.0, -edge)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    wide = z * sqrt(variance) * sqrt((1 - delta**2) ** 2 + z**2 * variance)
    middle, below = delta - delta**3, 1 - delta**2 + z**2 * variance
    return max(-1.0, (middle - wide) / below), min(1.0, (middle + wide) / below)


def _differing(a: Values, b: Values) -> float:
    ordered = np.sort(b)
    tied = np.searchsorted(ordered, a, "right") - np.searchsorted(ordered, a, "left")
    return 1 - float(tied.sum()) / (a.size * b.size)


def _shift(a: Values, b: Values, seed: int, most: int = 2000) -> float:
    """Of samples of at most 2,000 each, so that their pairs fit into memory."""
    draw = np.random.default_rng(seed)
    few = [x if x.size <= most else draw.choice(x, most, replace=False) for x in (a, b)]
    return float(np.median(few[0][:, None] - few[1][None, :]))


def _chance(a: Values, b: Values, seed: int, times: int = 10_000) -> float:
    """The two-sided p of a permutation test of the rank sum, which Cliff's delta is a form of."""
    both = np.concatenate([a, b])
    ordered = np.sort(both)
    ranks = (
        np.searchsorted(ordered, both, "left") + np.searchsorted(ordered, both, "right") + 1
    ) / 2
    middle, draw = a.size * (both.size + 1) / 2, np.random.default_rng(seed)
    seen = abs(ranks[: a.size].sum() - middle)
    if both.size > 500:  # the sum of so many is normal; ties are in the variance of the ranks
        sd = sqrt(a.size * b.size * ranks.var() / (both.size - 1))
        return float(2 * (1 - NormalDist().cdf(seen / sd))) if sd else 1.0
    drawn = draw.permuted(np.tile(ranks, (times, 1)), axis=1)[:, : a.size].sum(axis=1)
    as_much = np.count_nonzero(np.abs(drawn - middle) >= seen - 1e-9)
    return float((as_much + 1) / (times + 1))


def _measures(warehouse: Warehouse) -> dict[str, dict[str, float]]:
    """Each measure, by conversation; without those of which it is not known."""
    asked = {
        view: (f"SELECT conversation_id, {', '.join(names)} FROM {view}", names)  # noqa: S608
        for view, names in MEASURES.items()
    } | {"affect_summary": (_OF_AFFECT, _AFFECT)}
    found: dict[str, dict[str, float]] = {}
    for view, (query, names) in asked.items():
        for name, *values in rows(warehouse.sql(query, [view])):
            for measure, value in zip(names, values, strict=True):
                if value is not None and isfinite(value):
                    found.setdefault(measure, {})[name] = float(value)
    return found


def _of(values: dict[str, float], cohort: Sequence[str] | set[str]) -> Values:
    return np.array([values[name] for name in sorted(cohort) if name in values], dtype=np.float64)
