from typing import Any

import pytest

from actors.understanding.affect import Context, affect_of
from actors.understanding.cues import CUES
from actors.understanding.legible import excerpt
from actors.understanding.lexicon import lexicon
from actors.understanding.worths import WORTHS
from events.emotion import Feeling
from events.readings import Affect

ANGRY = Feeling(0.0, valence=-0.8, arousal=0.5)
GLAD = Feeling(0.0, valence=0.8, arousal=0.3)


def read(
    text: str, own: Feeling | None = None, partner: Feeling | None = None, **more: Any
) -> Affect:
    return affect_of(excerpt(text), lexicon(), Context(own, partner, **more))


@pytest.mark.parametrize(
    ("text", "sentiment", "category"),
    [
        ("That's great, I'm so happy for you!", "positive", "joy"),
        ("Wow, this is amazing!", "positive", "joy"),
        ("I hate you, you idiot!", "negative", "anger"),
        ("You lost my bag, I hate this stupid mess!", "negative", "anger"),
        ("I'm so sorry, my dog died.", "negative", "sadness"),
        ("I am terrified of that horrible place!", "negative", "fear"),
        ("Eww, that's disgusting!", "negative", "disgust"),
        ("Oh my God, what?!", "negative", "surprise"),
        ("My grandfather passed away last week.", "negative", "sadness"),
        ("What a pity. I'm sorry to hear that.", "negative", "sadness"),
        ("I wish I had never said that.", "negative", "sadness"),
        ("I failed the exam again, it's hopeless.", "negative", "sadness"),
        ("Shut up and leave me alone!", "negative", "anger"),
        ("This is unacceptable, I am fed up with your excuses!", "negative", "anger"),
        ("How dare you! You lied to me!", "negative", "anger"),
        ("Are you kidding? I can't believe it!", "negative", "surprise"),
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


def test_a_sentiment_stays_for_a_while_where_the_words_say_little() -> None:
    line = "I was there with my brother and he saw it..."
    told = read(line, told="negative").valence
    assert told < read(line, told="negative", ago_s=30.0).valence < read(line).valence


def test_an_emotion_without_a_name_is_the_one_that_was_felt() -> None:
    line = "You broke it."
    names = {
        felt: read(line, own=Feeling(0.0, -0.8, 0.0, category=felt, confidence=0.8)).category
        for felt in ("anger", "sadness")
    }
    assert names == {"anger": "anger", "sadness": "sadness"}


def test_every_cue_has_its_worth() -> None:
    assert {cue.name for cue in CUES} == set(WORTHS)
    assert len(CUES) == len(WORTHS)


def test_the_sources_say_whether_the_context_counted() -> None:
    assert read("Fine.").sources == ("text",)
    assert read("Fine.", own=GLAD).sources == ("text", "context")


@pytest.mark.parametrize("text", ["❤️😊", "😡😡😡", "STOP!!!!!!!!", "?!?!", "x" * 1000])
def test_odd_texts_are_within_bounds(text: str) -> None:
    affect = read(text)
    assert -1 <= affect.valence <= 1
    assert 1 / 3 <= affect.confidence <= 1
