"""A text, stretch by stretch, as a model of Kokoro's kind takes it."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from actors.engines.base import EngineError, Unspeakable
from actors.engines.reading.alignment import divide
from actors.engines.reading.homographs import reading_of
from actors.engines.reading.marks import MARKS, OPENING, SENTENCE_ENDS, plain
from actors.engines.reading.normalise import said, split_marks
from actors.engines.reading.packing import Piece, Reading, packed
from actors.engines.reading.pronunciations import pinned
from actors.engines.reading.scripts import NAMES, reader_of, require_readable
from actors.engines.reading.tokens import Token, tokens
from actors.engines.sayings import EXPLICIT

MOST = 299
"""Phonemes in one run of the model; with more it hurries."""

LONGEST_EXPLICIT = 250
"""Phonemes that a caller may give one word."""

AT_ONCE = 40
"""Words that the phonemiser is given at once where no mark comes before."""

NOTHING: Mapping[int, str] = {}

_AS_IT_IS = "as it is"
_FLAG = re.compile(r"\([a-z-]*\)")
_LETTER_AGAIN = re.compile(r"(?<!\S)(\w) \1 \1(?= \1(?!\S))", re.IGNORECASE)
"""espeak-ng says a letter that stands alone three times in a row, and leaves out the others."""
_RETROFLEX = (("s.", "ʂ"), ("i.", "ɨ"), ("z.", "ʐ"))
"""How espeak writes Mandarin sounds, which would be full stops, and as Kokoro's vocabulary does."""


@dataclass(frozen=True, slots=True)
class Said:
    """One word or mark that is said for a written word."""

    text: str
    """"" for one whose sound the caller gave."""
    owner: int
    """Which written word."""
    phonemes: str | None = None
    """Where its sound does not follow from its letters."""


class Reader:
    """Turns words into phonemes. One at a time: the phonemiser under it is not safe for threads."""

    def __init__(
        self,
        phonemise: Callable[[str, str], str],
        vocabulary: Collection[str],
        limit: int = MOST,
    ) -> None:
        """Read by a phonemiser of (text, language), for a model that knows these symbols."""
        self._phonemise = phonemise
        self._vocabulary = frozenset(vocabulary)
        self._limit = limit
        self._few = lru_cache(maxsize=4096)(self._phonemes)

    def read(
        self, text: str, language: str, sayings: Mapping[int, str] = NOTHING
    ) -> Iterator[Reading]:
        """Read a text in a language, as the phonemiser names it; en-us, say.

        Nothing is read before it is asked for, except that the text is looked through once. In
        place of some of its words, by their places, something else is said.

        Raises:
            Unspeakable: at once, if there is nothing to say, or a script that cannot be read;
                with the first reading, if the phonemiser knows no sound for any word.
            EngineError: explicit phonemes are not Kokoro's, or the phonemiser failed.
        """
        if not any(map(str.isalnum, text)):
            raise Unspeakable("The text has no letter and no digit; give at least one word to say.")
        for part in (text, *sayings.values()):
            require_readable(part, language)
        return self._read(list(_in_place(tokens(text), sayings)), language)

    def _read(self, written: Sequence[Token], language: str) -> Iterator[Reading]:
        sentences = _sentences(self._all_said(written, language))
        pieces = _pieces(
            (item, sound)
            for sentence in sentences
            for item, sound in self._sounding(sentence, language)
        )
        spoken = False
        for reading in packed(pieces, [token.written for token in written], self._limit):
            spoken = True
            yield reading
        if not spoken:
            raise Unspeakable("There is no sound for any word of the text; try another voice.")

    def _all_said(self, written: Sequence[Token], language: str) -> Iterator[Said]:
        texts = [token.text for token in written]
        for owner, text in enumerate(texts):
            end = 0
            for match in EXPLICIT.finditer(text):
                yield from (Said(each, owner) for each in split_marks(text[end : match.start()]))
                yield Said("", owner, self._explicit(match[2], owner))
                end = match.end()
            if end:
                yield from (Said(each, owner) for each in split_marks(text[end:]))
            elif " " in text:  # said in place of a word
                said_instead = text.split()
                for at in range(len(said_instead)):
                    yield from (Said(each, owner) for each in _words(said_instead, at, language))
            else:
                yield from (Said(each, owner) for each in _words(texts, owner, language))

    def _explicit(self, phonemes: str, owner: int) -> str:
        where = f"The phonemes in brackets of word {owner + 1}"
        for place, symbol in enumerate(phonemes, 1):
            if symbol not in self._vocabulary:
                raise EngineError(
                    f"{where} have at place {place} a symbol that Kokoro does not know; "
                    "write IPA as it does."
                )
        if not _sounds(phonemes) or len(phonemes) > LONGEST_EXPLICIT:
            raise EngineError(f"{where} must be 1 to {LONGEST_EXPLICIT}; write those of one word.")
        return " ".join(phonemes.split())

    def _sounding(self, sentence: Sequence[Said], language: str) -> Iterator[tuple[Said, str]]:
        """Each word with its phonemes and a space, and each mark with itself."""
        sentence = _with_senses(sentence, language)
        for kind, run in groupby(sentence, lambda item: _kind(item, language)):
            items = list(run)
            if kind == _AS_IT_IS:
                yield from ((item, item.text or f"{item.phonemes} ") for item in items)
            else:
                for at in range(0, len(items), AT_ONCE):
                    some = items[at : at + AT_ONCE]
                    yield from zip(some, self._clause(some, kind), strict=True)

    def _clause(self, items: Sequence[Said], language: str) -> list[str]:
        words = [item.text.replace(".", "") if _spelled(item.text) else item.text for item in items]
        phonemes = self._phonemes(" ".join(words), language)
        parts = divide(words, phonemes, lambda text: self._few(text, language))
        for at, item in enumerate(items):
            own = item.phonemes or (
                self._letters(item.text, language) if _spelled(item.text) else None
            )
            if own is not None:
                parts[at] = f"{own} "
                if at and not parts[at - 1].endswith(" "):
                    parts[at - 1] += " "
        return [*parts[:-1], f"{parts[-1].rstrip(' ')} "]

    def _letters(self, text: str, language: str) -> str:
        """Letters by their names, the last with the main stress."""
        letters, ending = text.rstrip("s").split(".")[:-1], "z" * text.endswith("s")
        names = [self._few(letter.lower(), language).replace("ˈ", "ˌ") for letter in letters]
        return "".join([*names[:-1], names[-1].replace("ˌ", "ˈ")]) + ending

    def _phonemes(self, text: str, language: str) -> str:
        parts = _LETTER_AGAIN.sub(r"\g<0>\n", text).split("\n")
        return " ".join(self._phonemes_of(part.strip(), language) for part in parts)

    def _phonemes_of(self, text: str, language: str) -> str:
        try:
            phonemes = self._phonemise(text, language)
        except (RuntimeError, ValueError):
            # Not chained: what the phonemiser says can quote what was to be spoken.
            raise EngineError(
                f"The phonemiser failed on this text in {NAMES.get(language, language)}; "
                "try another voice."
            ) from None
        phonemes = _FLAG.sub("", phonemes)
        if language == "cmn":
            for theirs, ours in _RETROFLEX:
                phonemes = phonemes.replace(theirs, ours)
        known = (each for each in phonemes if each in self._vocabulary and each not in MARKS)
        return " ".join("".join(known).split())


