"""However a text is chopped up on its way, the same words are spoken, in order and once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from actors.live import Dictation, Piece
from actors.live.cutting import MOST_OF_PIECE
from actors.phrases import speakable, split

TEXTS = st.one_of(
    st.text(max_size=600),
    st.text(st.sampled_from("aab  ,.!?\n—x"), max_size=900),
    st.lists(st.sampled_from(["Well,", "Mr.", "one", "two,", "Stop!", "—", "…", "3.5"])).map(
        " ".join
    ),
)


@st.composite
def chopped(draw: st.DrawFn) -> tuple[str, list[str]]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return text, [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def dictated(deltas: list[str], data: st.DataObject) -> list[Piece]:
    """The pieces, asked for now and then while the text comes, some of it more than once."""
    dictation, at, pieces = Dictation("t"), 0, []
    for delta in deltas:
        again = data.draw(st.integers(0, at))
        dictation.add(at - again, dictation.text[at - again :] + delta, ended=False)
        at += len(delta)
        while data.draw(st.booleans()):
            if (piece := dictation.next(hurried=data.draw(st.booleans()))) is not None:
                pieces.append(piece)
    dictation.add(at, "", ended=True)
    while (piece := dictation.next()) is not None:
        pieces.append(piece)
    assert dictation.over
    return pieces


@given(chopped(), st.data())
def test_the_pieces_are_the_text_to_the_letter(
    text_and_deltas: tuple[str, list[str]], data: st.DataObject
) -> None:
    text, deltas = text_and_deltas
    pieces = dictated(deltas, data)
    spoken = "".join(piece.text for piece in pieces)
    assert text.startswith(spoken)
    assert not speakable(text[len(spoken) :])
    assert [p.at for p in pieces] == [
        sum(len(q.text) for q in pieces[:i]) for i in range(len(pieces))
    ]


@given(chopped(), st.data())
def test_the_same_words_are_spoken_in_order(
    text_and_deltas: tuple[str, list[str]], data: st.DataObject
) -> None:
    text, deltas = text_and_deltas
    pieces = dictated(deltas, data)
    phrases = [phrase for piece in pieces for phrase in split(piece.text)]
    assert "".join("".join(phrases).split()) == "".join("".join(p.text for p in pieces).split())
    assert all(speakable(piece.text) for piece in pieces)
    assert bool(phrases) == speakable(text)


@given(TEXTS)
def test_words_are_cut_only_where_they_are_longer_than_a_piece(text: str) -> None:
    dictation = Dictation("t")
    dictation.add(0, text, ended=True)
    pieces = []
    while (piece := dictation.next()) is not None:
        pieces.append(piece.text)
    for before, after in pairwise(pieces):
        joined = before[-1:].isspace() or after[:1].isspace()
        assert joined or max(map(len, text.split())) > MOST_OF_PIECE[0]


@given(st.integers(5, 80), st.integers(1, 40))
def test_pieces_grow(words: int, sentences: int) -> None:
    sentence = " ".join(["word"] * words) + ". "
    dictation = Dictation("t")
    dictation.add(0, sentence * sentences, ended=True)
    sizes = []
    while (piece := dictation.next()) is not None:
        sizes.append(len(piece.text))
    assert all(size <= most for size, most in zip(sizes, MOST_OF_PIECE, strict=False))
    assert sum(sizes) == len(sentence) * sentences
    assert len(sizes) < 3 or max(sizes[1:]) > sizes[0]
