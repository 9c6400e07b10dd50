"""Tokens open the keys that they are of, and nothing else does."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from gateway.access.keys import SCOPES, Key, Keyring, Limits, Scope
from gateway.access.tokens import digest_of, key_id_of, new_key_id, new_token

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def token(digit: str = "a") -> str:
    return new_token(digit * 12, lambda count: digit * 2 * count)


def key(digit: str = "a", *scopes: Scope, **more: object) -> Key:
    return Key(
        id=digit * 12,
        name="a game",
        digest=digest_of(token(digit)),
        scopes=frozenset(scopes or ("speak",)),
        created_at=NOON,
        **more,  # type: ignore[arg-type]
    )


def test_a_token_tells_of_which_key_it_is() -> None:
    assert new_key_id(lambda count: "b" * 2 * count) == "b" * 12
    assert key_id_of(token("b")) == "b" * 12
    assert len(token()) == len("clq_") + 12 + 1 + 64


@pytest.mark.parametrize("sent", ["", "clq_", "any", token()[:-1], token() + "0", token().upper()])
def test_what_is_no_token_is_of_no_key(sent: str) -> None:
    assert key_id_of(sent) is None
    assert Keyring({key().id: key()}).opened_by(sent) is None


def test_a_token_opens_its_own_key_alone() -> None:
    ring = Keyring().with_key(key("a")).with_key(key("b"))
    assert ring.opened_by(token("b")) == key("b")
    assert ring.opened_by(token("c")) is None
    forged = f"clq_{'a' * 12}_{'b' * 64}"
    assert ring.opened_by(forged) is None


def test_a_revoked_key_stays_known_and_opens_nothing() -> None:
    ring = Keyring().with_key(key(revoked_at=NOON))
    assert ring
    assert ring.opened_by(token()) is None


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_is_had_if_it_was_given_or_by_an_admin(scope: Scope) -> None:
    others = frozenset(get_args(Scope)) - {scope, "admin"}
    assert key("a", scope).may(scope)
    assert key("a", "admin").may(scope)
    assert not key("a", *others).may(scope)


def test_an_admin_sees_all() -> None:
    assert key("a", "admin").sees_all
    assert not key("a", "speak", "read", "analyse").sees_all


def test_a_key_does_not_show_its_digest() -> None:
    assert digest_of(token()) not in repr(key())


def test_limits_of_a_key_win_over_the_defaults() -> None:
    own, defaults = (
        Limits(requests_per_minute=5),
        Limits(requests_per_minute=1, concurrent_requests=2),
    )
    assert own.or_else(defaults) == Limits(requests_per_minute=5, concurrent_requests=2)
