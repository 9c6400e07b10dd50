import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.engines.base import Unspeakable
from actors.engines.words import Stretch, place, stretches

SPEAKABLE = st.text(max_size=120).filter(lambda text: any(map(str.isalnum, text)))


@given(text=SPEAKABLE, limit=st.integers(min_value=1, max_value=30))
def test_stretches_hold_every_word_once_and_in_order(text: str, limit: int) -> None:
    cut = list(stretches(text, limit))
    assert [w for stretch in cut for w in stretch.written if w is not None] == text.split()
    assert all(len(stretch.text) <= limit for stretch in cut)


@given(text=SPEAKABLE, limit=st.integers(min_value=1, max_value=30))
def test_nothing_that_can_be_said_is_lost(text: str, limit: int) -> None:
    heard = "".join(word for stretch in stretches(text, limit) for word in stretch.heard)
    assert list(filter(str.isalnum, heard)) == list(filter(str.isalnum, text))


def test_what_no_engine_may_be_given_goes_and_the_word_stays_as_written() -> None:
    (stretch,) = stretches("he\x00llo \x07 the\ud800re", 100)
    assert stretch.heard == ("hello", "", "there")
    assert stretch.written == ("he\x00llo", "\x07", "the\ud800re")


def test_a_long_text_is_cut_after_a_sentence_rather_than_a_clause() -> None:
    cut = list(stretches("One two three four. Five, six seven eight nine", 30))
    assert [each.text for each in cut] == ["One two three four.", "Five, six seven eight nine"]


def test_a_text_without_sentences_is_cut_after_a_clause() -> None:
    cut = list(stretches("one two three, four five six seven", 24))
    assert [stretch.text for stretch in cut] == ["one two three,", "four five six seven"]


def test_writing_without_spaces_is_cut_after_its_marks() -> None:
    cut = list(stretches("你好世界。今天天气很好。", 8))
    assert [stretch.text for stretch in cut] == ["你好世界。", "今天天气很好。"]
    assert [stretch.written for stretch in cut] == [("你好世界。今天天气很好。",), (None,)]


@pytest.mark.parametrize("text", ["", "?!", "\x00\n", "—", "🙂"])
def test_a_text_without_letters_is_refused_at_once(text: str) -> None:
    with pytest.raises(Unspeakable):
        stretches(text, 100)


def timed(words: list[str], spans: list[tuple[float, float] | None]) -> list[tuple[float, float]]:
    times = place(Stretch(tuple(words), tuple(words)), spans, 10.0)
    return [(time.start_s, time.end_s) for time in times]


def test_words_run_together_share_by_their_letters() -> None:
    assert timed(["of", "thee"], [(0, 3), None]) == [(10, 11), (11, 13)]


def test_a_dash_has_no_length_of_its_own() -> None:
    assert timed(["-", "new"], [(1, 2), None]) == [(11, 11), (11, 12)]


def test_a_sign_that_is_spoken_has_its_length() -> None:
    assert timed(["a", "&", "b"], [(0, 1), (1, 2), (2, 3)]) == [(10, 11), (11, 12), (12, 13)]


def test_what_comes_before_all_sound_begins_with_it() -> None:
    assert timed(["-", "ok"], [None, (1, 2)]) == [(11, 11), (11, 12)]


def test_words_without_any_sound_stand_where_the_stretch_begins() -> None:
    assert timed(["ok", "-"], [None, None]) == [(10, 10), (10, 10)]


@given(
    st.lists(st.tuples(st.text("ab-", max_size=4), st.booleans()), min_size=1, max_size=8),
)
def test_every_word_has_a_time_and_none_goes_back(words: list[tuple[str, bool]]) -> None:
    spans = [(i, i + 0.7) if anchored else None for i, (_, anchored) in enumerate(words)]
    times = timed([word for word, _ in words], spans)
    edges = [edge for time in times for edge in time]
    assert len(times) == len(words)
    assert edges == sorted(edges)
