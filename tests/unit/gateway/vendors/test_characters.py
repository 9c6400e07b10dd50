from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.vendors.characters import Characters, Timed

words = st.text("abcé.,!", min_size=1, max_size=6)
gaps = st.sampled_from([" ", "  ", "\n"])
durations = st.floats(0, 0.8)


def test_characters_of_a_word_follow_one_another_evenly() -> None:
    characters = Characters()
    characters.write("Hi you")
    characters.time([("Hi", 0.1, 0.3), ("you", 0.5, 0.8)])
    assert list(characters.until(10_000)) == [
        Timed("H", 100, 200),
        Timed("i", 200, 300),
        Timed(" ", 300, 500),
        Timed("y", 500, 600),
        Timed("o", 600, 700),
        Timed("u", 700, 800),
    ]


def test_only_those_are_given_that_have_begun() -> None:
    characters = Characters()
    characters.write("Hi you")
    characters.time([("Hi", 0.0, 0.2)])
    assert [timed.character for timed in characters.until(100)] == ["H"]
    characters.time([("you", 0.5, 0.8)])
    assert [timed.character for timed in characters.until(501)] == ["i", " ", "y"]


def test_the_last_one_lasts_as_long_as_the_sound() -> None:
    characters = Characters(begins_ms=1000)
    characters.write("Hi ")
    characters.time([("Hi", 0.0, 0.2)])
    assert characters.rest(1700)[-1] == Timed(" ", 1200, 1700)


def test_a_word_that_is_spelled_in_another_way_is_the_next_one_of_the_text() -> None:
    characters = Characters()
    characters.write("It is €5 now")
    characters.time([("It", 0, 0.1), ("is", 0.1, 0.2), ("five", 0.2, 0.4), ("now", 0.5, 0.6)])
    given_out = characters.rest(700)
    assert "".join(timed.character for timed in given_out) == "It is €5 now"
    assert [timed.start_ms for timed in given_out if timed.character in "€n"] == [200, 500]


@given(st.lists(st.tuples(words, gaps, durations, durations), max_size=8), st.data())
def test_each_character_of_the_text_is_given_once_and_time_never_goes_back(
    spoken: list[tuple[str, str, float, float]], data: st.DataObject
) -> None:
    characters, now_s, given_out = Characters(), 0.0, list[Timed]()
    for word, gap, rest_s, length_s in spoken:
        characters.write(word + gap)
        characters.time([(word, now_s + rest_s, now_s + rest_s + length_s)])
        now_s += rest_s + length_s
        given_out += characters.until(data.draw(st.integers(0, 20_000)))
    given_out += characters.rest(round(now_s * 1000) + 50)
    assert "".join(t.character for t in given_out) == "".join(w + g for w, g, _, _ in spoken)
    assert all(timed.start_ms <= timed.end_ms for timed in given_out)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(given_out))
