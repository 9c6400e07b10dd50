"""Espeak-ng as an engine: no model file, a thousandth of real time, and a robot's charm."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate

import av
import numpy as np

from actors.engines.base import (
    BYTES_PER_SAMPLE,
    SAMPLE_RATE,
    Capabilities,
    Sound,
    Unspeakable,
    Voice,
)
from actors.engines.espeak_library import Library, Manner, Utterance, library
from actors.engines.pieces import cut
from actors.engines.voices import CATALOGUE, describe, parse_voice
from actors.engines.words import Span, Stretch, place, stretches
from events.turns import Phrase

WORDS_A_MINUTE = 175
"""At speed 1."""

SLOWEST, FASTEST = 80, 450
"""Words a minute that the library reaches: speeds from 0.46 to 2.57; others become the nearest."""

STRETCH = 400
"""Characters spoken at once: bounds what is held in memory, and what an early close wastes."""

_TONGUES = {
    "a": "en-us",
    "b": "en",
    "e": "es",
    "f": "fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-br",
    "z": "cmn",
}
"""The library's voices, by the first letter of ours; its `en` is British."""

_VARIANTS = {"female": ("f2", "linda", "f4", "f3", "f5"), "male": ("m3", "adam", "m2", "m7", "m4")}
_PITCHES = (50, 40, 62, 34, 70)


class EspeakEngine:
    """Speaks with the library of the process; a blend is spoken by its heaviest voice."""

    name = "espeak"
    capabilities = Capabilities(blends=False)

    def __init__(self) -> None:
        self._library = library()
        self._voices = tuple(map(describe, CATALOGUE))

    def voices(self) -> tuple[Voice, ...]:
        return self._voices

    def synthesise(self, phrase: Phrase, voice: str) -> Iterator[Sound]:
        """Speak a phrase; see the port. Speeds beyond 0.46 to 2.57 become the nearest of these."""
        mixed = parse_voice(voice, CATALOGUE)
        heaviest = max(mixed, key=lambda part: part[1])[0]
        manner = manner_of(heaviest, phrase.speed)
        spoken = _spoken(self._library, stretches(phrase.text, STRETCH), manner)
        return cut(spoken, phrase.pause_after_s)


def manner_of(voice_id: str, speed: float) -> Manner:
    """What to tell the library, so that each voice of the catalogue sounds like nobody else."""
    tongue, variant, pitch = _timbres()[voice_id]
    rate = round(min(max(WORDS_A_MINUTE * speed, SLOWEST), FASTEST))
    return Manner(f"{tongue}+{variant}", rate, pitch, range=pitch)


@cache
def _timbres() -> dict[str, tuple[str, str, int]]:
    """By voice id: the library's voice, its variant, and a pitch."""
    timbres: dict[str, tuple[str, str, int]] = {}
    counts: dict[str, int] = {}
    for voice_id in CATALOGUE:
        # The British begin elsewhere, so that not only the accent tells them from Americans.
        first = 15 if voice_id[0] == "b" else 0
        nth = counts[voice_id[:2]] = counts.get(voice_id[:2], first - 1) + 1
        variants = _VARIANTS[describe(voice_id).gender]
        # Both wheels have five places, and one turns faster: 25 people before anybody is twice.
        pitch = _PITCHES[(2 * nth + nth // 5) % 5]
        timbres[voice_id] = (_TONGUES[voice_id[0]], variants[nth % 5], pitch)
    return timbres


def _spoken(library: Library, parts: Iterable[Stretch], manner: Manner) -> Iterator[Sound]:
    """Say one stretch after another, at the rate of all that leaves an engine."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    begin = 0
    for stretch in parts:
        said = library.say(stretch.text, manner)
        if not said.begun:
            said.pcm.clear()
        spans = _spans(stretch, said, library.sample_rate)
        words = place(stretch, spans, begin / library.sample_rate)
        yield Sound(_resampled(resampler, said.pcm, library.sample_rate), words)
        begin += len(said.pcm) // BYTES_PER_SAMPLE
    if not begin:
        raise Unspeakable("espeak-ng knows no sound for any word of the text; try another voice.")
    yield Sound(_frames(resampler.resample(None)))


def _resampled(resampler: av.AudioResampler, pcm: bytearray, rate: int) -> bytes:
    if not pcm:
        return b""
    samples = np.frombuffer(pcm, np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = rate
    return _frames(resampler.resample(frame))


def _frames(frames: Iterable[av.AudioFrame]) -> bytes:
    return b"".join(frame.to_ndarray().astype("<i2").tobytes() for frame in frames)


def _spans(stretch: Stretch, said: Utterance, rate: int) -> list[Span | None]:
    """When each word sounds, None for those that the library ran together with the one before."""
    length = len(said.pcm) // BYTES_PER_SAMPLE
    begun = _in_order(_samples(stretch, said.begun)) or [(0, 0, 0)]
    limits = [first for _, first, _ in begun[1:]] + [length]
    spans: list[Span | None] = [None] * len(stretch.heard)
    for (word, first, last), limit in zip(begun, limits, strict=True):
        silent = bisect_right(said.ended, last)
        end = min(said.ended[silent], limit) if silent < len(said.ended) else limit
        spans[word] = (first / rate, end / rate)
    return spans


def _samples(stretch: Stretch, begun: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The samples of the library's events of each word, by the word's place in the stretch.

    It counts `three` of `two. three` as beginning on the space, and the second word of what it
    reads for a sign as beginning on the space after the sign.
    """
    after = list(accumulate(len(word) + 1 for word in stretch.heard))
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
