import logging
from itertools import groupby

import pytest
from kokoro_onnx.tokenizer import Tokenizer

from actors.engines.base import EngineError, Unspeakable
from actors.engines.reading import Reader, Reading

VOCABULARY = frozenset('abcdefghijklmnopqrstuvwxyz ˈ.,!?…—:;()“”"')


@pytest.fixture(scope="module")
def reader() -> Reader:
    logging.getLogger("phonemizer").setLevel(logging.ERROR)
    tokenizer = Tokenizer()
    return Reader(tokenizer.phonemize, tokenizer.vocab)


def letters(text: str, language: str) -> str:
    """A phonemiser in whose language every letter is a sound."""
    return text.lower()


def joining(text: str, language: str) -> str:
    return letters(text, language).replace("of the", "ofthe")


def broken(text: str, language: str) -> str:
    raise RuntimeError(text)


def by_letters(text: str, language: str = "es", limit: int = 299) -> list[Reading]:
    return list(Reader(letters, VOCABULARY, limit).read(text, language))


def by_word(reading: Reading) -> list[tuple[str | None, str]]:
    """Each written word with its phonemes."""
    sounds = [""] * len(reading.words)
    for phoneme, owner in zip(reading.phonemes, reading.owner, strict=True):
        sounds[owner] += phoneme
    return list(zip(reading.words, (sound.strip() for sound in sounds), strict=True))


def heard(reader: Reader, text: str, language: str = "en-us") -> str:
    return " ".join(reading.phonemes for reading in reader.read(text, language))


def test_each_word_has_its_phonemes_and_the_mark_after_it() -> None:
    (reading,) = by_letters("Hola, mundo!")
    assert by_word(reading) == [("Hola,", "hola,"), ("mundo!", "mundo!")]


def test_what_says_nothing_is_a_word_without_phonemes() -> None:
    (reading,) = by_letters("🙂 hola — mundo ** .")
    assert by_word(reading) == [
        ("🙂", ""),
        ("hola", "hola—"),
        ("—", ""),
        ("mundo", "mundo."),
        ("**", ""),
        (".", ""),
    ]


def test_words_that_the_phonemiser_joins_keep_their_own() -> None:
    (reading,) = Reader(joining, VOCABULARY).read("one of the men", "es")
    assert by_word(reading) == [("one", "one"), ("of", "of"), ("the", "the"), ("men", "men")]
    assert reading.phonemes == "one ofthe men"


def test_an_opening_mark_is_of_the_word_before() -> None:
    (reading,) = by_letters("uno (dos) tres")
    assert by_word(reading) == [("uno", "uno ("), ("(dos)", "dos)"), ("tres", "tres")]


def test_of_two_pauses_the_stronger_stays() -> None:
    assert [each.phonemes for each in by_letters("a,, . b ... ,")] == ["a. b…"]


def test_a_long_text_is_cut_after_a_sentence_then_a_clause_then_a_word() -> None:
    cut = by_letters("one two. three, four five six", limit=12)
    assert [each.phonemes for each in cut] == ["one two.", "three, four", "five six"]
    assert [each.words for each in cut] == [("one", "two."), ("three,", "four"), ("five", "six")]


def test_a_word_too_long_goes_on_as_none() -> None:
    long = "x" * 70
    (whole,) = by_letters(f"{long} y")
    assert whole.words == (long, None, "y")
    cut = by_letters(f"{long} y", limit=40)
    assert [each.words for each in cut] == [(long,), (None, None, "y")]


@pytest.mark.parametrize("text", ["", "?!", "...", ".", "🙂🙂", "— -", "\x00\n", "** __ ##"])
def test_a_text_without_letters_is_refused_at_once(reader: Reader, text: str) -> None:
    with pytest.raises(Unspeakable, match="no letter"):
        reader.read(text, "en-us")


def test_a_script_without_phonemes_is_named_at_once(reader: Reader) -> None:
    with pytest.raises(Unspeakable, match="Thai"):
        reader.read("Hello สวัสดี", "en-us")


