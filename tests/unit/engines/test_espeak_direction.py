"""How the library obeys a direction; what all engines promise is in the contracts."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.engines.base import Unspeakable
from actors.engines.espeak import EspeakEngine
from actors.engines.espeak_library import Library, Manner, Utterance, library
from actors.engines.espeak_manner import EMPHASIS_DB, manner_of
from actors.engines.espeak_reading import Reader
from actors.engines.words import stretches
from events.direction import Phrase, WordProsody
from events.turns import WordTime
from tests.fixtures.listening import Heard, listen, median_f0

LINE = "The quick brown fox would like to know who it was."
FOX = 3
VOICES = ("af_heart", "am_michael", "bf_emma", "bm_george")


@pytest.fixture(scope="module")
def engine() -> EspeakEngine:
    return EspeakEngine()


def say(engine: EspeakEngine, voice: str = "af_heart", text: str = LINE, **asked: Any) -> Heard:
    return listen(engine.synthesise(Phrase(text=text, **asked), voice))


def fox(**asked: float) -> tuple[WordProsody, ...]:
    return (WordProsody(index=FOX, **asked),)


def samples_of(heard: Heard, word: WordTime) -> np.ndarray:
    return heard.samples[round(word.start_s * 24_000) : round(word.end_s * 24_000)].astype(float)


def decibels(heard: Heard, index: int) -> float:
    return float(10 * np.log10((samples_of(heard, heard.words[index]) ** 2).mean()))


class Listener(Library):
    """The library, and what it was given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, Manner]] = []
        self.sample_rate = library().sample_rate

    def say(self, text: str, manner: Manner, *, phonemes: bool = False) -> Utterance:
        self.given.append((text, manner))
        return library().say(text, manner, phonemes=phonemes)


def given_for(phrase: Phrase) -> list[tuple[str, Manner]]:
    listener = Listener()
    reader = Reader(listener, "af_heart", phrase)
    for stretch in stretches(phrase.text, 40):
        reader.say(stretch)
    return listener.given


def test_a_neutral_phrase_has_no_commands() -> None:
    [(text, manner), *_] = given_for(Phrase(text=LINE, seed=4))
    assert text == LINE[: len(text)]
    assert manner == Manner("en-us+f3", rate=175, pitch=40, range=40, volume=100)


@pytest.mark.parametrize(
    ("text", "final", "said"),
    [
        ("Where to?", -3.0, "Where to."),
        ("He said “now”!", 2.0, "He said “now?"),
        ("Is it 5%?", -1.0, "Is it 5%."),
        ("You are here", 4.0, "You are here?"),
        ("Well, yes … !", 4.0, "Well, yes?  "),
        ("Really?", 0.0, "Really?"),
        ("Really?", None, "Really?"),
    ],
)
def test_a_phrase_is_closed_by_the_mark_at_which_the_library_moves_as_asked(
    text: str, final: float | None, said: str
) -> None:
    assert given_for(Phrase(text=text, final=final))[-1][0] == said


def test_only_a_change_is_a_command() -> None:
    phrase = Phrase(text="one two three four", words=(WordProsody(index=1, rate=2.0),))
    assert [text for text, _ in given_for(phrase)] == ["one \x01350Stwo \x01175Sthree four"]


def test_a_word_in_a_later_stretch_is_asked_its_own() -> None:
    text = "a first sentence of thirty letters. and " + "x" * 50 + " then fox"
    phrase = Phrase(text=text, words=(WordProsody(index=9, rate=2.0),))
    assert text.split()[9] == "fox"
    assert [text for text, _ in given_for(phrase) if "\x01" in text] == [
        "x" * 10 + " then \x01350Sfox"
    ]


def test_an_abbreviation_does_not_become_the_end_of_a_sentence(engine: EspeakEngine) -> None:
    text = "the letters, e.g. those of the U.S.A. and others"
    words = tuple(WordProsody(index=index, pitch=index % 2) for index in range(9))
    plain, directed = say(engine, text=text), say(engine, text=text, words=words)
    assert directed.seconds == pytest.approx(plain.seconds, abs=0.12)


@pytest.mark.parametrize(
    ("voice", "asked"),
    # What is below 80 Hz cannot be measured so well.
    [("af_heart", -6), ("bf_emma", -6), *((voice, up) for voice in VOICES for up in (-2, 2, 6))],
)
def test_the_pitch_of_a_phrase_is_exact_to_3_percent(
    engine: EspeakEngine, voice: str, asked: float
) -> None:
    one, other = (say(engine, voice, pitch=pitch).samples for pitch in (0, asked))
    assert median_f0(other) / median_f0(one) == pytest.approx(2 ** (asked / 12), rel=0.03)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("asked", [0, 0.5, 1.25])