def _in_place(written: Iterable[Token], sayings: Mapping[int, str]) -> Iterator[Token]:
    """The words, with what is said in place of some."""
    word = -1
    for token in written:
        word += token.written is not None
        if word not in sayings:
            yield token
        else:
            yield Token(token.written, plain(sayings[word]) if token.written is not None else "")


def _words(texts: Sequence[str], at: int, language: str) -> list[str]:
    if language.startswith("en"):
        return said(texts, at, british=language == "en-gb")
    return split_marks(texts[at])


def _sentences(items: Iterable[Said]) -> Iterator[list[Said]]:
    sentence: list[Said] = []
    for item in items:
        sentence.append(item)
        if item.text in SENTENCE_ENDS or len(sentence) >= 4 * AT_ONCE:
            yield sentence
            sentence = []
    yield sentence


def _with_senses(sentence: Sequence[Said], language: str) -> list[Said]:
    """Words that are said one way always, or one of two by their sentence, with that sound."""
    if not language.startswith("en"):
        return list(sentence)
    british = language == "en-gb"
    words = [item.text.lower() for item in sentence]
    return [
        item
        if item.phonemes or item.text in MARKS
        else replace(item, phonemes=_known(words, at, british=british))
        for at, item in enumerate(sentence)
    ]


def _known(words: Sequence[str], at: int, *, british: bool) -> str | None:
    return reading_of(words, at, british=british) or pinned(words[at], british=british)


def _kind(item: Said, language: str) -> str:
    """What is read together: words in one language, or what needs no reading."""
    as_it_is = item.text in MARKS or not item.text
    return _AS_IT_IS if as_it_is else reader_of(item.text, language)


def _spelled(text: str) -> bool:
    return "." in text and text[-1] in ".s" and not any(map(str.isdecimal, text))


def _sounds(phonemes: str) -> bool:
    return any(each not in MARKS and each not in " ˈˌː" for each in phonemes)


def _pieces(sounding: Iterable[tuple[Said, str]]) -> Iterator[Piece]:
    """Words with the marks around them, so that no mark is ever alone."""
    held: Piece | None = None
    opening = ""
    for item, sound in sounding:
        if item.text in OPENING:
            opening = sound
        elif item.text in MARKS:
            held = held and held.closed(sound)
        elif _sounds(sound):
            if held:
                yield held
            held, opening = Piece(opening + sound, item.owner, len(opening)), ""
    if held:
        yield held
