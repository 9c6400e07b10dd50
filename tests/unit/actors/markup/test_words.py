"""What marks, and a dictionary, ask of each word."""

from actors.markup import Tags, Wishes, asked_by, pronounced
from actors.markup.marks import PLAIN, Paused, Restyled, Said, Style
from actors.markup.words import Asked
from events.direction import Saying

FAST = Style(rate=1.5)
NGUYEN = Said(0, 6, "[Nguyen](/nwˈɪn/)")


def said(text: str, *marks: Said) -> list[str | None]:
    return [word.said for word in asked_by(marks, text).words]


def looked_up(text: str, **words: str) -> list[str | None]:
    dictionary = {word: Saying(say_as=said) for word, said in words.items()}
    wishes, _ = pronounced(Wishes(), text, dictionary)
    return [word.said for word in wishes.words] or [None] * len(text.split())


def test_a_pause_comes_after_the_word_before_it() -> None:
    wishes = asked_by([Paused(0, 1.0), Paused(4, 0.5), Paused(5, 0.25), Paused(9, 2.0)], "One two.")
    assert wishes.pause_before_s == 1.0
    assert [word.pause_after_s for word in wishes.words] == [0.5, 2.25]


def test_a_word_has_the_style_of_its_first_letter() -> None:
    wishes = asked_by([Restyled(5, FAST), Restyled(8, PLAIN)], 'One "two" three')
    assert [word.style for word in wishes.words] == [PLAIN, FAST, PLAIN]


def test_what_is_said_keeps_the_rest_of_the_word() -> None:
    assert said("“WWW”, no", Said(1, 4, "World Wide Web")) == ["“World Wide Web”,", None]


def test_several_words_are_said_with_the_first() -> None:
    assert said("New York, no", Said(0, 8, "NY")) == ["NY", ",", None]


def test_an_english_ending_follows_the_phonemes() -> None:
    assert said("Nguyen's", NGUYEN) == ["[Nguyen](/nwˈɪnz/)"]
    assert said("Nguyens.", NGUYEN) == ["[Nguyen](/nwˈɪnz/)."]
    assert said("Bach's", Said(0, 4, "[Bach](/bˈɑːk/)")) == ["[Bach](/bˈɑːks/)"]
    assert said("Bush’s", Said(0, 4, "[Bush](/bˈʊʃ/)")) == ["[Bush](/bˈʊʃᵻz/)"]


def test_a_dictionary_finds_whole_words_in_any_case_with_marks_around_them() -> None:
    found = looked_up("(sql), SQL's MySQL sql-like Sql!", SQL="sequel")
    assert found == ["(sequel),", None, None, None, "sequel!"]


def test_a_dictionary_has_words_with_marks_of_their_own() -> None:
    dictionary = {"C++": Saying(say_as="C plus plus"), "it’s": Saying(say_as="it is")}
    wishes, found = pronounced(Wishes(), "C++, it's c", dictionary)
    assert [word.said for word in wishes.words] == ["C plus plus,", "it is", None]
    assert found == 2


def test_markup_wins_over_the_dictionary_and_keeps_its_style() -> None:
    _, (text, marks) = Tags(str).read("[rate:1.5] [SQL](/ˈɛs/) SQL", last=True)
    wishes, found = pronounced(asked_by(marks, text), text, {"sql": Saying(phonemes="sˈiː")})
    assert [word.said for word in wishes.words] == ["[SQL](/ˈɛs/)", "[SQL](/sˈiː/)"]
    assert {word.style for word in wishes.words} == {FAST}
    assert found == 1


def test_nothing_is_asked_of_most_words() -> None:
    assert asked_by((), "One two.") == Wishes((Asked(), Asked()))
    assert pronounced(Wishes(), "One two.", {"three": Saying(say_as="3")}) == (Wishes(), 0)
