"""What is said in place of a written word: other words, or phonemes in brackets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from actors.engines.words import Stretch
from events.direction import WordSaying

EXPLICIT = re.compile(r"\[([^\[\]]{1,200})\]\(/([^/()\[\]]{0,2000})/\)")
"""`[word](/phonemes/)`: how a caller says what a word sounds like."""

SYMBOLS = (
    ';:,.!?—…"()“” ̃ʣʥʦʨᵝꭧAIOQSTWYᵊabcdefhijklmnopqrstuvwxyzɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻ'
    "ʁɽʂʃʈʧʊʋʌɣɤχʎʒʔˈˌːʰʲ↓→↗↘ᵻ"
)
"""What phonemes are written in: the vocabulary of Kokoro 1.0."""


def sayable(said: str, symbols: str) -> str:
    """What is said, with the word itself where its phonemes have other symbols than these."""
    known = frozenset(symbols)
    return EXPLICIT.sub(lambda found: found[0] if known.issuperset(found[2]) else found[1], said)


def by_index(sayings: Sequence[WordSaying]) -> dict[int, str]:
    """What is said in place of words, by the word's place in its phrase."""
    return {saying.index: saying.said for saying in sayings}


def in_place(stretch: Stretch, sayings: Mapping[int, str], first: int) -> Stretch:
    """The stretch with what is said in place of its words, of which `first` is the first written.

    Nothing is said for the rest of a word that was too long for one part.
    """
    if not sayings:
        return stretch
    heard, word = list(stretch.heard), first - 1
    for at, written in enumerate(stretch.written):
        word += written is not None
        if word in sayings:
            heard[at] = sayings[word] if written is not None else ""
    return replace(stretch, heard=tuple(heard))
