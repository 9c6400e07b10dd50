"""Which reading a word has in its sentence: the five of Sesame's test, and those met most."""

import logging
import re

import pytest
from kokoro_onnx.tokenizer import Tokenizer

from actors.engines.reading import Reader
from actors.engines.reading.pronunciations import ALWAYS
from actors.engines.reading.senses import senses

SENTENCES = {
    ("lead", "lˈiːd"): (
        "She will lead the team to victory.",
        "You lead and I will follow.",
        "He plays the lead role in the film.",
        "Our horse took the lead at the last bend.",
        "The lead singer forgot the words.",
        "Does this road lead to the station?",
    ),
    ("lead", "lˈɛd"): (
        "The old pipes were made of lead.",
        "There is lead in the paint.",
        "Children can get lead poisoning from old toys.",
        "The box was as heavy as lead.",
        "Lead is a soft, heavy metal.",
        "The pencil lead broke again.",
    ),
    ("bass", "bˈeɪs"): (
        "He plays bass in a band.",
        "Turn down the bass on the speakers.",
        "She bought a new bass guitar.",
        "The bass line of that song is great.",
        "His deep bass voice filled the hall.",
    ),
    ("bass", "bˈæs"): (
        "We caught a huge bass in the lake.",
        "The menu has grilled sea bass tonight.",
        "My uncle goes bass fishing every summer.",
        "A bass swam past the boat.",
        "I cooked the bass with lemon and butter for dinner.",
    ),
    ("tear", "tˈɪɹ"): (
        "A tear rolled down her cheek.",
        "He wiped a tear from his eye.",
        "Not a single tear was shed.",
        "The police used tear gas.",
        "There was a tear in her eye.",
    ),
    ("tear", "tˈɛɹ"): (
        "Don't tear the paper.",
        "Be careful or you will tear your shirt.",
        "There is a tear in my jeans.",
        "They plan to tear down the building.",
        "Please tear along the dotted line.",
        "I could tear this letter to pieces.",
    ),
    ("wound", "wˈuːnd"): (
        "The nurse cleaned the wound.",
        "The soldier had a deep wound in his leg.",
        "Time heals every wound.",
        "It was a gunshot wound.",
        "His words wound me more than you know.",
    ),
    ("wound", "wˈaʊnd"): (
        "She wound the clock before bed.",
        "The road wound through the hills.",
        "He wound the bandage around his arm.",
        "We wound up in Boston.",
        "The river wound its way to the sea.",
    ),
    ("row", "ɹˈoʊ"): (
        "We sat in the front row.",
        "They row the boat across the lake.",
        "There is a row of houses by the river.",
        "He won three times in a row.",
        "Please put the chairs in a row.",
    ),
    ("row", "ɹˈaʊ"): (
        "They had a terrible row last night.",
        "The neighbours had a blazing row about the noise.",
        "My parents had a row over money.",
        "A row broke out between the two ministers.",
        "We could hear them having a row and shouting.",
    ),
    ("read", "ɹˈiːd"): (
        "I want to read that book.",
        "Can you read this for me?",
        "I read the paper every morning.",
        "Please read the instructions.",
        "They always read before bed.",
    ),
    ("read", "ɹˈɛd"): (
        "I have already read that book.",
        "She read the letter and cried.",
        "He read it to us yesterday.",
        "I read that book last year.",
        "The sign read no smoking.",
        "The letter was read aloud in court.",
    ),
    ("live", "lˈɪv"): (
        "Where do you live?",
        "I live in London.",
        "They live happily together.",
        "We could never live without music.",
    ),
    ("live", "lˈaɪv"): (
        "We watched a live concert.",
        "The show is broadcast live from New York.",
        "That is a live wire.",
        "The band sounds better live.",
    ),
    ("wind", "wˈɪnd"): (
        "The wind blew all night.",
        "There is a strong wind from the north.",
        "Her hair moved in the wind.",
        "Wind and rain kept us inside.",
    ),
    ("wind", "wˈaɪnd"): (
        "You have to wind the clock every week.",
        "Wind the string around the stick.",
        "Let's wind up the meeting.",
        "The roads wind through the mountains.",
    ),
    ("close", "klˈoʊz"): (
        "Please close the door.",
        "What time do you close?",
        "I want to close my account.",
        "The shops close at six.",
    ),
    ("close", "klˈoʊs"): (
        "We are very close friends.",
        "Don't stand so close to me.",
        "The station is close to my house.",
        "That was a close call.",
    ),
    ("record", "ɹˈɛkɚd"): (
        "He broke the world record.",
        "She played an old record.",
        "Keep a record of your expenses.",
        "It is off the record.",
    ),
    ("record", "ɹᵻkˈɔːɹd"): (
        "We will record the meeting.",
        "I want to record a song.",
        "Can you record it for me?",
        "They record every call.",
    ),
    ("present", "pɹˈɛzənt"): (
        "I bought her a birthday present.",
        "He was not present at the meeting.",
        "At present we have no news.",
        "Live in the present moment.",
    ),
    ("present", "pɹɪzˈɛnt"): (
        "She will present the award.",
        "I would like to present my findings.",
        "They present the news every night.",
    ),
    ("object", "ˈɑːbdʒɛkt"): (
        "What is that strange object?",
        "The object of the game is simple.",
        "Money is no object.",
    ),
    ("object", "ɑːbdʒˈɛkt"): (
        "I object to that remark.",
        "Would you object if I smoked?",
        "They object to the plan.",
    ),
    ("use", "jˈuːz"): ("Can I use your phone?", "They use it every day.", "Use the other door."),
    ("use", "jˈuːs"): (
        "It is no use crying.",
        "What is the use of it?",
        "This room is for the use of guests.",
    ),
    ("minute", "mˈɪnɪt"): (
        "Wait a minute.",
        "I will be there in a minute.",
        "Every minute counts.",
    ),
    ("minute", "maɪnˈuːt"): (
        "There were minute particles of dust in the air.",
        "She explained it in minute detail.",
        "The differences are very minute.",
    ),
    ("does", "dˈʌz"): ("What does he want?", "She does her homework.", "Does it hurt?"),
    ("does", "dˈoʊz"): (
        "The does ran into the forest with their fawns.",
        "Two does and a buck crossed the road.",
        "We saw three does grazing in the meadow.",
    ),
    ("bow", "bˈoʊ"): (
        "She wore a pink bow in her hair.",
        "He shot an arrow with his bow.",
        "The violin comes with a bow.",
        "He wore a bow tie.",
    ),
    ("bow", "bˈaʊ"): (
        "The actors took a bow.",
        "You must bow to the queen.",
        "They bow their heads in prayer.",
        "We stood at the bow of the ship.",
    ),
    ("dove", "dˈʌv"): (
        "A white dove flew over the house.",
        "The dove is a sign of peace.",
        "The magician pulled out a dove.",
    ),
    ("dove", "dˈoʊv"): (
        "She dove into the pool.",
        "He dove for cover.",
        "The swimmer dove in from the rocks.",
    ),
    ("desert", "dˈɛzɚt"): (
        "Camels live in the desert.",
        "The desert is hot and dry.",
        "They crossed the Sahara desert.",
    ),
    ("desert", "dᵻzˈɜːt"): (
        "He would never desert his friends.",
        "Soldiers who desert the army are punished.",
        "Please don't desert me.",
    ),
    ("refuse", "ɹᵻfjˈuːz"): (
        "I refuse to go.",
        "They refuse any help.",
        "How could you refuse such an offer?",
    ),
    ("refuse", "ɹˈɛfjuːs"): (
        "The refuse was collected on Monday.",
        "Put the household refuse in the bin.",
        "There was a heap of refuse in the street.",
    ),
    ("content", "kˈɑːntɛnt"): (
        "The content of the book is good.",
        "We need more video content for the website.",
        "The sugar content is too high.",
    ),
    ("content", "kəntˈɛnt"): (
        "He is content with his life.",
        "She seems perfectly content.",
        "I am content to wait.",
    ),
    ("project", "pɹˈɑːdʒɛkt"): (
        "The project is late.",
        "We have a new project.",
        "She is our project manager.",
    ),
    ("project", "pɹədʒˈɛkt"): (
        "You have to project your voice.",
        "They project the film onto a wall.",
        "We project that sales will rise.",
    ),
    ("permit", "pˈɜːmɪt"): (
        "You need a parking permit.",
        "The permit is valid for a year.",
        "He has a work permit.",
    ),
    ("permit", "pɚmˈɪt"): (
        "The rules do not permit it.",
        "Permit me to explain.",
        "We cannot permit that.",
    ),
    ("produce", "pɹədˈuːs"): (
        "They produce cars here.",
        "It will produce a lot of heat.",
        "We produce our own honey.",
    ),
    ("produce", "pɹˈoʊduːs"): (
        "The market sells fresh produce.",
        "Where is the produce section?",
        "All our produce is organic.",
    ),
    ("lives", "lˈaɪvz"): ("The doctors saved many lives.", "They told us about their lives."),
    ("lives", "lˈɪvz"): ("She lives in Paris.", "My brother lives next door."),
    ("tears", "tˈɪɹz"): ("She burst into tears.", "Tears ran down his face."),
    ("tears", "tˈɛɹz"): ("He tears the paper in two.", "It tears easily."),
    ("used", "jˈuːst"): ("I used to live here.", "You get used to it."),
    ("used", "jˈuːzd"): ("I used a knife.", "We bought a used car."),
}
"""By the word and how it is to sound in American English."""

