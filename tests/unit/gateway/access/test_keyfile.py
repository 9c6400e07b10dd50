"""The file of keys is written whole, and read again as soon as it changed."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.access import keyfile
from gateway.access.keyfile import LOOK_EVERY_S, KeyFileDamaged, WatchedKeys
from gateway.access.keys import Keyring
from tests.fakes.clock import Clock
from tests.unit.gateway.access.test_keys import NOON, key, token


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / keyfile.NAME


def add(path: Path, digit: str, **more: object) -> None:
    keyfile.change(path, lambda ring: ring.with_key(key(digit, "speak", **more)))


def test_what_is_written_is_read(path: Path) -> None:
    assert not keyfile.read(path)
    add(path, "a")
    add(path, "b", revoked_at=NOON)
    ring = Keyring().with_key(key("a")).with_key(key("b", revoked_at=NOON))
    assert keyfile.read(path) == ring


def test_no_token_is_in_it_and_nobody_else_reads_it(path: Path) -> None:
    add(path, "a")
    assert token("a") not in path.read_text()
    assert "a" * 64 not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_changes_it_at_the_same_time_waits(path: Path) -> None:
    digits = "0123456789abcdef"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda digit: add(path, digit), digits))
    assert {each.id[0] for each in keyfile.read(path)} == set(digits)


def test_a_change_that_is_refused_changes_nothing(path: Path) -> None:
    add(path, "a")
    before = path.read_bytes()

    def refuse(_: Keyring) -> Keyring:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        keyfile.change(path, refuse)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", '{"format": 2}', '{"keys": [{"id": "a"}]}', "[]"])
def test_a_damaged_file_is_named_and_left_as_it_is(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    for attempt in (lambda: keyfile.read(path), lambda: add(path, "a"), lambda: Watched(path)):
        with pytest.raises(KeyFileDamaged, match=r"keys\.json"):
            attempt()
    assert path.read_text() == content


class Watched(WatchedKeys):
    """By somebody who is never in a hurry."""

    def __init__(self, path: Path) -> None:
        self.time = Clock()
        super().__init__(path, self.time)

    def current(self) -> Keyring:
        self.time.advance(2 * LOOK_EVERY_S)
        return super().current()


def test_a_change_is_seen_a_moment_later(path: Path) -> None:
    watched = WatchedKeys(path, time := Clock())
    add(path, "a")
    assert not watched.current()
    time.advance(2 * LOOK_EVERY_S)
    assert watched.current()


def test_every_change_is_seen(path: Path) -> None:
    watched = Watched(path)
    assert not watched.current()
    assert not watched.locked
    add(path, "a")
    assert watched.current()
    assert watched.locked
    assert watched.current().opened_by(token("a"))
    add(path, "a", revoked_at=NOON)
    assert watched.current().opened_by(token("a")) is None


def test_a_file_that_vanishes_does_not_unlock_the_door(path: Path) -> None:
    add(path, "a")
    watched = Watched(path)
    path.unlink()
    assert watched.current().opened_by(token("a")) is None
    assert watched.locked


def test_a_file_that_is_damaged_meanwhile_leaves_the_keys_as_they_were(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(path, "a")
    watched = Watched(path)
    path.write_text("{")
    assert watched.current().opened_by(token("a"))
    assert "damaged" in caplog.text
    assert len(caplog.records) == 1
    watched.current()
    assert len(caplog.records) == 1, "said once"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(path: Path) -> None:
    add(path, "a")
    path.chmod(0)
    with pytest.raises(KeyFileDamaged, match="let its owner serve"):
        keyfile.read(path)
