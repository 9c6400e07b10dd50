import numpy as np
import pytest

from actors.engines.base import SAMPLE_RATE, EngineError
from actors.engines.kokoro_graph.rungs import FRAME
from actors.engines.kokoro_graph.steering import (
    Transcription,
    contour,
    delivered,
    envelope,
    excerpt,
    frames,
    word_times,
)
from actors.engines.kokoro_graph.steering.contour import ACCENT, HIGHEST, LOWEST
from actors.engines.kokoro_graph.steering.durations import EMPHASIS
from actors.engines.kokoro_graph.steering.loudness import EMPHASIS_DB
from actors.engines.kokoro_graph.steering.stress import nucleus, rime
from events.direction import Phrase, WordProsody

PHONEMES = "həlˈoʊ, mɪstɚ mˈuːn."
OWNER = (0,) * 8 + (1,) * 6 + (2,) * 6
SCORE = Transcription(PHONEMES, OWNER, 3)
RAW = np.full(SCORE.tokens, 4.0, np.float32)
FRAMES = frames(RAW, SCORE, Phrase(text=""))
HALVES = 2 * int(FRAMES.sum())
WAVE = (150 * 2 ** (np.sin(np.arange(HALVES) / 9) / 6)).astype(np.float32)


def asking(index: int = 1, **asks: float) -> Phrase:
    return Phrase(text="Hello, mister Moon.", words=(WordProsody(index=index, **asks),))


def phrase(**asks: float | None) -> Phrase:
    return Phrase(text="Hello, mister Moon.", **asks)


def halves(span: tuple[int, int]) -> slice:
    edges = 2 * np.append(0, np.cumsum(FRAMES))
    return slice(int(edges[span[0]]), int(edges[span[1]]))


def moved(f0: np.ndarray, asked: Phrase) -> np.ndarray:
    """Semitones between what is given and what comes of it."""
    return 12 * np.log2(contour(f0, FRAMES, SCORE, asked) / f0)


def of_word(index: int) -> slice:
    span = SCORE.span(index)
    assert span
    return slice(*span)


# The text


def test_a_word_is_what_sounds_of_it() -> None:
    assert [SCORE.span(word) for word in range(3)] == [(1, 7), (9, 14), (15, 20)]


def test_a_gap_goes_from_sound_to_sound() -> None:
    assert [SCORE.gap_after(word) for word in range(3)] == [(7, 9), (14, 15), (20, 22)]


def test_a_word_without_phonemes_has_the_gap_of_the_one_before() -> None:
    text = Transcription("ɐ ɐ", (1, 1, 3), 5)
    assert [text.gap_after(word) for word in range(5)] == [None, (2, 3), (2, 3), (4, 5), (4, 5)]


@pytest.mark.parametrize("owner", [(0,), (1, 0), (0, 3), (-1, 0)])
def test_owners_are_words_in_order_one_for_each_phoneme(owner: tuple[int, ...]) -> None:
    with pytest.raises(EngineError):
        Transcription("ab", owner, 2)


@pytest.mark.parametrize(
    ("phonemes", "stressed"),
    [
        ("həlˈoʊ", "oʊ"),
        ("mˈuːn", "uː"),
        ("ˌʌndɚstˈænd", "æ"),
        ("ˌɪn", "ɪ"),
        ("mɪstɚ", "ɪ"),
        ("ʃʃ", "ʃʃ"),
        ("ˈ", "ˈ"),
    ],
)
def test_the_stress_of_a_word_is_on_a_vowel(phonemes: str, stressed: str) -> None:
    text = Transcription(phonemes, (0,) * len(phonemes), 1)
    span = nucleus(text, 0)
    assert span
    assert f"_{phonemes}_"[slice(*span)] == stressed


def test_a_rime_goes_from_the_last_vowel_to_the_end() -> None:
    span = rime(Transcription("fɹˈɛndaɪts.", (0,) * 11, 1), 0)
    assert span
    assert "_fɹˈɛndaɪts._"[slice(*span)] == "aɪts"


def test_a_word_without_sound_has_no_stress() -> None:
    text = Transcription(",ɐ", (0, 1), 2)
    assert nucleus(text, 0) is None
    assert rime(text, 0) is None


# Durations


def test_what_is_not_asked_lasts_as_the_model_rounds_it() -> None:
    raw = np.array([0.2, 2.5, 3.5, 3.49] * 5 + [9.7, 0.0], np.float32)
    assert frames(raw, SCORE, phrase()).tolist() == [1, 2, 4, 3] * 5 + [10, 1]


@pytest.mark.parametrize("speed", [0.5, 0.8, 0.97, 1.1, 1.3, 2.0, 3.1])
def test_a_phrase_lasts_what_its_speed_says(speed: float) -> None:
    assert frames(RAW, SCORE, phrase(speed=speed)).sum() == pytest.approx(88 / speed, abs=0.5)


