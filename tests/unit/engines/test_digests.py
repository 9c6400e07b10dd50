import hashlib
import os
from pathlib import Path

import pytest

from actors.engines.kokoro_graph import digests
from actors.engines.kokoro_graph.digests import Digests


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "SETTLED_S", -1.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    return path


def test_a_file_that_nobody_touched_is_not_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Digests(path.with_name("kept"))
    assert known.of(path) == sha(b"one")
    monkeypatch.setattr(digests, "_digest", None)
    assert Digests(path.with_name("kept")).of(path) == sha(b"one")


def test_a_file_that_was_changed_is_read_again(path: Path) -> None:
    known = Digests(path.with_name("kept"))
    known.of(path)
    path.write_bytes(b"two")
    assert known.of(path) == sha(b"two")


def test_a_change_that_hides_behind_an_old_date_is_found(path: Path) -> None:
    known, before = Digests(path.with_name("kept")), path.stat()
    known.of(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert known.of(path) == sha(b"two")


def test_a_file_that_may_still_change_is_not_remembered(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "SETTLED_S", 3600.0)
    kept = path.with_name("kept")
    assert Digests(kept).of(path) == sha(b"one")
    assert not kept.exists()


@pytest.mark.parametrize("content", [b"", b"not JSON", b"[]"])
def test_what_is_kept_may_be_lost_or_damaged(path: Path, content: bytes) -> None:
    kept = path.with_name("kept")
    kept.write_bytes(content)
    assert Digests(kept).of(path) == sha(b"one")


def test_where_nothing_can_be_kept_it_is_computed(path: Path) -> None:
    assert Digests(path.parent / "no" / "such" / "place").of(path) == sha(b"one")
