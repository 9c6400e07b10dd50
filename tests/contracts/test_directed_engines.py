"""What every engine makes of a direction, as far as it says that it can."""

from typing import Any

import numpy as np
import pytest

from actors.engines.base import SAMPLE_RATE, Engine, EngineError
from actors.prosody import plain
from events.direction import WordProsody
from events.turns import WordTime
from tests.contracts.engines import LINE, say
from tests.fixtures.listening import Heard, median_f0, raised
from tests.unit.actors.scenes import after, direct

SMALL = LINE.split().index("small")
"""A word in the middle of a sentence, with voice from its second sound to its last."""


def require(engine: Engine, capability: str) -> None:
    if not getattr(engine.capabilities, capability):
        pytest.skip(f"{engine.name} says that it has no {capability}")


def one_word(**asked: float) -> tuple[WordProsody, ...]:
    return (WordProsody(index=SMALL, **asked),)


def level(heard: Heard, word: WordTime | None = None) -> float:
    """Semitones above 1 Hz."""
    begin, end = (word.start_s, word.end_s) if word else (0, heard.seconds)
    samples = heard.samples[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return float(12 * np.log2(median_f0(samples)))


def contour(heard: Heard) -> tuple[list[float], list[float]]:
    """Seconds and levels of the words that are long enough to have one."""
    long = [word for word in heard.words if len(word.word) > 3]
    return [(word.start_s + word.end_s) / 2 for word in long], [level(heard, word) for word in long]


def decibels(one: Heard, other: Heard) -> float:
    return float(20 * np.log10(one.loudness / other.loudness))


@pytest.mark.parametrize("asked", [-3, 3])
def test_a_phrase_is_as_many_semitones_higher_as_asked(engine: Engine, asked: float) -> None:
    require(engine, "pitch")
    moved = raised(say(engine, LINE, pitch=asked).samples, say(engine, LINE).samples)
    assert moved == pytest.approx(asked, abs=0.5)


@pytest.mark.parametrize("asked", [-3, 3])
def test_a_word_is_as_many_semitones_higher_as_asked(engine: Engine, asked: float) -> None:
    require(engine, "words")
    plain, directed = say(engine, LINE), say(engine, LINE, words=one_word(pitch=asked))
    moved = level(directed, directed.words[SMALL]) - level(plain, plain.words[SMALL])
    assert moved == pytest.approx(asked, abs=1)


def test_a_range_of_none_is_a_monotone(engine: Engine) -> None:
    require(engine, "pitch")
    own, flat = (np.std(contour(say(engine, LINE, pitch_range=times))[1]) for times in (1, 0))
    assert flat <= 0.5 * own + 0.1


def test_a_contour_sinks_as_fast_as_asked(engine: Engine) -> None:
    require(engine, "pitch")
    own, sinking = (
        np.polyfit(*contour(say(engine, LINE, declination=asked)), 1)[0] for asked in (0, 2)
    )
    assert own - sinking == pytest.approx(2, abs=0.7)


def test_a_contour_ends_as_asked(engine: Engine) -> None:
    require(engine, "final")
    up, down = (say(engine, LINE, final=asked) for asked in (5, -5))
    last = slice(round((up.words[-1].end_s - 0.12) * SAMPLE_RATE), None)
    assert median_f0(up.samples[last]) > 1.1 * median_f0(down.samples[last])


def test_an_emphasised_word_is_higher_than_one_said_in_passing(engine: Engine) -> None:
    require(engine, "words")
    strong, weak = (say(engine, LINE, words=one_word(emphasis=asked)) for asked in (1, -1))
    assert level(strong, strong.words[SMALL]) > level(weak, weak.words[SMALL]) + 0.5


@pytest.mark.parametrize(("rate", "least", "most"), [(0.6, 1.3, 2.1), (1.6, 0.4, 0.8)])
def test_a_slower_word_lasts_longer(engine: Engine, rate: float, least: float, most: float) -> None:
    require(engine, "words")
    plain, directed = say(engine, LINE), say(engine, LINE, words=one_word(rate=rate))
    ratio = length(directed.words[SMALL]) / length(plain.words[SMALL])
    assert least < ratio < most
    assert length(directed.words[1]) == pytest.approx(length(plain.words[1]), abs=0.03)


def length(word: WordTime) -> float:
    return word.end_s - word.start_s


def test_a_pause_after_a_word_is_exact_and_moves_what_follows(engine: Engine) -> None:
    require(engine, "words")
    plain, directed = say(engine, LINE), say(engine, LINE, words=one_word(pause_after_s=0.4))
    own, rest = rest_after(plain, SMALL), rest_after(directed, SMALL)
    # The sound fades on either side; what rest there was before may be part of it.
    assert 0.399 < rest < 0.426 + own
    edges = directed.words[SMALL].end_s, directed.words[SMALL + 1].start_s
    between = directed.samples[slice(*(round(edge * SAMPLE_RATE) for edge in edges))]
    assert (np.abs(between.astype(int)) < 33).sum() >= 0.399 * SAMPLE_RATE
    moved = directed.words[-1].start_s - plain.words[-1].start_s
    assert moved == pytest.approx(rest - own, abs=0.05)
    assert directed.words[SMALL].start_s == pytest.approx(plain.words[SMALL].start_s, abs=0.05)


def rest_after(heard: Heard, index: int) -> float:
    return heard.words[index + 1].start_s - heard.words[index].end_s


def test_louder_is_as_many_decibels_below_the_ceiling(engine: Engine) -> None:
    require(engine, "loudness")
    quiet, less_so = say(engine, LINE, loudness=-12), say(engine, LINE, loudness=-6)
    assert decibels(less_so, quiet) == pytest.approx(6, abs=0.5)


def test_what_is_too_loud_is_limited_and_not_clipped(engine: Engine) -> None:
    require(engine, "loudness")
    loudest = say(engine, LINE, loudness=24)
    assert decibels(loudest, say(engine, LINE)) > 3
    assert np.abs(loudest.samples.astype(int)).max() < 32767


WORDS = tuple(
    WordProsody(index=index, rate=1.2, pitch=-1, emphasis=0.5, pause_after_s=0.05)
    for index in range(len(LINE.split()))
)


def test_the_words_of_a_directed_phrase_are_those_of_the_text(engine: Engine) -> None:
    heard = say(engine, LINE, pitch=2, declination=1, loudness=-3, words=WORDS, seed=7)
    assert [word.word for word in heard.words] == LINE.split()
    edges = [edge for word in heard.words for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges)
    assert edges[-1] <= heard.seconds + 0.001


@pytest.mark.parametrize(
    ("capability", "asked"),
    [
        ("pitch", {"pitch": 5, "pitch_range": 0, "declination": 4}),
        ("final", {"final": 6}),
        ("words", {"words": WORDS}),
        ("loudness", {"loudness": -12}),
        ("delivery", {"delivery": "am_michael"}),
        ("seed", {"seed": 7}),
    ],
)
def test_what_it_lacks_is_as_if_it_had_not_been_asked(
    engine: Engine, capability: str, asked: dict[str, Any]
) -> None:
    if getattr(engine.capabilities, capability):
        pytest.skip(f"{engine.name} says that it has {capability}")
    plain, directed = say(engine, LINE), say(engine, LINE, **asked)
    assert directed.seconds == pytest.approx(plain.seconds, abs=0.05)
    assert decibels(directed, plain) == pytest.approx(0, abs=0.5)
    assert level(directed) == pytest.approx(level(plain), abs=0.5)


def test_at_intensity_0_a_line_after_a_dialogue_is_the_same_samples_as_without_one(
    engine: Engine,
) -> None:
    directed = direct(after("joy"), LINE, intensity=0.0, capabilities=engine.capabilities)
    alone = plain(LINE, voice=directed.voice, speed=1.0)
    assert directed.phrases == alone.phrases
    require(engine, "seed")  # without one, nothing is ever the same samples
    for one, other in zip(directed.phrases, alone.phrases, strict=True):
        asked = one.model_dump(exclude={"text"}), other.model_dump(exclude={"text"})
        assert np.array_equal(*(say(engine, one.text, **each).samples for each in asked))


def test_the_same_seed_is_the_same_sound(engine: Engine) -> None:
    require(engine, "seed")
    one, again, other = (say(engine, LINE, seed=seed).samples for seed in (7, 7, 8))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_word_that_the_phrase_does_not_have_is_refused(engine: Engine) -> None:
    with pytest.raises(EngineError, match="word 2"):
        say(engine, "only two", words=(WordProsody(index=2, rate=2.0),))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("field", ["speed", "pitch", "pitch_range", "declination", "loudness"])
def test_what_is_no_number_is_refused(engine: Engine, field: str, number: float) -> None:
    with pytest.raises(EngineError, match=field):
        say(engine, LINE, **{field: number})


@pytest.mark.parametrize("field", ["rate", "pitch", "emphasis", "pause_after_s"])
def test_what_is_no_number_is_refused_of_a_word(engine: Engine, field: str) -> None:
    with pytest.raises(EngineError, match=field):
        say(engine, LINE, words=one_word(**{field: float("nan")}))


@pytest.mark.parametrize("number", [-1e9, 1e9])
@pytest.mark.parametrize("field", ["pitch", "pitch_range", "declination", "final", "loudness"])
def test_an_absurd_number_is_the_nearest_that_is_not(
    engine: Engine, field: str, number: float
) -> None:
    heard = say(engine, LINE, **{field: number})
    assert [word.word for word in heard.words] == LINE.split()
    assert heard.seconds < 20


@pytest.mark.parametrize("field", ["pitch", "emphasis"])
def test_an_absurd_number_of_a_word_is_the_nearest_that_is_not(engine: Engine, field: str) -> None:
    assert say(engine, LINE, words=one_word(**{field: 1e9})).seconds < 20
