"""Which phonemes are of which word, where a model tells only when each phoneme sounds."""

import unicodedata
from collections.abc import Callable, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Protocol

from actors.engines.words import Span


class Timed(Protocol):
    """A phoneme and when it sounds, in seconds."""

    @property
    def phoneme(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...


def spans_of(
    words: Sequence[str], timed: Sequence[Timed], phonemise: Callable[[str], str]
) -> list[Span | None]:
    """When each word sounds; None for one without phonemes of its own.

    Phoneme-words are of the written words one to one where they are as many. Where not (`of the`
    can be one, and a number several), each word is phonemised alone and found again in the whole.
    """
    sounding = [phoneme for phoneme in timed if not phoneme.phoneme.isspace()]
    begins = _heads(timed)
    if len(begins) != len(words):
        begins = _found([_joined(phonemise(word)) for word in words], sounding)
    return [
        _span(sounding[begin:end]) if begin < end else None
        for begin, end in zip(begins, [*begins[1:], len(sounding)], strict=True)
    ]


def _heads(timed: Sequence[Timed]) -> list[int]:
    """Where phoneme-words begin, counted in phonemes without the spaces."""
    heads, count, fresh = [], 0, True
    for phoneme in timed:
        if phoneme.phoneme.isspace():
            fresh = True
            continue
        if fresh:
            heads.append(count)
        count, fresh = count + 1, False
    return heads


def _found(alone: Sequence[str], sounding: Sequence[Timed]) -> list[int]:
    """The phoneme that each word begins with; that of the next word for one that has none.

    The first word begins with the first phoneme, so that all of them are somebody's.
    """
    whole = [phoneme.phoneme for phoneme in sounding]
    blocks = SequenceMatcher(
        None, list("".join(alone)), whole, autojunk=False
    ).get_matching_blocks()
    return [0, *(_across(blocks, at) for at in accumulate(map(len, alone[:-1])))]


def _across(blocks: Sequence[Match], at: int) -> int:
    """Where a phoneme of the words alone stands in the whole, or else the next that does."""
    block = next((each for each in blocks if at < each.a + each.size), blocks[-1])
    return block.b + max(at - block.a, 0)


def _joined(phonemes: str) -> str:
    return "".join(phonemes.split())


def _span(phonemes: Sequence[Timed]) -> Span:
    """From the first to the last phoneme; a mark at the end is silence and not counted."""
    voiced = [p for p in phonemes if not unicodedata.category(p.phoneme[0]).startswith("P")]
    heard = voiced or phonemes[:1]
    return heard[0].start, heard[-1].end
