"""Where a text that is still coming is cut."""

import pytest

from actors.live import Dictation
from actors.live.cutting import MOST_OF_PIECE, cut
from actors.refusals import TextMissing, TurnIdConflict

LONG = "The first clause is here, and it goes on. " * 20


def pieces(dictation: Dictation, *, hurried: bool = False) -> list[str]:
    found = []
    while (piece := dictation.next(hurried=hurried)) is not None:
        found.append(piece.text)
    return found


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Well, that is", "Well, "),
        ("Well,", None),
        ("Good morning! And", "Good morning! "),
        ("“Hello.” she", "“Hello.” "),
        ("— … Yes, I", "— … Yes, "),
        ("It is 3.5", None),
        ("Mr. Smith came, and", "Mr. Smith came, "),
        ("J. R. Smith: a", "J. R. Smith: "),
        ("... , ", None),
        ("one\ntwo", "one\n"),
    ],
)
def test_the_first_piece_is_the_first_clause_that_can_be_spoken(
    text: str, first: str | None
) -> None:
    dictation = Dictation("t")
    dictation.add(0, text, ended=False)
    piece = dictation.next()
    assert (piece.text if piece else None) == first


def test_a_clause_without_an_end_is_cut_between_words() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve thirteen"
    size = cut(text, number=0, ended=False, hurried=False)
    assert text[:size].endswith("eleven ")
    assert size <= MOST_OF_PIECE[0]


def test_a_word_without_an_end_is_cut_all_the_same() -> None:
    assert cut("x" * 1000, number=0, ended=False, hurried=False) == MOST_OF_PIECE[0]


def test_later_pieces_are_whole_sentences_and_grow() -> None:
    dictation = Dictation("t")
    dictation.add(0, LONG, ended=True)
    found = pieces(dictation)
    assert found[0] == "The first clause is here, "
    assert all(piece.rstrip().endswith(".") for piece in found[1:])
    lengths = [len(piece) for piece in found[:-1]]
    assert lengths == sorted(lengths)
    assert max(lengths) > 4 * lengths[0]


def test_a_sentence_is_waited_for_unless_the_listener_is_about_to_run_dry() -> None:
    dictation = Dictation("t")
    dictation.add(0, "Well, here is a clause, and", ended=False)
    assert dictation.next() is not None
    assert dictation.next() is None
    hurried = dictation.next(hurried=True)
    assert hurried is not None
    assert hurried.text == "here is a clause, "


def test_a_short_text_that_is_all_there_is_one_piece() -> None:
    dictation = Dictation("t")
    dictation.add(0, "Yes, of course.", ended=True)
    piece = dictation.next()
    assert piece is not None
    assert (piece.text, piece.last) == ("Yes, of course.", True)
    assert dictation.over


def test_nothing_speakable_is_nothing_to_speak() -> None:
    dictation = Dictation("t")
    dictation.add(0, " … — ", ended=False)
    assert not dictation.over
    dictation.add(5, "", ended=True)
    assert dictation.next() is None
    assert dictation.over


def test_marks_after_the_last_word_belong_to_it() -> None:
    dictation = Dictation("t")
    dictation.add(0, "Yes. — …", ended=True)
    assert pieces(dictation) == ["Yes. — …"]


def test_what_was_sent_before_is_not_taken_twice() -> None:
    dictation = Dictation("t")
    assert dictation.add(0, "Hello, w", ended=False) == 8
    assert dictation.add(0, "Hello, wor", ended=False) == 10
    assert dictation.add(8, "orld.", ended=True) == 13 - 0
    assert dictation.text == "Hello, world."[:8] + "orld."


def test_what_the_record_has_is_not_given_out_again() -> None:
    dictation = Dictation("t", recorded="Hello, ")
    dictation.add(0, "Hello, world. ", ended=False)
    piece = dictation.next()
    assert piece is not None
    assert (piece.at, piece.text) == (7, "world. ")


def test_a_gap_is_refused() -> None:
    dictation = Dictation("t")
    with pytest.raises(TextMissing, match="begins at 3, where 0 characters"):
        dictation.add(3, "lo", ended=False)


@pytest.mark.parametrize(
    ("at", "text", "ended"), [(0, "Other", False), (13, "more", False), (0, "Hello", True)]
)
def test_other_words_under_the_same_name_are_refused(at: int, text: str, ended: bool) -> None:
    dictation = Dictation("t")
    dictation.add(0, "Hello, world.", ended=True)
    with pytest.raises(TurnIdConflict):
        dictation.add(at, text, ended=ended)
    assert dictation.text == "Hello, world."