def test_phonemes_that_can_be_no_shorter_are_made_up_for_by_others() -> None:
    raw = np.array([1, 9] * 11, np.float32)
    fast = frames(raw, SCORE, phrase(speed=2.5))
    assert fast.sum() == 110 / 2.5
    assert set(fast[::2]) == {1}


def test_no_phrase_is_shorter_than_a_frame_for_each_token() -> None:
    assert frames(RAW / 4, SCORE, phrase(speed=4)).tolist() == [1] * 22


def test_the_rate_of_a_word_is_its_own_and_joins_its_neighbours_smoothly() -> None:
    slow = frames(RAW * 4, SCORE, asking(rate=0.5)) / 16
    assert slow[of_word(1)].tolist() == pytest.approx([2] * 5)
    assert slow[[8, 15]].tolist() == pytest.approx([2**0.5] * 2, abs=0.04)
    assert (slow[:8] == 1).all()
    assert (slow[17:] == 1).all()


@pytest.mark.parametrize("emphasis", [1.0, 0.5, -1.0])
def test_emphasis_lengthens_the_stressed_vowel(emphasis: float) -> None:
    lasts = frames(RAW * 5, SCORE, asking(0, emphasis=emphasis)) / 20
    assert lasts[5:7].sum() == pytest.approx(2 * (1 + EMPHASIS * emphasis), abs=0.05)
    assert (np.delete(lasts, [5, 6]) == 1).all()


def test_a_final_movement_has_the_time_it_needs() -> None:
    lasts = frames(RAW * 5, SCORE, phrase(final=-4))
    assert (lasts[:17] == 20).all()
    assert lasts[17:20].sum() == pytest.approx(60 * 1.15)


@pytest.mark.parametrize("raw", [np.full(22, np.nan), np.full(22, np.inf), np.ones(21)])
def test_durations_that_are_none_are_refused(raw: np.ndarray) -> None:
    with pytest.raises(EngineError):
        frames(raw.astype(np.float32), SCORE, phrase())


@pytest.mark.parametrize(
    "asked",
    [
        phrase(speed=float("nan")),
        phrase(pitch=float("inf")),
        phrase(final=float("nan")),
        asking(rate=float("-inf")),
        asking(emphasis=float("nan")),
    ],
)
def test_what_is_no_number_cannot_be_asked(asked: Phrase) -> None:
    with pytest.raises(EngineError, match="give a finite number"):
        frames(RAW, SCORE, asked)
    with pytest.raises(EngineError, match="give a finite number"):
        contour(WAVE, FRAMES, SCORE, asked)
    with pytest.raises(EngineError, match="give a finite number"):
        envelope(FRAMES, SCORE, asked)


# Pitch


def test_the_same_contour_comes_back_if_nothing_is_asked_of_it() -> None:
    assert contour(WAVE, FRAMES, SCORE, phrase(speed=2, loudness=3)) is WAVE


def test_level_moves_all_alike() -> None:
    assert moved(WAVE, phrase(pitch=2.5)) == pytest.approx(2.5, abs=1e-4)


def test_range_widens_about_the_mean_of_the_words() -> None:
    words = SCORE.sounding().repeat(2 * FRAMES)
    own = 12 * np.log2(WAVE)
    wide = own + moved(WAVE, phrase(pitch_range=1.5))
    assert wide[words].mean() == pytest.approx(own[words].mean(), abs=1e-4)
    assert wide.std() == pytest.approx(1.5 * own.std(), rel=1e-4)


def test_no_range_is_a_monotone() -> None:
    assert np.ptp(contour(WAVE, FRAMES, SCORE, phrase(pitch_range=0))) < 1e-3


def test_declination_sinks_by_the_second_and_leaves_the_level() -> None:
    sinks = moved(WAVE, phrase(declination=3))
    assert np.diff(sinks) / 0.0125 == pytest.approx(-3, abs=0.01)
    assert sinks[SCORE.sounding().repeat(2 * FRAMES)].mean() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("final", [6.0, -6.0, 0.0, 1.0])
def test_the_last_quarter_of_a_second_of_voice_goes_as_far_as_asked(final: float) -> None:
    end = halves((15, 20)).stop
    path = 12 * np.log2(contour(WAVE, FRAMES, SCORE, phrase(final=final)))
    steps = np.diff(path[end - 21 : end])
    assert steps[1:] == pytest.approx(final / 20, abs=1e-4)
    assert (path[end:] == path[end - 1]).all()
    assert moved(WAVE, phrase(final=final))[: end - 24] == pytest.approx(0, abs=1e-4)


def test_a_final_movement_is_joined_without_a_jump() -> None:
    path = 12 * np.log2(contour(WAVE, FRAMES, SCORE, phrase(final=-6)))
    assert np.abs(np.diff(path)).max() < 1.2


