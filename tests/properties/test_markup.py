"""Markup never loses a word, and however it is cut on its way, it asks the same."""

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from actors import prosody
from actors.live import Dictation
from actors.markup import Marked, MarkupError, Tags, asked_by, part, ssml
from actors.markup.marks import Paused
from actors.markup.phonemes import LONGEST
from actors.markup.tags import LONGEST_WORD
from actors.phrases import speakable

WORDS = ["Well,", "Nguyen's", "is", "it", "3.5", "“no”", "—", "all.", "[sic]", "(a)"]
TAGS = ["[pause:0.5s]", "[pause:200ms]", "[rate:1.2]", "[rate:default]", "[voice:am_adam]"]
SOUNDED = ["one", "New York", "tomatoes"]
MOST_HELD = LONGEST_WORD + LONGEST + 10
NOISE = st.text(st.sampled_from("[]()/:\\ sapuer1.tə"), max_size=60)


def resolve(name: str) -> str:
    return name


def read(text: str) -> Marked:
    return Tags(resolve).read(text, last=True)[1]


@st.composite
def tagged(draw: st.DrawFn) -> tuple[str, str]:
    """A text with tags, and without."""
    marked, plain = "", ""
    for _ in range(draw(st.integers(0, 12))):
        space = draw(st.sampled_from([" ", " ", "\n", ""]))
        match draw(st.integers(0, 3)):
            case 0:
                marked += space + draw(st.sampled_from(TAGS))
                plain += space
            case 1:
                word = draw(st.sampled_from(SOUNDED))
                marked += f"{space}[{word}](/təmˈɑː/)"
                plain += space + word
            case _:
                word = draw(st.sampled_from(WORDS))
                marked += space + word
                plain += space + word
    return marked, plain


TEXTS = st.one_of(tagged().map(lambda pair: pair[0]), NOISE, st.text(max_size=80))


@given(tagged())
def test_the_words_are_those_that_stand_beside_the_tags(texts: tuple[str, str]) -> None:
    marked, plain = texts
    assert read(marked).text.split() == plain.split()


@given(tagged())
def test_every_word_is_spoken_once_in_order(texts: tuple[str, str]) -> None:
    text, marks = read(texts[0])
    assume(speakable(text))
    direction = prosody.plain(text, voice="af_heart", speed=1.0, marks=marks)
    spoken = [word for phrase in direction.phrases for word in phrase.text.split()]
    assert spoken == text.split()
    assert all(speakable(phrase.text) for phrase in direction.phrases)


