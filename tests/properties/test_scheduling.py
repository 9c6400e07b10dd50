"""What the schedule promises, and keeps: the pool itself, in virtual time."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from actors.phrases import MOST
from actors.synthesis.costs import SECONDS_PER_CHARACTER
from tests.properties.synthesis_simulation import EXACT, Heard, Line, Machine, simulate, talk

MACHINES = st.builds(
    Machine,
    workers=st.integers(1, 4),
    real_time_factor=st.sampled_from([0.02, 0.1, 0.2, 0.3, 0.4, 0.55, 0.75]),
    piece_s=st.sampled_from([0.2, 0.8, 3.2]),
    crowd=st.just(64),
)
STARTS = st.lists(st.sampled_from([0.0, 0.0, 0.01, 1.0, 2.5, 4.0, 9.0]), min_size=1, max_size=12)
SEEDS = st.integers(0, 10_000)
UNFAIR = 0.1
"""By which the half of a key may be off: a share is a whole number of talkers."""


def cushion_s(machine: Machine, turns: int) -> float:
    """The sound in hand with which nobody of so many turns runs dry below capacity.

    A piece that is being made is not interrupted. Of talkers who want no more than the places have,
    served by earliest deadline, none is later than the work of the longest piece times
    1 + m / (m - (m - 1) u) for m places of which one talker wants u (after Devi and Anderson, 2008,
    for jobs that are not preempted). Whoever begins goes first, which all together may cost the
    others a piece each. And a phrase ends where it began, although another worker may have less to
    do by then: with as many talkers as can talk for ever, and one more while the others are ahead,
    of whom each worker has k at the most, it falls behind by what these want beyond what there is.
    For two phrases in a row, that is: none of 6,000 machines drawn at random needed more.
    """
    longest_s = machine.real_time_factor * machine.piece_s
    m, u = machine.all_places, machine.real_time_factor
    most = min(turns, math.floor(machine.max_load * m / u + EXACT) + 1)
    beyond = max(0.0, math.ceil(most / machine.workers) * u - machine.places)
    behind_s = 2 * beyond * MOST * SECONDS_PER_CHARACTER
    return longest_s * (1 + m / (m - (m - 1) * u)) + machine.piece_s + behind_s


def lines(starts: list[float], seed: int, phrases: int = 5, **particulars: object) -> list[Line]:
    return [
        replace(
            Line(f"t{number}", talk(seed, phrases, str(number)), at, f"c{number}"),
            **particulars,  # type: ignore[arg-type]
        )
        for number, at in enumerate(starts)
    ]


def begun(heards: list[Heard]) -> list[Heard]:
    return [heard for heard in heards if heard.first_at is not None]


@settings(max_examples=30)
@given(MACHINES, STARTS, SEEDS)
def test_nobody_who_was_let_in_runs_dry(machine: Machine, starts: list[float], seed: int) -> None:
    machine = replace(machine, max_load=0.8)
    wanted = lines(starts, seed, 8, holds_back_s=cushion_s(machine, len(starts)))
    heards, _ = simulate(machine, wanted)
    assert begun(heards)
    assert max(heard.late_s for heard in heards) == 0.0


@settings(max_examples=30)
@given(MACHINES, STARTS, SEEDS)
def test_below_capacity_nobody_is_turned_away(
    machine: Machine, starts: list[float], seed: int
) -> None:
    assume(len(starts) * machine.real_time_factor <= machine.max_load * machine.all_places)
    heards, _ = simulate(machine, lines(starts, seed))
    assert len(begun(heards)) == len(starts)


@settings(max_examples=30)
@given(MACHINES, STARTS, SEEDS, st.sampled_from([0.5, 0.9, 100.0]), st.sampled_from([1, 2, 64]))
def test_all_that_was_let_in_is_spoken_and_no_place_is_idle_while_a_phrase_waits(
    machine: Machine, starts: list[float], seed: int, max_load: float, crowd: int
) -> None:
    machine = replace(machine, max_load=max_load, crowd=crowd)
    heards, simulation = simulate(machine, lines(starts, seed))
    for heard in begun(heards):
        text_s = sum(heard.line.phrases) * SECONDS_PER_CHARACTER
        assert heard.sound_s == pytest.approx(text_s)
    assert not simulation.idled
    status = simulation.pool.status()
    assert (status.talking, status.waiting, status.busy) == (0, 0, 0)
    assert status.admitted + status.refused == len(starts)


@settings(max_examples=30)
@given(MACHINES, STARTS, SEEDS)
# Phrases that share a place cost what they cost, whichever of them ends first.
@example(Machine(1, real_time_factor=0.2, piece_s=3.2, crowd=64), [0.0, 0.0, 0.0, 0.0, 2.5], 0)
def test_whoever_comes_again_when_told_finds_room(
    machine: Machine, starts: list[float], seed: int
) -> None:
    """The last of all to come, that is: after it nobody else does."""
    last = Line("last", talk(seed, 5, "last"), max(starts) + 0.5, "last", comes_again=1)
    wanted = lines(starts, seed, holds_back_s=cushion_s(machine, len(starts)))
    heards, _ = simulate(replace(machine, max_load=0.8), [*wanted, last])
    assert heards[-1].asked[-1][1] is None


@settings(max_examples=30)
@given(MACHINES, st.integers(2, 10), SEEDS)
def test_nobody_who_comes_again_when_told_is_turned_away_for_ever(
    machine: Machine, callers: int, seed: int
) -> None:
    heards, _ = simulate(machine, lines([0.0] * callers, seed, 3, comes_again=40))
    assert len(begun(heards)) == callers


@settings(max_examples=8)
@given(st.integers(1, 4), st.integers(1, 4), SEEDS)
def test_of_two_keys_that_want_too_much_each_gets_its_half(
    half: int, flood: int, seed: int
) -> None:
    """However many turns the one wants at a time, who all come again when they are told to."""
    machine = Machine(real_time_factor=1.0 / half, crowd=64, piece_s=0.8, max_load=1.0)
    wanted = 12 * half
    greedy = [asking("greedy", number, seed) for number in range(wanted * flood)]
    modest = [asking("modest", number, seed) for number in range(wanted)]
    heards, _ = simulate(machine, [*greedy, *modest])
    until = max(heard.first_at for heard in heards if heard.line.key_id == "modest")
    heard_s = Counter[str]()
    for heard in heards:
        if heard.first_at is not None and heard.first_at <= until:
            heard_s[heard.line.key_id] += heard.sound_s
    assert abs(heard_s["modest"] / heard_s.total() - 0.5) <= UNFAIR


def asking(key: str, number: int, seed: int) -> Line:
    name = f"{key}{number}"
    return Line(name, talk(seed, 2, name), 0.0, name, key, comes_again=500)


def test_a_newcomer_is_heard_before_the_tenth_phrase_of_another() -> None:
    machine = Machine(workers=1, real_time_factor=0.3, piece_s=0.5)
    long, short = (
        Line("long", talk(1, 10), conversation_id="a"),
        Line("short", (30,), at=2.0, conversation_id="b"),
    )
    heards, _ = simulate(machine, [long, short])
    assert heards[1].first_at is not None
    assert heards[1].first_at - 2.0 <= 2 * 0.3 * 0.5 + EXACT


def test_where_the_cost_was_unknown_it_is_learned() -> None:
    machine = Machine(workers=1, real_time_factor=0.5, known=False)
    _, simulation = simulate(machine, lines([0.0], 3, 40))
    assert simulation.pool.cost.real_time_factor == pytest.approx(0.5, rel=0.05)
