"""Laws of steering, whatever is asked of whatever a model gives."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.engines.base import SAMPLE_RATE
from actors.engines.kokoro_graph.rungs import FRAME
from actors.engines.kokoro_graph.steering import (
    Transcription,
    contour,
    envelope,
    frames,
    word_times,
)
from actors.engines.kokoro_graph.steering.contour import HIGHEST, LOWEST, UNVOICED
from actors.engines.kokoro_graph.steering.rests import FADE
from events.direction import Phrase, WordProsody

law = settings(max_examples=40)

WORDS = ["həlˈoʊ ", "ðə ", "mˈuːn, ", "ænd ", "ɪntəɹnˈæʃənəl ", "s", "… "]
SPEEDS = st.floats(0.2, 5)
ASKS = st.builds(
    WordProsody,
    index=st.integers(0, 6),
    rate=st.floats(0.1, 8),
    pitch=st.floats(-30, 30),
    emphasis=st.floats(-2, 2),
    pause_after_s=st.sampled_from([0.0, 0.0, 0.01, 0.3]),
)
PHRASES = st.builds(
    Phrase,
    text=st.just(""),
    speed=SPEEDS,
    pitch=st.floats(-30, 30),
    pitch_range=st.floats(-1, 5),
    declination=st.floats(-30, 30),
    final=st.none() | st.floats(-30, 30),
    loudness=st.floats(-40, 40),
    words=st.lists(ASKS, max_size=4, unique_by=lambda word: word.index).map(tuple),
)
NEUTRAL = Phrase(text="", words=(WordProsody(index=0),))


@st.composite
def scores(draw: st.DrawFn) -> Transcription:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
    owners = [index for index, word in enumerate(words) for _ in word]
    return Transcription("".join(words), tuple(owners), len(words) + draw(st.integers(0, 2)))


@st.composite
def durations(draw: st.DrawFn) -> tuple[Transcription, np.ndarray]:
    text = draw(scores())
    seed = draw(st.integers(0, 1000))
    mean = draw(st.sampled_from([0.3, 2.0, 6.0]))
    return text, np.random.default_rng(seed).gamma(3, mean / 3, text.tokens).astype(np.float32)


def melody(lasts: np.ndarray, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    f0 = np.exp(random.normal(5, 0.5, 2 * int(lasts.sum())))
    return np.where(random.random(len(f0)) < 0.3, random.normal(0, 3), f0).astype(np.float32)


@law
@given(durations())
def test_neutral_is_identity(given: tuple[Transcription, np.ndarray]) -> None:
    text, raw = given
    lasts = frames(raw, text, NEUTRAL)
    assert lasts.tolist() == np.maximum(1, np.round(raw)).tolist()
    f0 = melody(lasts, 1)
    assert contour(f0, lasts, text, NEUTRAL) is f0
    assert envelope(lasts, text, NEUTRAL).shape(f0) is f0


@law
@given(durations(), PHRASES)
def test_each_token_lasts_a_frame_and_the_whole_what_is_asked(
    given: tuple[Transcription, np.ndarray], phrase: Phrase
) -> None:
    text, raw = given
    lasts = frames(raw, text, phrase)
    assert len(lasts) == text.tokens
    assert lasts.min() >= 1
    assert lasts.sum() <= 4 * 1.5 * max(len(raw), np.maximum(1, np.round(raw)).sum()) + 1


@law
@given(durations(), PHRASES, SPEEDS, SPEEDS)
def test_nothing_that_is_said_faster_lasts_longer(
    given: tuple[Transcription, np.ndarray], phrase: Phrase, one: float, other: float
) -> None:
    text, raw = given
    slow, fast = (
        frames(raw, text, phrase.model_copy(update={"speed": speed})).sum()
        for speed in sorted([one, other])
    )
    assert fast <= slow


@law
@given(durations(), PHRASES, st.integers(0, 99))
def test_pitch_stays_within_limits_and_voice_voice(
    given: tuple[Transcription, np.ndarray], phrase: Phrase, seed: int
) -> None:
    text, raw = given
    lasts = frames(raw, text, phrase)
    f0 = melody(lasts, seed)
    steered = contour(f0, lasts, text, phrase)
    voiced = f0 > UNVOICED
    assert steered.dtype == np.float32
    assert (steered[~voiced] == f0[~voiced]).all()
    if steered is not f0:
        assert (steered[voiced] >= LOWEST).all()
        assert (steered[voiced] <= HIGHEST).all()


@law
@given(durations(), PHRASES)
def test_pauses_are_exact_and_words_in_order_within_the_sound(
    given: tuple[Transcription, np.ndarray], phrase: Phrase
) -> None:
    text, raw = given
    lasts = frames(raw, text, phrase)
    shape = envelope(lasts, text, phrase)
    sound = shape.shape(np.ones(FRAME * lasts.sum(), np.float32))
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1
    at, before = 0, 0
    for rest in shape.rests:
        at += rest.begin - before
        assert not sound[at : at + rest.length].any()
        at, before = at + rest.length, rest.end
    assert len(sound) == at + FRAME * lasts.sum() - before
    times = [time for span in word_times(lasts, text, phrase) if span for time in span]
    assert times == sorted(times)
    assert not times or (times[0] >= 0 and times[-1] <= len(sound) / SAMPLE_RATE)


@law
@given(durations(), st.sampled_from([0.01, 0.1, 1.0]), st.data())
def test_a_pause_parts_two_words_by_just_its_length_and_the_fades(
    given: tuple[Transcription, np.ndarray], seconds: float, data: st.DataObject
) -> None:
    text, raw = given
    index = data.draw(st.integers(0, text.words - 1))
    phrase = Phrase(text="", words=(WordProsody(index=index, pause_after_s=seconds),))
    lasts = frames(raw, text, phrase)
    times = word_times(lasts, text, phrase)
    before = [span for span in times[: index + 1] if span]
    after = [span for span in times[index + 1 :] if span]
    if before and after:
        gap = round((after[0][0] - before[-1][1]) * SAMPLE_RATE) - round(seconds * SAMPLE_RATE)
        assert gap in {0, 2 * FADE}


@law
@given(durations(), PHRASES, st.integers(2000, 30_000))
def test_piece_by_piece_is_as_all_at_once(
    given: tuple[Transcription, np.ndarray], phrase: Phrase, size: int
) -> None:
    text, raw = given
    lasts = frames(raw / 4, text, phrase)
    shape = envelope(lasts, text, phrase)
    shape = replace(shape, rests=tuple(replace(rest, length=5) for rest in shape.rests))
    sound = np.random.default_rng(0).normal(0, 0.3, FRAME * lasts.sum()).astype(np.float32)
    pieces = [shape.shape(sound[at : at + size], at) for at in range(0, len(sound), size)]
    assert np.array_equal(np.concatenate(pieces), shape.shape(sound))