def test_kanji_are_not_read_as_chinese(reader: Reader) -> None:
    with pytest.raises(Unspeakable, match="kana"):
        reader.read("これは日本です", "ja")


def test_no_phonemes_at_all_are_refused_and_not_spoken_as_silence() -> None:
    with pytest.raises(Unspeakable, match="no sound"):
        list(Reader(lambda text, language: "", VOCABULARY).read("hola", "es"))


def test_a_failing_phonemiser_is_an_engine_error_that_keeps_the_words_to_itself() -> None:
    with pytest.raises(EngineError, match="Spanish") as caught:
        list(Reader(broken, VOCABULARY).read("secreto", "es"))
    assert "secreto" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_hundred_thousand_characters_are_read_piece_by_piece() -> None:
    asked = 0

    def counting(text: str, language: str) -> str:
        nonlocal asked
        asked += len(text)
        return text

    readings = Reader(counting, VOCABULARY).read("word " * 20_000, "es")
    next(readings)
    assert asked < 2_000


@pytest.mark.parametrize(
    "character", ["a", "1", "你", ".", "[", "a.", "a-", "1,", "$", "'", "[a](/", "[a](/ɪ/)", "@"]
)
def test_a_hundred_thousand_characters_without_a_space_are_bounded(
    reader: Reader, character: str
) -> None:
    text = (character * 100_000)[:100_000] + " word"
    first = next(reader.read(text, "en-us"))
    assert first.words[0] == text.split()[0]
    assert len(first.phonemes) < 300


def test_a_sound_can_be_given_in_brackets(reader: Reader) -> None:
    (reading,) = reader.read("Say “[Kokoro](/kˈOkəɹO/),” please", "en-us")
    assert by_word(reading)[1] == ("“[Kokoro](/kˈOkəɹO/),”", "kˈOkəɹO,”")


def test_several_words_can_be_given_one_sound(reader: Reader) -> None:
    (reading,) = reader.read("in [New York](/nuː jˈɔːk/) now", "en-us")
    assert by_word(reading)[1:3] == [("[New", "nuː jˈɔːk"), ("York](/nuː", "")]
    assert reading.words == ("in", "[New", "York](/nuː", "jˈɔːk/)", "now")


@pytest.mark.parametrize(
    ("text", "where"),
    [("a [b](/kˈ1/)", "word 2 .* place 3"), ("[b](//)", "word 1"), ("[b](/ ˈ/)", "word 1")],
)
def test_a_sound_that_is_not_kokoros_is_named_by_its_place(
    reader: Reader, text: str, where: str
) -> None:
    with pytest.raises(EngineError, match=where):
        list(reader.read(text, "en-us"))


@pytest.mark.parametrize("text", ["see [1] (or 2)", "[a] (/b/)", "f(x)[i]", "[x](y)", "a /b/ c"])
def test_ordinary_brackets_are_no_sounds(reader: Reader, text: str) -> None:
    readings = list(reader.read(text, "en-us"))
    assert [word for reading in readings for word in reading.words] == text.split()


SAID_ALIKE = {
    "It is 3:30pm.": "It is three thirty P.M.",
    "at 10:05 or 7:00": "at ten oh five or seven o'clock",
    "1,234 people": "one thousand two hundred thirty four people",
    "In 1984 and 2024": "In nineteen eighty four and twenty twenty four",
    "1500 men": "one thousand five hundred men",
    "the 1990s and '80s": "the nineteen nineties and eighties",
    "on 2020-05-17": "on May seventeenth, twenty twenty",
    "the 21st": "the twenty first",
    "$5.50 or €20": "five dollars and fifty cents or twenty euros",
    "$5 million": "five million dollars",
    "$ 29.95": "twenty nine dollars and ninety five cents",
    "50 % of 3.14": "fifty percent of three point one four",
    "5km, (12 oz).": "five kilometers, (twelve ounces).",
    "I can ’ t. OK": "I can't. Okay",
    "5-10 or 1/2": "five to ten or one half",
    "call 555-1234": "call five five five, one two three four",
    "007": "zero zero seven",
    "mp3": "M.P. three",
    "No. 5": "number five",
    "Dr. Smith of Elm St.": "doctor Smith of Elm street.",
    "St. John": "saint John",
    "e.g. this": "for example this",
    "https://example.com/a.": "example dot com slash A.",
    "me@foo.com": "me at foo dot com",
    "AT&T now": "A.T. and T. now",
    "and/or": "and or",
    "GO TO MY ROOM": "go to my room",
    "don ’ t stop": "don't stop",
    "far.Can you": "far. Can you",
    "**bold** _move_ `run`": "bold move run",
    "the [docs](https://x.y/z) now": "the docs now",
    "hello 🙂 there :-)": "hello there",
    "hmmm, shhhh": "hm, sh",
    "bus 83, XP now": "bus eighty three, X.P. now",
    "World War II": "World War two",
    "J. Smith": "J Smith",
    "#1 fan": "number one fan",
}


