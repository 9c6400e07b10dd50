"""Where silence goes between words, and when words sound with it.

A model does not keep quiet on demand: tokens that are stretched into a pause murmur, and shift the
norms by which it makes all the rest. So silence is put into the finished sound, in samples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import SAMPLE_RATE
from actors.engines.heeding import within_limits
from actors.engines.kokoro_graph.rungs import FRAME
from actors.engines.kokoro_graph.steering.transcription import Transcription
from actors.engines.words import Span
from events.direction import Phrase

FADE = FRAME // 2
"""Samples over which sound goes, and comes again, beside a silence: 12.5 ms."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A silence instead of a stretch of the model's samples."""

    begin: int
    """The model's first sample that is not heard."""
    end: int
    """The first that is heard again; not before `begin`."""
    length: int
    """Of the silence, in samples."""


def rests(frames: NDArray[np.int64], text: Transcription, phrase: Phrase) -> tuple[Rest, ...]:
    """The silences asked of a phrase whose tokens last so many frames, [T], in order.

    What the model does between the two words gives way to the silence, but for what fades: 12.5 ms
    on either side. Where the words run into one another, they fade themselves. A word without
    phonemes rests after the one before it.
    """
    phrase = within_limits(phrase)
    edges = FRAME * np.append(0, np.cumsum(frames))
    asked: dict[tuple[int, int], float] = {}
    for word in phrase.words:
        gap = text.gap_after(word.index)
        if gap and word.pause_after_s:
            asked[gap] = asked.get(gap, 0.0) + word.pause_after_s
    return tuple(
        _rest(int(edges[begin]), int(edges[end]), seconds, last=end == text.tokens)
        for (begin, end), seconds in sorted(asked.items())
    )


def word_times(
    frames: NDArray[np.int64], text: Transcription, phrase: Phrase
) -> tuple[Span | None, ...]:
    """When each word sounds, in seconds of the finished sound; None for one without phonemes.

    From the first to the last phoneme; a mark or space after it is silence and not counted, nor is
    what the model puts before the first.
    """
    edges = FRAME * np.append(0, np.cumsum(frames))
    silences = rests(frames, text, phrase)
    return tuple(
        span and (_starts(int(edges[span[0]]), silences), _ends(int(edges[span[1]]), silences))
        for span in map(text.span, range(text.words))
    )


def _rest(begin: int, end: int, seconds: float, *, last: bool) -> Rest:
    length = round(seconds * SAMPLE_RATE)
    if last:
        return Rest(begin + FADE, end, length)
    if end - begin >= 2 * FADE:
        return Rest(begin + FADE, end - FADE, length)
    middle = (begin + end) // 2
    return Rest(middle, middle, length)


def _starts(sample: int, silences: tuple[Rest, ...]) -> float:
    """Seconds to what starts at a sample of the model, after the rests up to there."""
    return (sample + sum(_longer(rest) for rest in silences if rest.end <= sample)) / SAMPLE_RATE


def _ends(sample: int, silences: tuple[Rest, ...]) -> float:
    """Seconds to what ends at a sample of the model, before a rest there."""
    return (sample + sum(_longer(rest) for rest in silences if rest.end < sample)) / SAMPLE_RATE


def _longer(rest: Rest) -> int:
    return rest.length - (rest.end - rest.begin)