def test_a_final_movement_counts_what_is_voiced() -> None:
    f0 = WAVE.copy()
    end = halves((15, 20)).stop
    f0[end - 12 :] = 0
    path = contour(f0, FRAMES, SCORE, phrase(final=5))
    assert (path[end - 12 :] == 0).all()
    assert 12 * np.log2(path[end - 13] / path[end - 32]) == pytest.approx(5 * 19 / 20, abs=1e-3)


def test_a_fall_begins_at_the_height_of_the_accent_that_it_hides() -> None:
    asked = phrase(final=-3).model_copy(
        update={"words": (WordProsody(index=2, emphasis=1),), "pitch_range": 0}
    )
    path = moved(np.full(HALVES, 150, np.float32), asked)
    assert path.max() == pytest.approx(ACCENT, abs=0.3)
    assert path[-1] == pytest.approx(path.max() - 3, abs=0.2)


def test_a_final_movement_is_at_the_pitch_of_its_word() -> None:
    asked = asking(2, pitch=4).model_copy(update={"final": 2.0})
    path = moved(np.full(HALVES, 150, np.float32), asked)
    assert path[-1] == pytest.approx(4 + 2, abs=1e-3)


def test_the_pitch_of_a_word_is_reached_within_a_join() -> None:
    of_it = halves((9, 14))
    higher = moved(WAVE, asking(pitch=3))
    assert higher[of_it.start + 1 : of_it.stop] == pytest.approx(3, abs=1e-4)
    assert np.abs(np.diff(higher)).max() < 1.6
    assert higher[: of_it.start - 2] == pytest.approx(0, abs=1e-4)


def test_emphasis_is_a_bell_on_the_stressed_vowel() -> None:
    bell = moved(WAVE, asking(0, emphasis=0.5))
    vowel = halves((5, 7))
    assert bell.argmax() in range(vowel.start, vowel.stop)
    assert bell.max() == pytest.approx(0.5 * ACCENT, rel=0.02)
    assert bell[: vowel.start - 4] == pytest.approx(0, abs=1e-4)
    assert bell[vowel.stop + 4 :] == pytest.approx(0, abs=1e-4)


def test_a_word_in_passing_moves_less() -> None:
    of_it = slice(halves((9, 14)).start + 2, halves((9, 14)).stop - 2)
    flat = np.log2(contour(WAVE, FRAMES, SCORE, asking(emphasis=-1)))[of_it]
    assert flat.std() == pytest.approx(np.log2(WAVE)[of_it].std() / 2, rel=1e-3)


def test_what_has_no_voice_keeps_its_value() -> None:
    f0 = WAVE.copy()
    f0[::3] = -4.5
    steered = contour(f0, FRAMES, SCORE, phrase(pitch=5, final=3))
    assert (steered[::3] == np.float32(-4.5)).all()
    assert (steered[1::3] > LOWEST).all()


@pytest.mark.parametrize("pitch", [-24.0, 24.0, 1e30])
def test_nothing_leads_beyond_the_limits(pitch: float) -> None:
    steered = contour(WAVE, FRAMES, SCORE, phrase(pitch=pitch, pitch_range=3))
    assert steered.min() >= LOWEST
    assert steered.max() <= HIGHEST
    assert (np.diff(steered) * np.diff(WAVE) >= 0).all()


@pytest.mark.parametrize("f0", [np.full(HALVES, np.nan), np.ones(HALVES - 1)])
def test_a_contour_that_is_none_is_refused(f0: np.ndarray) -> None:
    with pytest.raises(EngineError):
        contour(f0.astype(np.float32), FRAMES, SCORE, phrase(pitch=1))


# Loudness, silence, and times

SOUND = (0.1 * np.sin(np.arange(FRAME * FRAMES.sum()) / 20)).astype(np.float32)


def power(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2))))


def test_the_same_samples_come_back_if_nothing_is_asked_of_them() -> None:
    loud = 9 * SOUND
    assert envelope(FRAMES, SCORE, phrase(pitch=2)).shape(loud) is loud


@pytest.mark.parametrize("decibels", [-20.0, -3.0, 6.0])
def test_loudness_is_exact(decibels: float) -> None:
    shaped = envelope(FRAMES, SCORE, phrase(loudness=decibels)).shape(SOUND)
    assert power(shaped) - power(SOUND) == pytest.approx(decibels, abs=1e-3)


def test_what_would_clip_bends() -> None:
    shaped = envelope(FRAMES, SCORE, phrase(loudness=24)).shape(SOUND)
    assert 0.97 < np.abs(shaped).max() <= 1
    assert (np.diff(shaped) * np.diff(SOUND) >= 0).all()


