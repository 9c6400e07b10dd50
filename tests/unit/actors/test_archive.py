import hashlib
import os
import pickle
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.archive import ArchiveUnavailable, AudioArchive, AudioDamaged, AudioMissing

PCM = bytes(range(256)) * 40
ABSENT = "0" * 64

law = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def archive(tmp_path: Path) -> AudioArchive:
    return AudioArchive(tmp_path / "audio")


def files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


@law
@given(pcm=st.binary(max_size=4000).map(lambda raw: raw[: len(raw) // 2 * 2]))
def test_what_goes_in_comes_out(archive, pcm):
    digest = archive.keep(pcm)
    assert digest == hashlib.sha256(pcm).hexdigest()
    assert archive.samples(digest) == pcm


def test_a_file_is_named_after_its_samples_two_levels_deep(archive, tmp_path):
    digest = archive.keep(PCM)
    assert files(tmp_path) == [tmp_path / "audio" / digest[:2] / f"{digest}.flac"]


def test_no_audio_at_all_is_audio_too(archive):
    assert archive.samples(archive.keep(b"")) == b""


def test_keeping_again_writes_nothing(archive, tmp_path):
    digest = archive.keep(PCM)
    before = files(tmp_path)[0].stat()
    assert archive.keep(PCM) == digest
    after = files(tmp_path)[0].stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_half_a_sample_is_refused(archive, tmp_path):
    with pytest.raises(ValueError, match="3 bytes are not a whole number"):
        archive.keep(b"abc")
    assert files(tmp_path) == []


def test_many_writers_of_the_same_samples_leave_one_file(tmp_path):
    def write(_: int) -> str:
        return AudioArchive(tmp_path).keep(PCM)

    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(write, range(32)))
    assert len(digests) == 1
    assert [path.suffix for path in files(tmp_path)] == [".flac"]


def test_another_archive_on_the_same_directory_finds_it(archive, tmp_path):
    digest = archive.keep(PCM)
    assert AudioArchive(tmp_path / "audio").samples(digest) == PCM


def test_what_was_never_kept_is_missing(archive):
    with pytest.raises(AudioMissing, match=ABSENT):
        archive.samples(ABSENT)


def test_what_was_forgotten_is_missing_and_may_be_forgotten_again(archive, tmp_path):
    digest = archive.keep(PCM)
    archive.forget(digest)
    archive.forget(digest)
    archive.forget(ABSENT)
    assert files(tmp_path) == []
    with pytest.raises(AudioMissing):
        archive.samples(digest)


@law
@given(data=st.data())
def test_a_damaged_file_never_gives_other_samples(tmp_path, data):
    """Any byte changed, or any end cut off: the same samples still, or an error."""
    archive = AudioArchive(tmp_path)
    digest = archive.keep(PCM)
    path = files(tmp_path)[0]
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    flip = bytes([whole[at] ^ data.draw(st.integers(1, 255))])
    path.write_bytes(data.draw(st.sampled_from([whole[:at] + flip + whole[at + 1 :], whole[:at]])))
    with suppress(AudioDamaged):
        assert archive.samples(digest) == PCM


@pytest.mark.parametrize("content", [b"", b"not audio", b"fLaC"])
def test_a_file_that_is_no_audio_is_damaged(archive, tmp_path, content):
    digest = archive.keep(PCM)
    files(tmp_path)[0].write_bytes(content)
    with pytest.raises(AudioDamaged, match="restore its file"):
        archive.samples(digest)


def test_a_file_with_the_samples_of_another_is_damaged(archive, tmp_path):
    first, second = archive.keep(PCM), archive.keep(PCM[2:])
    root = tmp_path / "audio"
    (root / first[:2] / f"{first}.flac").write_bytes(
        (root / second[:2] / f"{second}.flac").read_bytes()
    )
    with pytest.raises(AudioDamaged):
        archive.samples(first)


def test_keeping_again_heals_a_damaged_file(archive, tmp_path):
    digest = archive.keep(PCM)
    files(tmp_path)[0].write_bytes(b"fLaC")
    archive.keep(PCM)
    assert archive.samples(digest) == PCM


@pytest.mark.parametrize(
    "digest",
    ["", "ab", "../" * 21 + "a", "A" * 64, ABSENT + "\n", "/" + ABSENT[1:]],
)
def test_only_a_digest_becomes_a_path(archive, digest):
    with pytest.raises(ValueError, match="64 lower-case hexadecimal digits"):
        archive.samples(digest)
    with pytest.raises(ValueError, match="64 lower-case hexadecimal digits"):
        archive.forget(digest)


@pytest.mark.parametrize("error", [AudioMissing(ABSENT), AudioDamaged(ABSENT)])
def test_errors_travel_between_processes(error):
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(copy), str(copy), copy.digest) == (type(error), str(error), ABSENT)


def test_a_write_that_fails_leaves_nothing_behind(archive, tmp_path):
    digest = hashlib.sha256(PCM).hexdigest()
    obstacle = tmp_path / "audio" / digest[:2] / f"{digest}.flac" / "in the way"
    obstacle.mkdir(parents=True)
    with pytest.raises(ArchiveUnavailable, match="Is a directory"):
        archive.keep(PCM)
    assert files(tmp_path) == []


def test_what_a_dead_writer_left_is_cleared_and_a_live_one_is_not_disturbed(tmp_path):
    (tmp_path / "ab").mkdir()
    old, young = (Path(tempfile.mkstemp(dir=tmp_path / "ab", suffix=".part")[1]) for _ in range(2))
    os.utime(old, (time.time() - 7200,) * 2)
    AudioArchive(tmp_path)
    assert files(tmp_path) == [young]


def test_what_cannot_be_read_is_said_and_not_lost(archive, tmp_path):
    digest = archive.keep(PCM)
    (file,) = files(tmp_path)
    packed = file.read_bytes()
    file.unlink()
    file.mkdir()  # reading it fails for root too
    with pytest.raises(ArchiveUnavailable, match=r"cannot be read .*Is a directory"):
        archive.samples(digest)
    file.rmdir()
    file.write_bytes(packed)
    assert archive.samples(digest) == PCM


def test_a_full_disk_keeps_nothing_and_loses_nothing(archive, tmp_path):
    kept = archive.keep(PCM)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(ArchiveUnavailable, match=r"cannot be kept .*File too large"):
            archive.keep(PCM[::-1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [file.stem for file in files(tmp_path)] == [kept]
    assert archive.samples(archive.keep(PCM[::-1])) == PCM[::-1]


def test_the_reason_travels_between_processes():
    there = ArchiveUnavailable("read", "Input/output error")
    here = pickle.loads(pickle.dumps(there))  # noqa: S301
    assert (type(here), str(here)) == (type(there), str(there))
