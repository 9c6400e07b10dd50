"""Damage is found, and named exactly."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.envelope import Append, Damage, NewEvent, Recorded, relink
from events.ledger import Ledger
from events.verification import verify
from tests.contracts.logs import clock, ids

Log = list[Recorded]
TALK = "abaabbcabcabbacaab"


def a_log(talk: str = TALK) -> Log:
    """One event for each letter, of the conversation that it names."""
    ledger, now = Ledger(opening=1, new_id=ids()), clock()
    epochs = {name: ledger.open(name) for name in sorted(set(talk))}
    versions = dict.fromkeys(epochs, 0)
    log: Log = []
    for index, name in enumerate(talk):
        append = Append(name, versions[name], epochs[name], f"{index}", (NewEvent("t", 1, "{}"),))
        log.extend(ledger.admit(append, now()))  # type: ignore[arg-type]
        versions[name] += 1
    return log


def found(log: Log, promised: int = len(TALK)) -> list[tuple[int, str | None, int | None]]:
    damages = verify(log, promised=promised).damages
    return [(d.position, d.conversation_id, d.version) for d in damages]


def place(event: Recorded) -> tuple[int, str, int]:
    return event.position, event.conversation_id, event.version


@given(st.text("abc", max_size=30))
def test_a_whole_log_is_content(talk: str) -> None:
    outcome = verify(a_log(talk), promised=len(talk))
    assert outcome.content
    assert (outcome.events, outcome.last_position) == (len(talk), len(talk))
    assert outcome.conversations == len(set(talk))


ALTERATIONS: dict[str, Callable[[Recorded], Recorded]] = {
    "data": lambda e: replace(e, data='{"text":"no"}'),
    "type": lambda e: replace(e, type="u"),
    "time": lambda e: replace(e, recorded_at=clock()()),
    "command": lambda e: replace(e, command_id="x"),
    "epoch": lambda e: replace(e, epoch=e.epoch + 1),
    "event id": lambda e: replace(e, event_id=f"{e.event_id[:-2]}ff"),
    "hash": lambda e: replace(e, chain=bytes(32)),
    "position": lambda e: replace(e, position=e.position + 40),
    "version": lambda e: replace(e, version=e.version + 3),
}


@pytest.mark.parametrize("alter", ALTERATIONS.values(), ids=ALTERATIONS.keys())
@pytest.mark.parametrize("index", [1, 5, 9, 14, 17])
def test_an_altered_event_is_named_and_no_other(
    index: int, alter: Callable[[Recorded], Recorded]
) -> None:
    log = a_log()
    original, log[index] = log[index], alter(log[index])
    assert found(log) == [place(original)]


def test_an_event_forged_with_its_hash_gives_itself_away_at_the_next() -> None:
    log = a_log("aaaa")
    forged = replace(log[1], data="forged")
    log[1] = replace(forged, chain=relink(log[0].chain, forged))
    assert found(log, promised=4) == [(3, "a", 3)]


@given(st.integers(0, len(TALK) - 1))
def test_a_missing_event_is_named(index: int) -> None:
    log = a_log()
    lost = log.pop(index)
    (damage,) = verify(log, promised=len(TALK)).damages
    assert damage.position == lost.position
    assert "missing" in damage.what
    followed = any(e.conversation_id == lost.conversation_id for e in log[index:])
    named = (lost.conversation_id, lost.version) if followed else (None, None)
    assert (damage.conversation_id, damage.version) == named


def test_a_cut_tail_is_told_by_what_was_promised() -> None:
    log = a_log()
    outcome = verify(log[:-3], promised=len(log))
    what = "positions 16 to 18 are missing at the end"
    assert list(outcome.damages) == [Damage(16, None, None, what)]
    assert verify(log[:-3]).content, "without a promise nobody can tell"


@given(st.integers(0, len(TALK) - 1), st.integers(0, len(TALK)))
def test_a_copied_event_is_named(index: int, to: int) -> None:
    log = a_log()
    log.insert(max(to, index + 1), log[index])
    assert found(log) == [place(log[index])]


@given(st.integers(0, len(TALK) - 2))
def test_two_events_stored_the_wrong_way_round(index: int) -> None:
    log = a_log()
    log[index], log[index + 1] = log[index + 1], log[index]
    (damage,) = verify(log, promised=len(log)).damages
    assert place(log[index + 1]) == (damage.position, damage.conversation_id, damage.version)
    assert damage.what == f"it is stored after position {index + 2}"


@given(st.sets(st.integers(0, len(TALK) - 1), min_size=1), st.randoms())
def test_no_loss_goes_unnoticed(lost: set[int], random: object) -> None:
    log = [event for index, event in enumerate(a_log()) if index not in lost]
    assert not verify(log, promised=len(TALK)).content
    random.shuffle(log)  # type: ignore[attr-defined]
    assert not verify(log, promised=len(TALK)).content


def test_absurd_positions_and_versions_do_not_exhaust_the_machine() -> None:
    log = a_log()
    log[4] = replace(log[4], position=2**60, version=2**60, data="x")
    assert not verify(log, promised=len(TALK)).content
