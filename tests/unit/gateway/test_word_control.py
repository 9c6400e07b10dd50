"""What is asked of single words, found in the text."""

import pytest
from pydantic import ValidationError

from events.direction import WordProsody
from gateway.bodies import SpeakIn
from gateway.word_control import WordIn, placed

TEXT = "I said “tea”, not coffee. Not Coffee!"


def test_a_word_can_be_named_by_its_place() -> None:
    assert placed([WordIn(index=2, emphasis=1)], TEXT) == (WordProsody(index=2, emphasis=1),)


def test_a_word_can_be_named_by_itself_whatever_marks_are_around_it() -> None:
    assert placed([WordIn(word="Tea", rate=0.7)], TEXT) == (WordProsody(index=2, rate=0.7),)


def test_a_word_that_is_there_twice_needs_its_place_too() -> None:
    with pytest.raises(ValueError, match="that word 2 times; give its index"):
        placed([WordIn(word="coffee")], TEXT)
    assert placed([WordIn(word="coffee", index=6)], TEXT)[0].index == 6


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ([WordIn(index=7)], "entry 0: the text has 7 words, counted from 0"),
        ([WordIn(rate=2)], "entry 0: an index or a word is needed"),
        ([WordIn(word="milk")], "that word 0 times"),
        ([WordIn(word="tea", index=3)], "the word at index 3 is another one"),
        ([WordIn(index=2), WordIn(word="tea")], "the word at index 2 is there twice"),
    ],
)
def test_what_cannot_be_placed_is_refused(asked: list[WordIn], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        placed(asked, TEXT)


def test_words_come_in_the_order_of_the_text() -> None:
    asked = [WordIn(word="said", pause=0.5), WordIn(index=0, pitch=3)]
    assert [word.index for word in placed(asked, TEXT)] == [0, 1]


def test_a_lone_mark_is_a_word_of_its_own() -> None:
    assert placed([WordIn(word="—")], "yes — no")[0].index == 1


@pytest.mark.parametrize("field", [{"rate": 0.1}, {"pitch": float("nan")}, {"pause": -1.0}])
def test_values_out_of_range_are_refused(field: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        WordIn(index=0, **field)  # type: ignore[arg-type]


def test_a_body_whose_words_are_not_in_its_text_names_the_field() -> None:
    with pytest.raises(ValidationError) as refused:
        SpeakIn(text="Hello.", speaker_id="ann", words=[{"index": 4}])  # type: ignore[list-item]
    assert refused.value.errors()[0]["loc"] == ("words",)
