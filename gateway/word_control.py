"""What a caller wants of single words of a line."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

from events.direction import WordProsody


class WordIn(BaseModel):
    """A word of the text, named by its place, by itself, or by both; and how to say it."""

    model_config = ConfigDict(frozen=True)

    index: int | None = Field(None, ge=0, strict=True)
    """Among the words of the text, which white space separates; from 0."""
    word: str | None = Field(None, min_length=1, max_length=256)
    """Letter case and the marks around it do not matter."""
    rate: float = Field(1.0, ge=0.5, le=2)
    """Times the rate of the line."""
    pitch: float = Field(0.0, ge=-12, le=12)
    """Semitones above where it would be."""
    emphasis: float = Field(0.0, ge=-1, le=1)
    """From -1, said in passing, to 1, as strong as it gets."""
    pause: float = Field(0.0, ge=0, le=10)
    """Seconds of silence after it."""


def placed(asked: Sequence[WordIn], text: str) -> tuple[WordProsody, ...]:
    """What is asked, in the order of the words of the text.

    Raises:
        ValueError: a word is not there, is not told apart, or is asked for twice.
    """
    words = [_bare(word) for word in text.split()]
    placed = [
        WordProsody(
            index=_place(number, each, words),
            rate=each.rate,
            pitch=each.pitch,
            emphasis=each.emphasis,
            pause_after_s=each.pause,
        )
        for number, each in enumerate(asked)
    ]
    _require_once(word.index for word in placed)
    return tuple(sorted(placed, key=lambda word: word.index))


def _place(number: int, asked: WordIn, words: Sequence[str]) -> int:
    if asked.index is not None and asked.index >= len(words):
        raise ValueError(f"entry {number}: the text has {len(words)} words, counted from 0")
    if asked.word is None:
        if asked.index is None:
            raise ValueError(f"entry {number}: an index or a word is needed")
        return asked.index
    places = [place for place, word in enumerate(words) if word == _bare(asked.word)]
    if asked.index is not None:
        if asked.index not in places:
            raise ValueError(f"entry {number}: the word at index {asked.index} is another one")
        return asked.index
    if len(places) != 1:
        raise ValueError(
            f"entry {number}: the text has that word {len(places)} times; give its index"
        )
    return places[0]


def _bare(word: str) -> str:
    """The word without its case and the marks around it."""
    begin, end = 0, len(word)
    while begin < end and not word[begin].isalnum():
        begin += 1
    while end > begin and not word[end - 1].isalnum():
        end -= 1
    return (word[begin:end] or word).casefold()


def _require_once(places: Iterable[int]) -> None:
    seen = set[int]()
    for place in places:
        if place in seen:
            raise ValueError(f"the word at index {place} is there twice; ask for each once")
        seen.add(place)