@pytest.mark.parametrize("text", SAID_ALIKE)
def test_what_is_written_short_is_said_long(reader: Reader, text: str) -> None:
    assert heard(reader, text) == heard(reader, SAID_ALIKE[text])


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("the FBI", "ðɪ ˌɛfbˌiːˈaɪ"),
        ("the IDs", "ðɪ ˌaɪdˈiːz"),
        ("NASA", "nˈæsɐ"),
        ("the US and us", "ðə jˌuːˈɛs ænd ˌʌs"),
    ],
)
def test_initials_are_spelled_and_acronyms_are_not(
    reader: Reader, text: str, phonemes: str
) -> None:
    assert heard(reader, text) == phonemes


def test_a_number_is_of_the_word_that_was_written(reader: Reader) -> None:
    (reading,) = reader.read("It's $5.50, isn't it?", "en-us")
    assert [word for word, _ in by_word(reading)] == ["It's", "$5.50,", "isn't", "it?"]
    assert by_word(reading)[1][1] == heard(reader, "five dollars and fifty cents,")


def test_dates_are_british_in_british_english(reader: Reader) -> None:
    assert heard(reader, "5/4/2021", "en-gb") == heard(
        reader, "the fifth of April, twenty twenty one", "en-gb"
    )


@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("en-us", "Hello world.", "həlˈoʊ wˈɜːld."),
        ("en-gb", "Hello world.", "həlˈəʊ wˈɜːld."),
        ("es", "¡Hola, mundo!", "ˈola, mˈundo!"),
        ("fr-fr", "Bonjour le monde.", "bɔ̃ʒˈuʁ lə mˈɔ̃d."),
        ("hi", "नमस्ते दुनिया।", "nəmˈʌsteː dˈʊnɪjˌaː."),
        ("it", "Ciao, mondo.", "tʃˈao, mˈondo."),
        ("ja", "こんにちは。", "kˌonnitɕˈih."),
        ("pt-br", "Olá, mundo.", "olˈa, mˈu\u0303ŋdʊ."),
        ("cmn", "你好，世界。", "niχˈɑu, ʂˈɨ tɕˈiɛ."),
    ],
)
def test_every_language_of_the_voices_is_read(
    reader: Reader, language: str, text: str, phonemes: str
) -> None:
    assert heard(reader, text, language) == phonemes


@pytest.mark.parametrize("text", ["say 你好 now", "say Привет now"])
def test_a_word_in_another_script_is_read_in_its_own_language(reader: Reader, text: str) -> None:
    (reading,) = reader.read(text, "en-us")
    assert [len(list(run)) > 0 for _, run in groupby(reading.owner)] == [True] * 3
    assert "tʃˈaɪniːz" not in reading.phonemes


def test_signs_and_decimals_are_read_in_other_languages_too(reader: Reader) -> None:
    assert heard(reader, "50 % de 3,5", "es") == "θinkwˈɛnta poɾθjˈɛnto ðe tɾˈes koma θˈinko"


def test_a_latin_word_is_not_spelled_in_japanese(reader: Reader) -> None:
    assert heard(reader, "hello", "ja") == heard(reader, "hello", "en-us")
