from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from actors.engines.phonemes import spans_of

ALONE = {"of": "ʌv", "the": "ðə", "in": "ɪn", "1,2": "wʌn tuː", "-": "", "ok": "oʊkeɪ", "a.": "eɪ."}


@dataclass(frozen=True)
class Timing:
    phoneme: str
    start: float
    end: float


def said(phonemes: str) -> list[Timing]:
    """Each phoneme lasts a second."""
    return [Timing(phoneme, i, i + 1) for i, phoneme in enumerate(phonemes)]


def spans(text: str, phonemes: str) -> list[tuple[float, float] | None]:
    return spans_of(text.split(), said(phonemes), ALONE.__getitem__)


def test_as_many_phoneme_words_as_words_belong_one_to_one() -> None:
    assert spans("of the", "ʌv ðə") == [(0, 2), (3, 5)]


def test_a_mark_is_no_part_of_the_word_before_it() -> None:
    assert spans("a. ok", "eɪ. oʊkeɪ") == [(0, 2), (4, 9)]


def test_a_number_has_all_the_words_it_is_read_as() -> None:
    assert spans("1,2 ok", "wʌn tuː oʊkeɪ") == [(0, 7), (8, 13)]


def test_a_word_that_is_not_read_has_no_span() -> None:
    assert spans("of - the", "ʌv ðə") == [(0, 2), None, (3, 5)]


def test_words_run_together_divide_their_phonemes() -> None:
    assert spans("of the ok", "ʌvðə oʊkeɪ") == [(0, 2), (2, 4), (5, 10)]


def test_a_word_is_found_again_behind_others_said_differently() -> None:
    assert spans("of the ok", "ʌvðɪɪ oʊkeɪ") == [(0, 2), (2, 5), (6, 11)]


@given(
    words=st.lists(st.sampled_from(sorted(ALONE)), min_size=1, max_size=6),
    phonemes=st.text("ab. ", min_size=1, max_size=20).filter(str.strip),
)
def test_whatever_is_heard_no_word_goes_back(words: list[str], phonemes: str) -> None:
    given_spans = spans_of(words, said(phonemes), ALONE.__getitem__)
    edges = [edge for span in given_spans if span for edge in span]
    assert len(given_spans) == len(words)
    assert edges == sorted(edges)
    assert edges
