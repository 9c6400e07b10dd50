"""Nothing of a text is lost on the way from written words to phonemes."""

import logging

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from kokoro_onnx.tokenizer import Tokenizer

from actors.engines.base import EngineError
from actors.engines.reading import Reader
from actors.engines.reading.alignment import divide

TOKENIZER = Tokenizer()
FUNCTION_WORDS = ["the", "of", "on", "in", "to", "be", "for", "a", "I", "am", "at", "it"]
SHORTHAND = ["$5", "3:30", "U.S.", "1984", "50%", "e.g.", "Dr.", "etc.", "FBI", "10km", "St.", "83"]
MARKED = ["don't", "-", ".", ",", "—", "🙂", "(yes)", "“no”", "a/b", "far.Can", "**bold**", "'tis"]
OTHERS = ["live", "record", "data", "hmm", "你好", "well-known", "[x](/ɪks/)", "XP"]
WORDS = st.sampled_from(FUNCTION_WORDS + SHORTHAND + MARKED + OTHERS)
SENTENCES = st.lists(WORDS, min_size=1, max_size=25).map(" ".join)
ANYTHING = st.text(max_size=80)
LANGUAGES = st.sampled_from(["en-us", "en-gb", "es", "fr-fr", "hi", "it", "ja", "pt-br", "cmn"])
LIMITS = st.integers(min_value=12, max_value=60)

logging.getLogger("phonemizer").setLevel(logging.ERROR)


def solid(readings: list[str]) -> str:
    return "".join("".join(readings).split())


def read(text: str, language: str, limit: int = 299) -> list[tuple[tuple[str | None, ...], str]]:
    """The readings of a text; none for one that is refused."""
    try:
        readings = list(Reader(TOKENIZER.phonemize, TOKENIZER.vocab, limit).read(text, language))
    except EngineError:
        return []
    for reading in readings:
        assert 0 < len(reading.phonemes) == len(reading.owner) <= limit
        assert list(reading.owner) == sorted(reading.owner)
        assert reading.owner[-1] < len(reading.words)
        assert set(reading.phonemes) <= TOKENIZER.vocab.keys()
    return [(reading.words, reading.phonemes) for reading in readings]


@given(text=SENTENCES, limit=LIMITS)
def test_the_phonemes_of_a_text_are_those_of_its_readings(text: str, limit: int) -> None:
    whole, cut = (read(text, "en-us", most) for most in (100_000, limit))
    assert solid([phonemes for _, phonemes in cut]) == solid([phonemes for _, phonemes in whole])


@given(text=ANYTHING | SENTENCES, language=LANGUAGES, limit=LIMITS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_words_of_a_text_are_those_of_its_readings(
    text: str, language: str, limit: int
) -> None:
    if readings := read(text, language, limit):
        assert [w for words, _ in readings for w in words if w is not None] == text.split()


@given(
    text=st.lists(
        st.from_regex(r"[A-Za-z]{1,9}|[0-9]{1,5}|[A-Za-z0-9]{1,8}", fullmatch=True),
        min_size=1,
        max_size=12,
    )
)
@example(text=["E"] * 8)
@example(text=["so", "b", "B", "b", "B", "and", "b"])
def test_every_word_with_a_letter_or_digit_is_heard(text: list[str]) -> None:
    reader = Reader(TOKENIZER.phonemize, TOKENIZER.vocab, 100_000)
    (reading,) = reader.read(" ".join(text), "en-us")
    assert set(reading.owner) == set(range(len(text)))


@given(
    words=st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=8),
    phonemes=st.text("abcˈ ", min_size=1, max_size=30).map(lambda text: " ".join(text.split())),
)
def test_what_is_divided_is_whole(words: list[str], phonemes: str) -> None:
    parts = divide(words, phonemes, lambda text: text)
    assert "".join(parts) == phonemes
    assert len(parts) == len(words)
