"""What happens again and again, and what tends to happen before something else does.

Turns are written as letters (`letters`), so that a sequence is a short string: `QAS` is a question,
an answer and a statement.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Literal

from analytics.refusals import BadParameter
from analytics.warehouse import Warehouse, rows

Outcome = Literal["interruption", "abandonment", "recovery"]
Alphabet = Literal["act", "mood", "emotion", "speaker"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Letters of turns that follow one another."""

    letters: str
    times: int
    """How often; overlapping ones count each."""
    conversations: int
    """In how many."""
    share: float
    """Of all conversations that have turns."""


@dataclass(frozen=True, slots=True)
class Precursor:
    """A sequence that ends right before an outcome."""

    letters: str
    before: int
    """How often the outcome came next."""
    times: int
    """How often the sequence occurs with a turn, or the end, after it."""
    rate: float
    """before by times."""
    base_rate: float
    """The same for all places that have as many turns before them."""
    odds_ratio: float
    """The odds of the outcome after the sequence by those elsewhere; half is added to each count
    (Haldane), so that it is always there."""
    low: float
    high: float
    """Its interval at 95 %, by the normal distribution of its logarithm (Woolf)."""
    conversations: int
    """In how many the sequence came before the outcome."""


def frequent(
    warehouse: Warehouse,
    *,
    alphabet: Alphabet = "act",
    shortest: int = 2,
    longest: int = 5,
    min_share: float = 0.1,
) -> list[Sequence]:
    """Sequences that a share of the conversations holds, by conversations, times and letters.

    Raises:
        BadParameter: the lengths or the share cannot be.
    """
    _check(alphabet, shortest, longest)
    if not 0 <= min_share <= 1:
        raise BadParameter(f"min_share is between 0 and 1, not {min_share!r}")
    lines = _lines(warehouse, alphabet)
    times: Counter[str] = Counter()
    support: Counter[str] = Counter()
    for _, line in lines.values():
        grams = Counter(_grams(line, shortest, longest))
        times += grams
        support.update(grams.keys())
    found = (
        Sequence(gram, times[gram], n, n / len(lines))
        for gram, n in support.items()
        if n >= min_share * len(lines)
    )
    return sorted(found, key=lambda s: (-s.conversations, -s.times, s.letters))


def before(
    warehouse: Warehouse,
    outcome: Outcome,
    *,
    alphabet: Alphabet = "act",
    shortest: int = 1,
    longest: int = 3,
    min_times: int = 5,
) -> list[Precursor]:
    """What comes right before an outcome oftener than elsewhere: the surest first, by `low`.

    An interruption happens at the first turn that begins at its time or later, or after the last;
    an abandonment after the last turn; a recovery at the turn in which a speaker's low mood ends.

    Raises:
        BadParameter: there is no such outcome, or the lengths cannot be.
    """
    _check(alphabet, shortest, longest)
    if outcome not in _PLACES:
        raise BadParameter(f"there is no outcome {outcome!r}; there is {', '.join(_PLACES)}")
    places = _PLACES[outcome](warehouse)
    counts = _Counts()
    for conversation_id, (turns, line) in _lines(warehouse, alphabet).items():
        hits = {_index(turns, turn) for turn in places.get(conversation_id, ())}
        for at in range(1, len(line) + 1):
            for size in range(shortest, min(longest, at) + 1):
                counts.add(line[at - size : at], at in hits, conversation_id)
    found = (counts.precursor(gram) for gram, n in counts.times.items() if n >= min_times)
    return sorted(found, key=lambda p: (-p.low, p.letters))


class _Counts:
    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._of_size: Counter[int] = Counter()
        self._before_of_size: Counter[int] = Counter()
        self._held_by: dict[str, set[str]] = {}

    def add(self, gram: str, hit: bool, conversation_id: str) -> None:
        self.times[gram] += 1
        self._of_size[len(gram)] += 1
        if hit:
            self._before[gram] += 1
            self._before_of_size[len(gram)] += 1
            self._held_by.setdefault(gram, set()).add(conversation_id)

    def precursor(self, gram: str) -> Precursor:
        hit, times = self._before[gram], self.times[gram]
        all_hit, everywhere = self._before_of_size[len(gram)], self._of_size[len(gram)]
        cells = hit, times - hit, all_hit - hit, everywhere - times - (all_hit - hit)
        a, b, c, d = (cell + 0.5 for cell in cells)
        middle, wide = (
            log(a * d / (b * c)),
            NormalDist().inv_cdf(0.975) * sqrt(1 / a + 1 / b + 1 / c + 1 / d),
        )
        return Precursor(
            gram, hit, times, hit / times, all_hit / everywhere, exp(middle), exp(middle - wide),
            exp(middle + wide), len(self._held_by.get(gram, ())),
        )  # fmt: skip


_Places = dict[str, list[int | None]]
"""By conversation: turn numbers at which an outcome happens; None is after the last."""


def _interruptions(warehouse: Warehouse) -> _Places:
    return _places(
        warehouse,
        """
        SELECT i.conversation_id, min(t.turn)
        FROM interruptions AS i LEFT JOIN turns AS t
            ON t.conversation_id = i.conversation_id
            AND coalesce(t.speech_start_us / 1e6, t.start_s) >= i.at_s
        GROUP BY i.conversation_id, i.at_s, i.by_speaker_id, i.of_speaker_id
        """,
        "interruptions",
        "turns",
    )


def _abandonments(warehouse: Warehouse) -> _Places:
    query = "SELECT conversation_id, NULL FROM conversations WHERE outcome = 'abandoned'"
    return _places(warehouse, query, "conversations")


def _recoveries(warehouse: Warehouse) -> _Places:
    query = "SELECT conversation_id, to_turn FROM recoveries WHERE to_turn IS NOT NULL"
    return _places(warehouse, query, "recoveries")


_PLACES: dict[str, Callable[[Warehouse], _Places]] = {
    "interruption": _interruptions,
    "abandonment": _abandonments,
    "recovery": _recoveries,
}


def _places(warehouse: Warehouse, query: str, *views: str) -> _Places:
    found: _Places = {}
    for conversation_id, turn in rows(warehouse.sql(query, views)):
        found.setdefault(conversation_id, []).append(turn)
    return found


def _lines(warehouse: Warehouse, alphabet: Alphabet) -> dict[str, tuple[list[int], str]]:
    """Of each conversation, the numbers of its turns and a letter for each."""
    query = f"""
        SELECT conversation_id, list(turn ORDER BY turn), string_agg("{alphabet}", '' ORDER BY turn)
        FROM letters GROUP BY conversation_id ORDER BY conversation_id
    """  # noqa: S608
    return {name: (turns, line) for name, turns, line in rows(warehouse.sql(query, ["letters"]))}


def _index(turns: list[int], turn: int | None) -> int:
    return turns.index(turn) if turn is not None else len(turns)


def _grams(line: str, shortest: int, longest: int) -> Iterator[str]:
    for size in range(shortest, longest + 1):
        yield from (line[i : i + size] for i in range(len(line) - size + 1))


def _check(alphabet: str, shortest: int, longest: int) -> None:
    known: Iterable[str] = ("act", "mood", "emotion", "speaker")
    if alphabet not in known:
        raise BadParameter(f"there is no alphabet {alphabet!r}; there is {', '.join(known)}")
    if not 1 <= shortest <= longest <= 20:
        raise BadParameter(
            f"sequences have 1 to 20 turns, the shortest first, not {shortest} to {longest}"
        )