CASES = [
    (sentence, word, phonemes)
    for (word, phonemes), sentences in SENTENCES.items()
    for sentence in sentences
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    logging.getLogger("phonemizer").setLevel(logging.ERROR)
    tokenizer = Tokenizer()
    return Reader(tokenizer.phonemize, tokenizer.vocab)


def sound_of(reader: Reader, sentence: str, word: str, language: str = "en-us") -> str:
    (reading,) = reader.read(sentence, language)
    written = [re.sub(r"\W", "", each or "").lower() for each in reading.words]
    at = written.index(word)
    sounds = "".join(
        p for p, owner in zip(reading.phonemes, reading.owner, strict=True) if owner == at
    )
    return sounds.strip(" .,?!")


@pytest.mark.parametrize(("sentence", "word", "phonemes"), CASES)
def test_a_word_sounds_as_its_sentence_means_it(
    reader: Reader, sentence: str, word: str, phonemes: str
) -> None:
    assert sound_of(reader, sentence, word) == phonemes


@pytest.mark.parametrize(("sentence", "word", "phonemes"), CASES)
def test_the_sense_is_the_same_in_british_english(
    reader: Reader, sentence: str, word: str, phonemes: str
) -> None:
    sense = next(each for each in senses()[word] if each.american == phonemes)
    assert sound_of(reader, sentence, word, "en-gb") == sense.british


def test_every_sound_of_the_tables_is_in_the_vocabulary() -> None:
    sounds = {each for entry in senses().values() for s in entry for each in s.american + s.british}
    sounds |= {each for pair in ALWAYS.values() for each in "".join(pair)}
    assert sounds <= Tokenizer().vocab.keys()


PINNED = (
    *("aunt", "data", "envelope", "mobile", "route"),
    *("vase", "either", "adult", "often", "caramel"),
)
"""Sesame's words for the continuation of a pronunciation."""

CONTINUATIONS = (
    "I like {}.",
    "The {} is here, and it stays.",
    "Is that {} or not?",
    "My {}, your {}.",
    "No, {} was what I said!",
)


@pytest.mark.parametrize("language", ["en-us", "en-gb"])
@pytest.mark.parametrize(
    "word",
    [*PINNED, "neither", "schedule", "tomato"],
)
def test_a_word_keeps_its_sound_through_a_conversation(
    reader: Reader, word: str, language: str
) -> None:
    sounds = {sound_of(reader, each.format(word, word), word, language) for each in CONTINUATIONS}
    assert sounds == {ALWAYS[word][language == "en-gb"]}
