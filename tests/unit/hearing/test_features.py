from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.engines.base import SAMPLE_RATE
from actors.hearing.features import features_of, is_silent
from actors.hearing.loudness import integrated
from actors.hearing.pitch import PitchTracker
from actors.hearing.syllables import syllables
from events.readings import Features
from tests.fixtures.sounds import pcm, silence, voiced

TEXT = "one two three four five six"


@cache
def tracker() -> PitchTracker:
    return PitchTracker()


def heard(*parts: np.ndarray, text: str = TEXT) -> Features:
    return features_of(pcm(*parts), text, tracker())


def glide(begin: float, end: float, seconds: float) -> np.ndarray:
    """A melody from one pitch to another, as straight in semitones."""
    return begin * (end / begin) ** np.linspace(0, 1, round(seconds * SAMPLE_RATE))


@pytest.mark.parametrize("hertz", [75, 110, 180, 260, 400])
def test_pitch_is_that_of_the_voice(hertz: float) -> None:
    found = heard(voiced(hertz))
    assert found.f0_median_hz == pytest.approx(hertz, rel=0.01)
    assert found.f0_range_st == pytest.approx(0, abs=0.3)
    assert found.f0_final_slope == pytest.approx(0, abs=0.2)


def test_range_is_that_of_the_melody() -> None:
    found = heard(voiced(glide(120, 240, 3.0), 3.0))
    assert found.f0_range_st == pytest.approx(0.9 * 12, abs=0.4)
    assert found.f0_median_hz == pytest.approx(120 * 2**0.5, rel=0.02)


@pytest.mark.parametrize(("end", "moved"), [(200, 5.0), (112, -5.0)])
def test_the_final_slope_is_the_movement_of_the_last_quarter_second(
    end: float, moved: float
) -> None:
    melody = np.concatenate((np.full(SAMPLE_RATE, 150.0), glide(150, end, 0.25)))
    found = heard(voiced(melody, 1.25))
    assert found.f0_final_slope == pytest.approx(moved, abs=1.2)


def test_a_sine_is_as_loud_as_the_recommendation_says() -> None:
    seconds = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    sine = 32767 * np.sin(2 * np.pi * 997 * seconds)
    assert integrated(sine.astype(np.int16)) == pytest.approx(-3.01, abs=0.05)
    assert integrated((sine / 10).astype(np.int16)) == pytest.approx(-23.01, abs=0.05)


def test_low_tones_are_less_loud_and_high_ones_more() -> None:
    seconds = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    low, middle, high = (
        integrated((3000 * np.sin(2 * np.pi * hertz * seconds)).astype(np.int16))
        for hertz in (40, 1000, 5000)
    )
    assert low < middle - 5
    assert high > middle + 2


def test_silence_does_not_make_speech_less_loud() -> None:
    alone, between = voiced(150, 2), (silence(3), voiced(150, 2), silence(3))
    assert heard(*between).loudness_lufs == pytest.approx(heard(alone).loudness_lufs, abs=0.8)


def test_loudness_is_the_same_wherever_the_pieces_are_cut() -> None:
    short, long = voiced(150, 2.4), voiced(150, 24)
    assert integrated(long) == pytest.approx(integrated(short), abs=0.1)


def test_pauses_are_counted_and_measured() -> None:
    found = heard(
        silence(0.5), voiced(150, 1), silence(0.3), voiced(150, 1), silence(0.7), voiced(150, 1)
    )
    assert (found.pauses, found.pauses_s, found.longest_pause_s) == (2, 1.0, 0.7)
    assert found.speech_s == pytest.approx(3, abs=0.05)
    assert found.duration_s == 4.5


def test_a_stop_consonant_is_no_pause() -> None:
    assert heard(voiced(150, 1), silence(0.15), voiced(150, 1)).pauses == 0


def test_a_room_is_not_speech() -> None:
    noise = np.random.default_rng(1).normal(0, 60, 3 * SAMPLE_RATE)
    talk = np.concatenate((voiced(150, 1), silence(1), voiced(150, 1))).astype(float)
    found = heard((talk + noise).astype(np.int16))
    assert found.pauses == 1
    assert found.pauses_s == pytest.approx(1, abs=0.05)


def test_the_rate_counts_syllables_in_speech_without_pauses() -> None:
    found = heard(voiced(150, 1), silence(1), voiced(150, 1), text="a banana")
    assert found.rate_syll_s == pytest.approx(2, abs=0.05)


def test_what_is_too_short_to_measure_is_left_out() -> None:
    found = heard(voiced(150, 0.06))
    assert (found.f0_median_hz, found.f0_final_slope, found.rate_syll_s) == (None, None, None)
    assert found.loudness_lufs is not None


def test_text_without_syllables_has_no_rate() -> None:
    assert heard(voiced(150), text="你好").rate_syll_s is None


def test_clipped_sound_is_noted() -> None:
    loud = np.clip(voiced(150, 1, level=0.9).astype(float) * 3, -32768, 32767).astype(np.int16)
    assert heard(loud).notes[0].startswith("clipped")
    assert heard(voiced(150, 1, level=0.9)).notes == ()


def test_silence_is_silence_and_a_whisper_is_not() -> None:
    assert is_silent(pcm(silence(1)))
    assert is_silent(np.random.default_rng(1).normal(0, 5, 24000).astype("<i2").tobytes())
    assert not is_silent(pcm(silence(1), voiced(150, 0.1, level=0.01)))


@settings(max_examples=10)
@given(st.floats(-30, 10), st.integers(80, 350))
def test_gain_changes_loudness_alone(decibels: float, hertz: int) -> None:
    plain = voiced(hertz, 0.8, level=0.2)
    other = (plain * 10 ** (decibels / 20)).astype(np.int16)
    one, two = heard(plain, silence(0.3), plain), heard(other, silence(0.3), other)
    assert two.f0_median_hz == pytest.approx(one.f0_median_hz, rel=0.01)
    assert (two.pauses, two.rate_syll_s) == (one.pauses, pytest.approx(one.rate_syll_s, rel=0.05))
    assert two.loudness_lufs - one.loudness_lufs == pytest.approx(decibels, abs=0.2)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Hello there!", 3),
        ("Would you like some coffee?", 6),
        ("the beautiful houses", 6),
        ("asked, wanted, changed", 4),
        ("a little table", 5),
        ("I don't know, he didn’t say", 7),
        ("Room 42", 3),
        ("?!", None),
        ("", None),
    ],
)
def test_syllables(text: str, number: int | None) -> None:
    assert syllables(text) == number