@pytest.mark.parametrize("emphasis", [1.0, -0.5])
def test_emphasis_is_loud_in_its_word_only(emphasis: float) -> None:
    shaped = envelope(FRAMES, SCORE, asking(emphasis=emphasis)).shape(SOUND)
    inside = slice(10 * 4 * FRAME, 13 * 4 * FRAME)
    assert power(shaped[inside]) - power(SOUND[inside]) == pytest.approx(
        EMPHASIS_DB * emphasis, abs=0.01
    )
    assert (shaped[: 8 * 4 * FRAME] == SOUND[: 8 * 4 * FRAME]).all()
    assert (shaped[16 * 4 * FRAME :] == SOUND[16 * 4 * FRAME :]).all()


@pytest.mark.parametrize("seconds", [0.0101, 0.5, 2.0])
@pytest.mark.parametrize("index", [0, 1])
def test_a_pause_is_silence_of_just_that_length(index: int, seconds: float) -> None:
    asked = asking(index, pause_after_s=seconds)
    shaped = envelope(FRAMES, SCORE, asked).shape(np.ones_like(SOUND))
    silent = np.flatnonzero(shaped < 1e-4)
    before, after = word_times(FRAMES, SCORE, asked)[index : index + 2]
    assert before
    assert after
    assert len(silent) == pytest.approx(seconds * SAMPLE_RATE, abs=8)
    assert silent[0] / SAMPLE_RATE == pytest.approx(before[1] + 0.0125, abs=0.001)
    assert silent[-1] / SAMPLE_RATE == pytest.approx(after[0] - 0.0125, abs=0.001)


def test_words_that_run_together_part_for_a_pause() -> None:
    text = Transcription("ɐɐ", (0, 1), 2)
    lasts = np.full(4, 4)
    asked = asking(0, pause_after_s=0.1)
    shaped = envelope(lasts, text, asked).shape(np.ones(16 * FRAME, np.float32))
    assert len(shaped) == 16 * FRAME + 2400
    assert not shaped[8 * FRAME : 8 * FRAME + 2400].any()
    assert word_times(lasts, text, asked) == ((0.1, 0.2), (0.3, 0.4))


def test_nothing_comes_after_a_pause_at_the_end() -> None:
    shaped = envelope(FRAMES, SCORE, asking(2, pause_after_s=0.2)).shape(np.ones_like(SOUND))
    assert not shaped[-4800:].any()
    assert shaped[-4900:-4800].all()


def test_pauses_of_words_without_phonemes_add_up() -> None:
    words = tuple(WordProsody(index=index, pause_after_s=0.1) for index in (0, 1))
    shaped = envelope(
        np.full(5, 4), Transcription("ɐ ɐ", (0, 0, 2), 3), Phrase(text="", words=words)
    )
    (rest,) = shaped.rests
    assert rest.length == 4800


def test_words_sound_from_their_first_to_their_last_phoneme() -> None:
    times = word_times(FRAMES, SCORE, phrase())
    assert times == ((0.1, 0.7), (0.9, 1.4), (1.5, 2.0))


def test_a_word_without_phonemes_has_no_time() -> None:
    assert word_times(np.full(3, 4), Transcription("ɐ", (1,), 3), phrase()) == (
        None,
        (0.1, 0.2),
        None,
    )


@pytest.mark.parametrize("size", [1, 299, 1000, 7001, 60_000])
def test_piece_by_piece_is_as_all_at_once(size: int) -> None:
    words = tuple(WordProsody(index=index, emphasis=1, pause_after_s=0.05) for index in range(3))
    shape = envelope(FRAMES, SCORE, Phrase(text="", words=words, loudness=2))
    starts = range(0, len(SOUND), size) if size > 1 else [0, 1, len(SOUND) - 1]
    ends = [*starts, len(SOUND)][1:]
    pieces = [shape.shape(SOUND[start:end], start) for start, end in zip(starts, ends, strict=True)]
    assert np.array_equal(np.concatenate(pieces), shape.shape(SOUND))


def test_a_voice_takes_on_the_manner_of_another() -> None:
    colour, manner = np.zeros((1, 256), np.float32), np.ones((1, 256), np.float32)
    assert delivered(colour, manner).tolist() == [[0.0] * 128 + [1.0] * 128]


def test_an_excerpt_has_the_words_that_are_in_it() -> None:
    words = tuple(WordProsody(index=index, pitch=index) for index in range(5))
    whole = Phrase(text="", pitch=1, final=3, words=words)
    first, last = excerpt(whole, 0, 2, last=False), excerpt(whole, 2, 5, last=True)
    assert [(word.index, word.pitch) for word in first.words] == [(0, 0), (1, 1)]
    assert [(word.index, word.pitch) for word in last.words] == [(0, 2), (1, 3), (2, 4)]
    assert (first.final, last.final) == (None, 3)
    assert first.pitch == last.pitch == 1
