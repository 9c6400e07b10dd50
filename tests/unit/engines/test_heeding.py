from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.engines.base import Capabilities, EngineError
from actors.engines.heeding import heeded, wishes, wishes_of
from actors.engines.words import stretches
from events.direction import Phrase, WordProsody

ALL = Capabilities(pitch=True, final=True, words=True, loudness=True, delivery=True, seed=True)
PLAIN = Phrase(text="one two three")
ASKED: dict[str, dict[str, Any]] = {
    "pitch": {"pitch": 2.0, "pitch_range": 0.5, "declination": 1.0},
    "final": {"final": -2.0},
    "words": {"words": (WordProsody(index=1, rate=0.5),)},
    "loudness": {"loudness": 3.0},
    "delivery": {"delivery": "am_michael"},
    "seed": {"seed": 7},
}


def phrase(**asked: Any) -> Phrase:
    return Phrase(text=PLAIN.text, **asked)


@pytest.mark.parametrize("capability", ASKED)
def test_what_an_engine_lacks_is_not_asked_of_it(capability: str) -> None:
    asked = phrase(**ASKED[capability])
    assert heeded(asked, Capabilities()) == PLAIN
    assert heeded(asked, Capabilities(**{capability: True})) == asked


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_becomes_one_that_a_voice_can_do(number: float) -> None:
    word = WordProsody(index=0, rate=number, pitch=number, emphasis=number, pause_after_s=number)
    asked = phrase(speed=number, pitch=number, loudness=number, final=number, words=(word,))
    bounded = heeded(asked, ALL)
    assert 0.25 <= bounded.speed <= 4
    assert abs(bounded.pitch) <= 24
    assert bounded.final is not None
    assert -1 <= bounded.words[0].emphasis <= 1
    assert 0 <= bounded.words[0].pause_after_s <= 10
    assert heeded(bounded, ALL) == bounded


def test_no_final_movement_stays_none() -> None:
    assert heeded(PLAIN, ALL).final is None


@pytest.mark.parametrize("field", ["speed", "pause_after_s", "pitch", "final", "loudness"])
def test_what_is_not_finite_is_refused_by_name(field: str) -> None:
    with pytest.raises(EngineError, match=f"^{field} is nan; give a finite number"):
        heeded(phrase(**{field: float("nan")}), Capabilities())


def test_of_a_word_too() -> None:
    with pytest.raises(EngineError, match=r"words\[2\]\.rate is inf"):
        heeded(phrase(words=(WordProsody(index=2, rate=float("inf")),)), ALL)


def test_a_word_that_is_not_there_is_refused() -> None:
    with pytest.raises(EngineError, match="word 3, but the phrase has 3, counted from 0"):
        heeded(phrase(words=(WordProsody(index=3),)), ALL)


def test_a_word_is_named_once() -> None:
    with pytest.raises(EngineError, match="word 1 twice"):
        heeded(phrase(words=(WordProsody(index=1), WordProsody(index=1, pitch=1))), ALL)


def test_words_may_be_named_in_any_order() -> None:
    asked = phrase(words=(WordProsody(index=2), WordProsody(index=0)))
    assert [word.index for word in heeded(asked, ALL).words] == [0, 2]


@given(
    st.lists(st.text("ab", min_size=1, max_size=30), min_size=1, max_size=12), st.integers(2, 12)
)
def test_each_word_is_asked_its_own_in_whatever_stretch_it_is(words: list[str], limit: int) -> None:
    asked = [WordProsody(index=index) for index in range(len(words))]
    text, left = " ".join(words), asked
    for stretch in stretches(text, limit):
        wanted = wishes_of(stretch, left)
        own = [
            wish
            for wish, written in zip(wanted, stretch.written, strict=True)
            if written is not None
        ]
        assert own == left[: len(own)]
        left = left[len(own) :]
    assert not left


def test_nothing_is_asked_of_most_words() -> None:
    nothing, asked, _ = wishes(phrase(**ASKED["words"]))
    assert nothing == WordProsody(index=0)
    assert asked.rate == 0.5