@given(TEXTS, st.data())
def test_any_cutting_reads_the_same(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    deltas = [text[begin:end] for begin, end in pairwise([0, *cuts, len(text)])]
    assert outcome([*deltas, ""]) == outcome([text])


def outcome(deltas: list[str]) -> Marked | str:
    """What is read, delta by delta, or why it is refused."""
    tags, got = Tags(resolve), Marked("")
    for number, delta in enumerate(deltas, 1):
        try:
            tags, more = tags.read(delta, last=number == len(deltas))
        except MarkupError as error:
            return str(error)
        got = Marked(got.text + more.text, got.marks + more.marks)
        assert len(tags.held) <= MOST_HELD
    return got


@given(tagged(), st.data())
def test_pieces_ask_of_their_words_what_the_whole_asks(
    texts: tuple[str, str], data: st.DataObject
) -> None:
    text, marks = read(texts[0])
    places = [at for at in range(1, len(text)) if text[at - 1].isspace() and not text[at].isspace()]
    cuts = sorted(data.draw(st.sets(st.sampled_from(places), max_size=4))) if places else []
    whole = asked_by(marks, text)
    words, silence_s = [], 0.0
    for number, (begin, end) in enumerate(pairwise([0, *cuts, len(text)])):
        given_before = len(marks) if number else 0
        asked = asked_by(part(marks, begin, end, given_before), text[begin:end])
        words += asked.words
        silence_s += asked.pause_before_s
    assert [(word.style, word.said) for word in words] == [
        (word.style, word.said) for word in whole.words
    ]
    assert [word.pause_after_s for word in words] == [word.pause_after_s for word in whole.words]
    assert silence_s == whole.pause_before_s


@given(tagged(), st.data())
def test_a_dictated_turn_loses_no_pause_and_has_none_twice(
    texts: tuple[str, str], data: st.DataObject
) -> None:
    """Whatever was known when a piece was parted off."""
    marked = texts[0]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(marked)), max_size=6)))
    dictation, tags, known, marks_known = Dictation("t"), Tags(resolve), "", ()
    pieces = []
    for begin, end in pairwise([0, *cuts, len(marked)]):
        tags, more = tags.read(marked[begin:end], last=end == len(marked))
        dictation.add(
            len(known), more.text, ended=False, marks=more.marks, marks_before=len(marks_known)
        )
        known, marks_known = known + more.text, marks_known + more.marks
        if (piece := dictation.next(hurried=data.draw(st.booleans()))) is not None:
            pieces.append(piece)
    whole = read(marked)
    dictation.add(len(known), "", ended=True)
    while (piece := dictation.next()) is not None:
        pieces.append(piece)
    asked = [asked_by(piece.marks, piece.text) for piece in pieces]
    assert [word.said for each in asked for word in each.words] == [
        word.said
        for word in asked_by(whole.marks, whole.text).words[: sum(len(a.words) for a in asked)]
    ]
    heard_s = sum(each.pause_before_s for each in asked)
    heard_s += sum(word.pause_after_s or 0.0 for each in asked for word in each.words)
    end = sum(len(piece.text) for piece in pieces)
    # One behind the last word can come when that has been given out.
    assert silence_s(whole, end - 1) <= heard_s + 1e-9
    assert heard_s <= silence_s(whole, end) + 1e-9


def silence_s(whole: Marked, until: int) -> float:
    pauses = (mark for mark in whole.marks if isinstance(mark, Paused))
    return sum(pause.seconds for pause in pauses if pause.at <= until)


@given(st.one_of(TEXTS, TEXTS.map(lambda text: f"<speak>{text}</speak>")))
def test_whatever_is_no_document_is_refused_by_its_place(text: str) -> None:
    inside = text.removeprefix("<speak>").removesuffix("</speak>").split()
    try:
        told: list[str] | str = ssml(text, resolve).text.split()
    except MarkupError as error:
        told = error.where
    assert told == inside or (isinstance(told, str) and told.startswith("line "))


ELEMENTS = {
    "word": "{word} ",
    "break": '<break time="0.1s"/> ',
    "p": "<p>{inner}</p> ",
    "prosody": '<prosody rate="120%" pitch="+1st">{inner}</prosody> ',
    "emphasis": "<emphasis>{inner}</emphasis> ",
    "voice": '<voice name="am_adam">{inner}</voice> ',
    "sub": '<sub alias="something">{word}</sub> ',
    "phoneme": '<phoneme ph="təmˈɑː">{word}</phoneme> ',
}


@st.composite
def documents(draw: st.DrawFn, depth: int = 0) -> tuple[str, list[str]]:
    """What stands in a document, and its words."""
    marked, words = "", list[str]()
    for _ in range(draw(st.integers(0, 4))):
        element = ELEMENTS[draw(st.sampled_from(list(ELEMENTS)))]
        inner, within = draw(documents(depth + 1)) if depth < 3 else ("", [])
        word = draw(st.sampled_from(["Well,", "no", "it", "all."]))
        marked += element.format(word=word, inner=inner)
        words += [word] * ("{word}" in element) + within * ("{inner}" in element)
    return marked, words


@given(documents())
def test_a_document_keeps_its_words(document: tuple[str, list[str]]) -> None:
    text, marks = ssml(f"<speak>{document[0]}</speak>", resolve)
    assert text.split() == document[1]
    assert len(asked_by(marks, text).words) == len(document[1])
