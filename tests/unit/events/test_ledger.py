"""What the ledger decides, without a log around it."""

import pytest

from events.envelope import Append, Recorded
from events.ledger import Ledger, Repeated
from events.log import StaleEpoch, VersionConflict
from tests.contracts.logs import an_append, clock, event, ids

NOW = clock()()


def a_ledger(opening: int = 1) -> Ledger:
    return Ledger(opening=opening, new_id=ids())


def admit(ledger: Ledger, append: Append) -> tuple[Recorded, ...]:
    admitted = ledger.admit(append, NOW)
    assert not isinstance(admitted, Repeated)
    return admitted


def test_epochs_grow_from_opening_to_opening() -> None:
    first = a_ledger(1)
    early = [first.open("a") for _ in range(3)]
    assert early == sorted(set(early))
    assert a_ledger(2).open("a") > early[-1]


def test_versions_are_admitted_before_they_are_durable() -> None:
    ledger = a_ledger()
    epoch = ledger.open("a")
    admit(ledger, an_append("a", epoch))
    assert ledger.heads.get("a") is None
    assert ledger.durable_position == 0
    second = admit(ledger, an_append("a", epoch, 1, "second"))
    assert second[0].version == 2


def test_only_durable_events_are_listed() -> None:
    ledger = a_ledger()
    epoch = ledger.open("a")
    first = admit(ledger, an_append("a", epoch))
    admit(ledger, an_append("a", epoch, 1, "second"))
    ledger.commit(first)
    (head,) = ledger.heads.newest(after=None, limit=10, ended=None)
    assert (head.version, ledger.durable_position) == (1, 1)


def test_a_refused_append_leaves_no_trace() -> None:
    ledger = a_ledger()
    epoch = ledger.open("a")
    with pytest.raises(VersionConflict):
        ledger.admit(an_append("a", epoch, 3), NOW)
    with pytest.raises(StaleEpoch):
        ledger.admit(an_append("a", epoch + 1), NOW)
    assert admit(ledger, an_append("a", epoch))[0].position == 1


def test_a_repeated_command_is_known_by_its_positions() -> None:
    ledger = a_ledger()
    epoch = ledger.open("a")
    admit(ledger, an_append("a", epoch, 0, "one"))
    admit(ledger, an_append("a", epoch, 1, "two", (event(), event(), event())))
    assert ledger.admit(an_append("a", epoch, 0, "two"), NOW) == Repeated(2, 4)


def test_commands_of_a_released_conversation_are_learnt_again() -> None:
    ledger = a_ledger()
    epoch = ledger.open("a")
    recorded = admit(ledger, an_append("a", epoch, 0, "one", (event(), event())))
    ledger.commit(recorded)
    ledger.release("a", epoch)
    newer = ledger.open("a")
    ledger.remember(recorded)
    assert ledger.admit(an_append("a", newer, 0, "one"), NOW) == Repeated(1, 2)


def test_a_release_waits_for_what_is_under_way() -> None:
    ledger = a_ledger()
    epoch = ledger.open("a")
    recorded = admit(ledger, an_append("a", epoch))
    ledger.release("a", epoch)
    newer = ledger.open("a")
    assert admit(ledger, an_append("a", newer, 1, "two"))[0].chain != recorded[0].chain
    with pytest.raises(StaleEpoch):
        ledger.admit(an_append("a", epoch, 2, "three"), NOW)


def test_after_a_restart_old_epochs_are_over_but_nobody_took_them() -> None:
    before = a_ledger(1)
    old = before.open("a")
    recorded = admit(before, an_append("a", old))
    after = a_ledger(2)
    after.commit(recorded)
    with pytest.raises(StaleEpoch) as refused:
        after.admit(an_append("a", old, 1, "two"), NOW)
    assert not refused.value.taken
    after.open("a")
    with pytest.raises(StaleEpoch) as refused:
        after.admit(an_append("a", old, 1, "two"), NOW)
    assert refused.value.taken
