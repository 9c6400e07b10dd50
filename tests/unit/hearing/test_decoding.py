import time
import tracemalloc
from itertools import count

import numpy as np
import pytest

from actors.engines.base import SAMPLE_RATE
from actors.hearing.decoding import DECODED_WITHIN_S, decoded
from actors.refusals import AudioTooLong, BadAudio
from tests.fixtures.sounds import FILES, file, silence, voiced

TELLING = sorted(set(FILES) - {"aac"})
"""Kinds of which a part can be told from the whole; an AAC stream may end after any frame."""


def of(data: bytes, most_s: float = 10.0) -> np.ndarray:
    return np.frombuffer(decoded(data, most_s=most_s, clock=time.monotonic), "<i2")


@pytest.mark.parametrize("kind", FILES)
def test_any_common_kind_of_file_is_decoded(kind: str) -> None:
    samples = of(file(kind, voiced(150, 1.5)))
    assert len(samples) / SAMPLE_RATE == pytest.approx(1.5, abs=0.06)
    assert np.abs(samples).max() == pytest.approx(32767 * 0.2, rel=0.15)


def test_two_channels_become_one_of_the_same_level() -> None:
    one, two = (of(file("wav", voiced(150), channels=channels)) for channels in (1, 2))
    assert np.abs(one.astype(int) - two).max() <= 2


@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("kind", TELLING)
def test_a_file_that_is_cut_off_is_refused(kind: str, share: float) -> None:
    whole = file(kind, voiced(150, 3))
    with pytest.raises(BadAudio):
        of(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_wav_that_was_streamed_need_not_know_its_length(size: int) -> None:
    whole = file("wav", voiced(150, 1))
    at = whole.index(b"data") + 4
    assert len(of(whole[:at] + size.to_bytes(4, "little") + whole[at + 4 :])) == SAMPLE_RATE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello " * 1000,
        bytes(50_000),
        b"RIFF\xff\xff\xff\xffWAVE",
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        np.random.default_rng(0).bytes(50_000),
        b"ID3\x04\x00\x00\x00\x00\x00\x10",
    ],
)
def test_what_is_not_audio_is_refused(data: bytes) -> None:
    with pytest.raises(BadAudio):
        of(data)


def test_sound_too_short_to_hear_is_refused() -> None:
    with pytest.raises(BadAudio, match="no sound"):
        of(file("wav", voiced(150, 0.04)))


def test_a_playlist_opens_no_other_file(tmp_path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(file("wav", voiced(150)))
    for playlist in (
        f"ffconcat version 1.0\nfile {other}\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other}\n#EXT-X-ENDLIST\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{other}\n#EXT-X-ENDLIST\n",
    ):
        with pytest.raises(BadAudio):
            of(playlist.encode())


@pytest.mark.parametrize("kind", ["ogg", "mp3", "flac", "webm"])
def test_what_is_too_long_is_refused_before_it_is_decoded(kind: str) -> None:
    long = file(kind, silence(120))
    tracemalloc.start()
    try:
        with pytest.raises(AudioTooLong, match="5 seconds"):
            of(long, most_s=5)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20 * 5 * SAMPLE_RATE


def test_exactly_the_most_is_taken() -> None:
    assert len(of(file("wav", voiced(150, 5)), most_s=5)) == 5 * SAMPLE_RATE


def test_decoding_has_a_deadline() -> None:
    ticks = count(0, DECODED_WITHIN_S)
    with pytest.raises(BadAudio, match="within 20 s"):
        decoded(file("ogg", voiced(150, 2)), most_s=10, clock=lambda: next(ticks))
