"""Tags in square brackets."""

import pytest

from actors.markup import Marked, MarkupError, Tags
from actors.markup.marks import Paused, Restyled, Said, Style


def resolve(name: str) -> str:
    if name != "am_adam":
        raise ValueError("nobody is called so")
    return name


def read(text: str) -> Marked:
    return Tags(resolve).read(text, last=True)[1]


def test_a_pause_stands_between_its_words() -> None:
    assert read("Wait [pause:0.5s] here.") == ("Wait here.", (Paused(5, 0.5),))
    assert read("Wait[PAUSE:20ms], here.") == ("Wait, here.", (Paused(4, 0.02),))


def test_a_rate_lasts_until_the_next() -> None:
    text, marks = read("One [rate:1.5]two three [rate:default]four.")
    assert text == "One two three four."
    assert marks == (Restyled(4, Style(rate=1.5)), Restyled(14, Style()))


def test_a_voice_lasts_until_that_of_the_line_comes_back() -> None:
    text, marks = read("[voice:am_adam] He. [voice:default] She.")
    assert text == "He. She."
    assert marks == (Restyled(0, Style(voice="am_adam")), Restyled(4, Style()))


def test_a_word_is_said_by_its_phonemes() -> None:
    marked = read("I am [Dr Nguyen](/nwˈɪn/), hello.")
    assert marked == ("I am Dr Nguyen, hello.", (Said(5, 14, "[Dr Nguyen](/nwˈɪn/)"),))


def test_an_ordinary_g_is_taken_for_that_of_ipa() -> None:
    assert read("[go](/goʊ/)").marks == (Said(0, 2, "[go](/ɡoʊ/)"),)


@pytest.mark.parametrize(
    "text",
    ["[1]", "[sic] that", "a [b c: d]", "[12:30]", "[http://a.b/c]", "[a](http://b.c)", "[a](/b/c)",
     "[", "]", "[]", "a[b", "back\\slash", "[" * 300, f"[{'x' * 300}]", "[a](/", "[a](b)"],
)  # fmt: skip
def test_what_looks_like_no_tag_is_text(text: str) -> None:
    assert read(text) == (text, ())


def test_a_bracket_can_be_written_that_begins_no_tag() -> None:
    assert read(r"Write \[pause:1s] for a pause.") == ("Write [pause:1s] for a pause.", ())


@pytest.mark.parametrize(
    ("text", "where", "right"),
    [
        ("Oh [pause:1]", "character 4", "0.5s"),
        ("Oh [pause:11s]", "character 4", "10s"),
        ("Oh [pause]", "character 4", "[pause:0.5s]"),
        ("Oh [paws:1s]", "character 4", "[pause:0.5s]"),
        ("Oh [pause:1s", "character 4", "]"),
        ("Oh [pause:[rate:1]", "character 4", "]"),
        ("Oh [rate:9]", "character 4", "0.25 to 4"),
        ("Oh [rate:nan]", "character 4", "0.25 to 4"),
        ("Oh [voice:eve]", "character 4", "nobody is called so"),
        ("Oh [a](/№/)", "character 4", "IPA"),
        ("Oh [a](/ˈ/)", "character 4", "IPA"),
        ("Oh [-](/a/)", "character 4", "[word](/phonemes/)"),
        ("[pause:9s]" * 14, "character 131", "120 s"),
    ],
)
def test_a_wrong_tag_is_named_by_its_place_and_what_would_be_right(
    text: str, where: str, right: str
) -> None:
    with pytest.raises(MarkupError) as wrong:
        read(text)
    assert wrong.value.where == where
    assert right in wrong.value.what


def test_no_error_quotes_the_text() -> None:
    with pytest.raises(MarkupError) as wrong:
        read("My secret [word:secret] is secret.")
    assert "secret" not in str(wrong.value)


def test_a_beginning_of_a_tag_is_held_back_and_no_longer_than_a_tag_can_be() -> None:
    tags, marked = Tags(resolve).read("Well [pau")
    assert (tags.held, marked.text) == ("[pau", "Well ")
    tags, marked = tags.read("x" * 300)
    assert tags.held == ""
    assert marked.text.startswith("[paux")
