"""Our rules give what the package gives."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from vaderSentiment import vaderSentiment

from actors.understanding.lexicon import MOST_EMOJI, Lexicon, lexicon
from actors.understanding.vader import compound

SPOKEN = (
    "good bad love hate great death no not never so this without doubt least at very but kind of "
    "sort barely extremely the shit bomb yeah right to die for kiss ass don't isn't nor or lol :) "
    ":( a it was and cannot just enough"
)
TOKENS = st.builds(
    lambda word, form, mark: form(word) + mark,
    st.sampled_from(SPOKEN.split()),
    st.sampled_from((str.lower, str.lower, str.upper, str.title)),
    st.sampled_from(("", "", ",", "!", "?", "!!!!!", "...", "??", "????")),
)


@cache
def analyzer() -> vaderSentiment.SentimentIntensityAnalyzer:
    return vaderSentiment.SentimentIntensityAnalyzer()


@given(st.lists(TOKENS, max_size=12).map(" ".join))
@example("It was not so good, but NEVER so bad, without doubt!")
@example("the least good of bad good, but good bad good")
def test_a_text_has_the_compound_of_the_package(text: str) -> None:
    assert compound(text, analyzer().lexicon) == analyzer().polarity_scores(text)["compound"]


@pytest.mark.parametrize("text", ["", "  ", "!", "the train", "…", "é"])
def test_what_is_not_rated_is_worth_nothing(text: str) -> None:
    assert compound(text, analyzer().lexicon) == 0.0


@given(st.lists(st.sampled_from(["😀", "😡", "©", " ", "so", "é", "—", "!"]), max_size=MOST_EMOJI))
def test_emoji_are_read_as_the_package_describes_them(parts: list[str]) -> None:
    text = "".join(parts)
    assert lexicon().valence(text) == analyzer().polarity_scores(text)["compound"]


def test_only_so_many_emoji_are_read() -> None:
    assert lexicon().valence("😡" * MOST_EMOJI + "😀" * 50) == lexicon().valence("😡" * MOST_EMOJI)


def test_negations_of_something_bad_are_not_added_up() -> None:
    assert Lexicon().valence("No problem.") > 0
