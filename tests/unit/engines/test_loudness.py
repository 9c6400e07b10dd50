from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.engines.base import SAMPLE_RATE, Sound
from actors.engines.loudness import CEILING, amplified
from events.turns import WordTime

FULL = 32768


def tone(amplitude: float, seconds: float = 0.5) -> bytes:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sin(2 * np.pi * 150 * at) * amplitude).astype("<i2").tobytes()


def parts(pcm: bytes, samples: int) -> Iterator[Sound]:
    for begin in range(0, len(pcm), 2 * samples):
        yield Sound(pcm[begin : begin + 2 * samples])


def louder(pcm: bytes, decibels: float, samples: int = 4800) -> np.ndarray:
    sound = b"".join(part.pcm for part in amplified(parts(pcm, samples), decibels))
    return np.frombuffer(sound, "<i2").astype(float)


@pytest.mark.parametrize("decibels", [-30, -6, -0.1, 0.1, 3, 6, 12])
def test_below_the_ceiling_the_gain_is_exact_and_in_place(decibels: float) -> None:
    pcm = tone(5000)
    exact = np.frombuffer(pcm, "<i2") * 10 ** (decibels / 20)
    assert np.abs(louder(pcm, decibels) - exact).max() <= 1


@pytest.mark.parametrize("decibels", [12, 24])
def test_above_the_ceiling_it_is_limited(decibels: float) -> None:
    limited = louder(tone(20_000), decibels)
    assert 0.9 * CEILING * FULL < np.abs(limited).max() <= CEILING * FULL + 1


def test_a_limited_tone_is_a_tone_and_not_a_square() -> None:
    spectrum = np.abs(np.fft.rfft(louder(tone(20_000), 12)[SAMPLE_RATE // 4 :]))
    strongest = spectrum.argmax()
    assert spectrum[strongest * 2 + 3 :].max() < 0.1 * spectrum[strongest]


@given(samples=st.integers(1, 3000), decibels=st.sampled_from([-6.0, 3.0, 18.0]))
@settings(max_examples=15)
def test_the_parts_it_comes_in_make_no_difference(samples: int, decibels: float) -> None:
    pcm = tone(15_000, 0.1)
    assert np.array_equal(louder(pcm, decibels, samples), louder(pcm, decibels))


def test_nothing_asked_is_the_same_bytes_and_words() -> None:
    given_parts = [Sound(tone(32_767, 0.1), (WordTime("hi", 0.0, 0.1),)), Sound(b"")]
    assert list(amplified(given_parts, 0)) == given_parts


def test_words_come_no_later_than_their_sound() -> None:
    word = WordTime("hi", 0.1, 0.2)
    louder_parts = list(amplified([Sound(tone(100, 0.1)), Sound(tone(100, 0.1), (word,))], 6))
    assert [part.words for part in louder_parts] == [(), (word,), ()]
    assert len(louder_parts[0].pcm) <= 0.1 * SAMPLE_RATE * 2


def test_silence_without_samples_stays_so() -> None:
    assert not louder(b"", 6).size
