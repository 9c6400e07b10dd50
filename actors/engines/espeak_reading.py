"""A phrase read by espeak-ng as it is directed: what is asked of a word stands before it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from actors.engines.espeak_library import Library, Manner
from actors.engines.espeak_manner import manner_of
from actors.engines.espeak_phonemes import commanded
from actors.engines.espeak_times import spans_of
from actors.engines.heeding import wishes, wishes_of
from actors.engines.pauses import Samples, paused, shifted
from actors.engines.sayings import EXPLICIT, by_index, in_place
from actors.engines.words import Span, Stretch, place
from events.direction import Phrase, WordProsody
from events.turns import WordTime

STEP = 0.5
"""Semitones by which a contour sinks at once; smaller steps would break it up with silences."""

_DOUBLED = re.compile(r"\[\[+|\]\]+")

_CLOSING = re.compile(r"[.,;:!?…\"'”’»)\]]*$")
"""What a mark may stand instead of: other marks, and brackets and quotation marks that close."""

Said = tuple[Samples, tuple[WordTime, ...]]
"""Samples at the library's rate, and their words in seconds from the phrase's first sample."""


class Reader:
    """Reads the stretches of one phrase, in order."""

    def __init__(self, library: Library, voice_id: str, phrase: Phrase) -> None:
        self._library = library
        self._voice_id = voice_id
        self._phrase = phrase
        self._wishes = wishes(phrase)
        self._sayings = by_index(phrase.sayings)
        self._phonemes = any(map(EXPLICIT.search, self._sayings.values()))
        self._words = 0
        """Of the phrase that were said."""
        self.samples = 0
        """That the phrase has so far."""
        self.sample_rate = library.sample_rate

    def say(self, stretch: Stretch) -> Said:
        """Say the next stretch; where the library knows no sound for it, there are no samples."""
        stretch = self._commanded(in_place(stretch, self._sayings, self._words))
        if self._words + len(stretch.heard) >= len(self._wishes) and self._phrase.final:
            stretch = replace(stretch, heard=_closed(stretch.heard, self._phrase.final))
        asked = self._wishes[self._words : self._words + len(stretch.heard)]
        samples, spans = self._said(stretch.heard, self._manners(stretch, asked))
        words = place(stretch, spans, 0.0)
        pauses = [word.pause_after_s for word in asked[: len(words)]]
        samples, words = paused(samples, words, pauses, self.sample_rate)
        begin_s = self.samples / self.sample_rate
        self._words += len(words)
        self.samples += len(samples)
        return samples, shifted(words, begin_s)

    def _commanded(self, stretch: Stretch) -> Stretch:
        """With phonemes as the library takes them, which it then finds nowhere else."""
        if not self._phonemes:
            return stretch
        heard = (commanded(_DOUBLED.sub(" ", word)) for word in stretch.heard)
        return replace(stretch, heard=tuple(heard))

    def _manners(self, stretch: Stretch, asked: Sequence[WordProsody]) -> list[Manner]:
        sunk = self._sunk(stretch) if self._phrase.declination else [0.0] * len(stretch.heard)
        return [
            manner_of(self._voice_id, self._phrase, word, depth)
            for word, depth in zip(wishes_of(stretch, asked), sunk, strict=True)
        ]

    def _sunk(self, stretch: Stretch) -> list[float]:
        """How many semitones each word has sunk, so that the stretch keeps its level.

        When words begin is known by saying them.
        """
        level = manner_of(self._voice_id, self._phrase)
        samples, spans = self._said(stretch.heard, [level] * len(stretch.heard))
        middle = len(samples) / self.sample_rate / 2
        # Words that were run together begin with the first of them.
        begins = accumulate((span[0] if span else 0.0 for span in spans), max)
        sunk = ((begin - middle) * self._phrase.declination for begin in begins)
        return [round(depth / STEP) * STEP for depth in sunk]

    def _said(
        self, words: Sequence[str], manners: Sequence[Manner]
    ) -> tuple[Samples, list[Span | None]]:
        marked = _marked(words, manners)
        said = self._library.say(" ".join(marked), manners[0], phonemes=self._phonemes)
        if not said.begun:
            said.pcm.clear()
        spans = spans_of(marked, said, self.sample_rate)
        return np.frombuffer(said.pcm, np.int16), spans


def _closed(words: Sequence[str], final: float) -> tuple[str, ...]:
    """The words with a closing mark at which the library rises, or falls, as is asked."""
    last = max((at for at, word in enumerate(words) if any(map(str.isalnum, word))), default=None)
    if last is None:
        return tuple(words)
    phonemes = words[last].rfind("]]") + 2 if "[[" in words[last] else 0
    sound, marks = words[last][:phonemes], words[last][phonemes:]
    closed = sound + _CLOSING.sub("?" if final > 0 else ".", marks, count=1)
    return (*words[:last], closed, *("" for _ in words[last + 1 :]))


def _marked(words: Sequence[str], manners: Sequence[Manner]) -> list[str]:
    """The words with the commands that change the manner; marks alone are not worth a change."""
    marked: list[str] = []
    current, before = manners[0], ""
    for word, manner in zip(words, manners, strict=True):
        if any(map(str.isalnum, word)) and not _abbreviates(before, word):
            marked.append(manner.instead_of(current) + word)
            current = manner
        else:
            marked.append(word)
        before = word
    return marked


def _abbreviates(before: str, word: str) -> bool:
    """Whether a command before the word would make the library end a sentence there."""
    return before.endswith(".") and word[:1].islower()
