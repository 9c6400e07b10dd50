from hypothesis import given
from hypothesis import strategies as st

from actors.engines.base import Sound
from actors.engines.scripted import ScriptedEngine
from actors.phrases import FIRST, MOST, speakable, split
from actors.utterance import whole_words
from events.direction import Phrase

PROSE = st.lists(
    st.sampled_from(
        ["one", "two,", "three.", "four!", "—", "…", "“five”", "six;\n", "seven?)", "8", "x" * 90]
    ),
    max_size=120,
).map(" ".join)
TEXTS = st.one_of(st.text(max_size=400), PROSE, st.text(alphabet="ab.,— ", max_size=1500))


@given(TEXTS)
def test_no_letter_is_lost_or_moved(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())


@given(TEXTS)
def test_words_in_are_words_out_where_each_fits_into_a_phrase(text: str) -> None:
    words = text.split()
    if all(len(word) <= MOST for word in words):
        assert " ".join(split(text)).split() == words


@given(TEXTS)
def test_every_phrase_can_be_spoken_if_the_text_can(text: str) -> None:
    if speakable(text):
        assert all(speakable(phrase) for phrase in split(text))


@given(TEXTS)
def test_no_phrase_has_more_to_say_than_fits(text: str) -> None:
    for phrase in split(text):
        said = " ".join(word for word in phrase.split() if speakable(word))
        assert len(said) <= MOST


@given(TEXTS)
def test_a_word_cut_for_its_length_is_timed_as_one(text: str) -> None:
    if not speakable(text):
        return
    engine = ScriptedEngine(sleep=lambda _: None, seconds_per_character=0.0005)
    sounds: list[Sound] = []
    for phrase in split(text):
        sounds += engine.synthesise(Phrase(text=phrase), "af_heart")
    timed = whole_words([word for sound in sounds for word in sound.words], text.split())
    assert [word.word for word in timed] == text.split()


def test_sound_starts_early_where_a_clause_ends_early() -> None:
    text = "Well, " + "this is a rather long sentence that goes on and on " * 2
    first, *rest = split(text)
    assert first == "Well,"
    assert len(rest) == 1
    assert len(first) <= FIRST


def test_a_short_sentence_is_not_cut() -> None:
    assert split("Well, yes, of course. And then?") == ("Well, yes, of course.", "And then?")


def test_marks_alone_go_with_their_neighbours() -> None:
    assert split("… … Hello there. — !!! Bye.") == ("… … Hello there. — !!!", "Bye.")


def test_nothing_is_no_phrase() -> None:
    assert split(" \n\t ") == ()


def test_sentences_of_many_scripts_end() -> None:
    assert split("你好。 再见！ Γεια σου. नमस्ते") == ("你好。", "再见！", "Γεια σου.", "नमस्ते")
