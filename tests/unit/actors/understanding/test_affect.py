import pytest

from actors.understanding.affect import Context, affect_of
from actors.understanding.legible import excerpt
from actors.understanding.lexicon import lexicon
from events.emotion import Feeling
from events.turns import Affect

ANGRY = Feeling(0.0, valence=-0.8, arousal=0.5)
GLAD = Feeling(0.0, valence=0.8, arousal=0.3)


def read(text: str, own: Feeling | None = None, partner: Feeling | None = None) -> Affect:
    return affect_of(excerpt(text), lexicon(), Context(own, partner))


@pytest.mark.parametrize(
    ("text", "sentiment", "category"),
    [
        ("That's great, I'm so happy for you!", "positive", "joy"),
        ("Wow, this is amazing!", "positive", "joy"),
        ("I hate you, you idiot!", "negative", "anger"),
        ("I'm so sorry, my dog died.", "negative", "sadness"),
        ("I am terrified of that horrible place!", "negative", "fear"),
        ("Eww, that's disgusting!", "negative", "disgust"),
        ("Oh my God, what?!", "negative", "surprise"),
        ("The train leaves at nine.", "neutral", "neutral"),
        ("No problem.", "neutral", "neutral"),
        ("Well, okay.", "neutral", "neutral"),
    ],
)
def test_plain_cases(text: str, sentiment: str, category: str) -> None:
    affect = read(text)
    assert (affect.sentiment, affect.category) == (sentiment, category)


def test_valence_has_the_sign_of_the_words() -> None:
    assert read("What a wonderful day!").valence > 0.3
    assert read("What a horrible, awful day.").valence < -0.3


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert read("I can’t believe it") == read("I can't believe it")


@pytest.mark.parametrize("louder", ["I am here!", "I AM here.", "I am so here.", "I am heeere."])
def test_signs_of_arousal(louder: str) -> None:
    assert read(louder).arousal > read("I am here.").arousal


def test_trailing_off_is_calm() -> None:
    assert read("I am here...").arousal < read("I am here.").arousal


def test_what_was_felt_tells_what_is_meant() -> None:
    line = "Look at that!"
    assert read(line, own=ANGRY).valence < read(line).valence < read(line, own=GLAD).valence
    assert read(line, partner=ANGRY).valence < read(line, partner=GLAD).valence


def test_the_sources_say_whether_the_context_counted() -> None:
    assert read("Fine.").sources == ("text",)
    assert read("Fine.", own=GLAD).sources == ("text", "context")


@pytest.mark.parametrize("text", ["❤️😊", "😡😡😡", "STOP!!!!!!!!", "?!?!", "x" * 1000])
def test_odd_texts_are_within_bounds(text: str) -> None:
    affect = read(text)
    assert -1 <= affect.valence <= 1
    assert 1 / 3 <= affect.confidence <= 1