def test_the_range_moves_about_the_voice_s_own_level(
    engine: EspeakEngine, voice: str, asked: float
) -> None:
    one, other = (say(engine, voice, pitch_range=times).samples for times in (1, asked))
    assert median_f0(other) / median_f0(one) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("voice", VOICES)
def test_a_sinking_contour_keeps_its_level(engine: EspeakEngine, voice: str) -> None:
    one, other = (say(engine, voice, declination=asked).samples for asked in (0, 2))
    assert median_f0(other) / median_f0(one) == pytest.approx(1, abs=0.05)


def test_pitches_beyond_reach_are_the_nearest() -> None:
    reached = [manner_of("af_heart", Phrase(text="x", pitch=asked)).pitch for asked in (-24, 24)]
    assert reached == [0, 99]


def test_a_higher_phrase_is_a_higher_pitch_of_the_library() -> None:
    pitches = [manner_of("am_onyx", Phrase(text="x", pitch=asked)).pitch for asked in range(-6, 7)]
    assert all(lower < higher for lower, higher in pairwise(pitches))


@pytest.mark.parametrize("voice", VOICES)
def test_emphasis_makes_a_word_longer_and_louder_and_no_other(
    engine: EspeakEngine, voice: str
) -> None:
    # Below the ceiling, which some of the voices reach by themselves.
    plain, strong = (
        say(engine, voice, loudness=-6, words=words) for words in ((), fox(emphasis=1))
    )
    lengths = [heard.words[FOX].end_s - heard.words[FOX].start_s for heard in (strong, plain)]
    assert 1.1 < lengths[0] / lengths[1] < 1.5
    assert decibels(strong, FOX) - decibels(plain, FOX) == pytest.approx(EMPHASIS_DB, abs=1.5)
    for other in (1, 5, 7):
        assert decibels(strong, other) == pytest.approx(decibels(plain, other), abs=0.7)


@pytest.mark.parametrize("voice", VOICES)
def test_emphasis_does_not_clip(engine: EspeakEngine, voice: str) -> None:
    words = tuple(WordProsody(index=index, emphasis=1) for index in range(11))
    assert np.abs(say(engine, voice, words=words).samples.astype(int)).max() < 32_200


def test_words_stay_where_they_are_said_when_each_is_directed(engine: EspeakEngine) -> None:
    words = tuple(WordProsody(index=index, pitch=index % 3) for index in range(11))
    plain, directed = say(engine), say(engine, words=words)
    for index, (one, other) in enumerate(zip(plain.words, directed.words, strict=True)):
        assert -0.03 < other.start_s - one.start_s < 0.03 + 0.007 * (index + 1)


def test_a_pause_between_words_that_are_run_together(engine: EspeakEngine) -> None:
    heard = say(engine, words=(WordProsody(index=9, pause_after_s=0.3),))
    it, was = heard.words[9:]
    assert was.start_s - it.end_s == pytest.approx(0.3, abs=0.001)


def test_the_rate_of_a_word_is_bounded_with_that_of_its_phrase() -> None:
    slow = manner_of("af_heart", Phrase(text="x", speed=0.5), WordProsody(index=0, rate=0.3))
    fast = manner_of("af_heart", Phrase(text="x", speed=2), WordProsody(index=0, rate=3))
    assert (slow.rate, fast.rate) == (80, 450)


@given(text=st.text(max_size=40), declination=st.sampled_from([0.0, 3.0]))
@example(text="he\x00llo the\ud800re \x0180S", declination=0.0)
@example(text="1,234 €5.20 a@b.org 3/4/2021 x=y²", declination=3.0)
@example(text="مرحبا שלום नमस्ते 你好世界 こんにちは ไทย", declination=0.0)
@example(text="- a\u0301\u0301 . \u200d \u202e b \uffff \U0010ffff", declination=3.0)
@settings(max_examples=40)
def test_no_direction_of_any_text_upsets_it(text: str, declination: float) -> None:
    words = tuple(
        WordProsody(index=index, rate=1.3, pitch=index % 4, emphasis=0.5, pause_after_s=0.01)
        for index in range(len(text.split()))
    )
    try:
        heard = say(EspeakEngine(), text=text, words=words, declination=declination)
    except Unspeakable:
        return
    assert [word.word for word in heard.words] == text.split()
    edges = [edge for word in heard.words for edge in (word.start_s, word.end_s)]
    assert edges == sorted(edges)
    assert edges[-1] <= heard.seconds + 0.001
