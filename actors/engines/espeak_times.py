"""When the words of a text sound, from the events that espeak-ng gives with its samples."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from actors.engines.base import BYTES_PER_SAMPLE
from actors.engines.espeak_library import Utterance
from actors.engines.words import Span


def spans_of(words: Sequence[str], said: Utterance, rate: int) -> list[Span | None]:
    """When each word sounds, None for those that the library ran together with the one before.

    `words` are those of the text as the library was given it, commands and all.
    """
    length = len(said.pcm) // BYTES_PER_SAMPLE
    begun = _in_order(_samples(words, said.begun)) or [(0, 0, 0)]
    limits = [first for _, first, _ in begun[1:]] + [length]
    spans: list[Span | None] = [None] * len(words)
    for (word, first, last), limit in zip(begun, limits, strict=True):
        silent = bisect_right(said.ended, last)
        end = min(said.ended[silent], limit) if silent < len(said.ended) else limit
        spans[word] = (first / rate, end / rate)
    return spans


def _samples(words: Sequence[str], begun: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The samples of the library's events of each word, by the word's place among them.

    It counts `three` of `two. three` as beginning on the space, and the second word of what it
    reads for a sign as beginning on the space after the sign.
    """
    after = list(accumulate(len(text) + 1 for text in words))
    samples: dict[int, list[int]] = {}
    on_spaces: list[tuple[int, int]] = []
    for character, sample in begun:
        word = min(bisect_right(after, character), len(after) - 1)
        if character == after[word] - 1 and word + 1 < len(after):
            on_spaces.append((word, sample))
        else:
            samples.setdefault(word, []).append(sample)
    named = frozenset(samples)
    for word, sample in on_spaces:
        samples.setdefault(word if word + 1 in named else word + 1, []).append(sample)
    return samples


def _in_order(samples: dict[int, list[int]]) -> list[tuple[int, int, int]]:
    """Words with their first and last sample; one that would go back in time is left out."""
    ordered: list[tuple[int, int, int]] = []
    for word in sorted(samples):
        first, last = min(samples[word]), max(samples[word])
        if not ordered or first >= ordered[-1][1]:
            ordered.append((word, first, last))
    return ordered
