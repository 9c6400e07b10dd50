import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.engines.pauses import FADE_S, paused, shifted
from events.turns import WordTime

RATE = 1000
WORDS = (WordTime("one", 0.0, 0.3), WordTime("two", 0.3, 0.5), WordTime("three", 0.6, 1.0))
SAMPLES = np.full(1000, 9000, np.int16)


@given(st.tuples(*[st.integers(0, 900)] * 3))
def test_each_pause_is_silence_of_its_length_at_the_end_of_its_word(
    pauses: tuple[int, int, int],
) -> None:
    samples, words = paused(SAMPLES, WORDS, [pause / RATE for pause in pauses], RATE)
    assert len(samples) == len(SAMPLES) + sum(pauses)
    for word, pause in zip(words, pauses, strict=True):
        begin = round(word.end_s * RATE)
        assert not samples[begin : begin + pause].any()
    sounding = len(SAMPLES) - 2 * 3 * round(FADE_S * RATE)
    assert sounding <= (samples == 9000).sum() <= len(SAMPLES)


def test_words_move_by_the_pauses_before_them() -> None:
    _, words = paused(SAMPLES, WORDS, [0.2, 0.0, 0.4], RATE)
    assert words == (WORDS[0], *shifted(WORDS[1:], 0.2))


def test_no_pause_is_the_same_samples() -> None:
    samples, words = paused(SAMPLES, WORDS, [0.0] * 3, RATE)
    assert np.array_equal(samples, SAMPLES)
    assert words == WORDS


def test_a_cut_through_sound_does_not_click() -> None:
    samples, _ = paused(SAMPLES, WORDS, [0.2, 0.0, 0.0], RATE)
    steps = np.abs(np.diff(samples.astype(int)))
    assert steps.max() <= 9000 / (FADE_S * RATE - 1)
