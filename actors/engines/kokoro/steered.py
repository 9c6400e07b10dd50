"""An opened model that obeys a direction."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import SAMPLE_RATE, Capabilities, Sound
from actors.engines.kokoro.calibrating import VoiceStatistics
from actors.engines.kokoro.files import style_of
from actors.engines.kokoro.speaker import Voicing, timed
from actors.engines.kokoro_graph import (
    ControlledKokoro,
    OpenedKokoro,
    Schedule,
    Statistics,
    seeded_noise,
)
from actors.engines.kokoro_graph.rungs import FRAME, HALF_FRAME
from actors.engines.kokoro_graph.steering import (
    Transcription,
    contour,
    delivered,
    envelope,
    frames,
    word_times,
)
from actors.engines.pieces import pcm_of
from actors.engines.reading import Reading
from actors.engines.stopping import Stop
from actors.engines.words import Span
from events.direction import Phrase

LEAD_S, TAIL_S = 0.1, 0.1
"""Of what a model sounds before the first phoneme and after the last: the rest is silence. Sound
leads its phonemes by up to three frames."""

FADE_S = 0.01
"""Over which it comes and goes there."""

FAR = 3.0
"""Semitones from the voice's own level beyond which windows would be heard."""

VOICED_HZ = 10.0

Samples = NDArray[np.float32]


class SteeredSpeaker:
    """Speaks in windows where the voice was found fit for it; safe for use by many threads."""

    capabilities = Capabilities(
        blends=True,
        pitch=True,
        final=True,
        words=True,
        loudness=True,
        delivery=True,
        seed=True,
    )

    def __init__(
        self,
        model: OpenedKokoro | ControlledKokoro,
        statistics: VoiceStatistics | None,
        vocabulary: Mapping[str, int],
    ) -> None:
        self._model = model
        self._statistics = statistics
        self._vocabulary = vocabulary

    def say(
        self, reading: Reading, asks: Phrase, voicing: Voicing, stop: Stop, after_s: float
    ) -> Iterator[Sound]:
        text = Transcription(reading.phonemes, reading.owner, len(reading.words))
        symbols = [self._vocabulary[symbol] for symbol in reading.phonemes]
        tokens = np.array([0, *symbols, 0], np.int64)
        style = delivered(
            style_of(voicing.colour, len(symbols)), style_of(voicing.manner, len(symbols))
        )
        plan = self._model.plan(tokens, style, 1.0, stop)
        lasts = frames(plan.durations, text, asks)
        own = self._model.score(plan, lasts, style, stop)
        asked = replace(own, f0=contour(own.f0, lasts, text, asks))
        noise = seeded_noise(_seed(reading, asks, style))
        statistics = self._statistics_of(voicing) if _near(own.f0, asked.f0) else None
        heard = _heard(text, lasts)
        begin, end = heard.start // HALF_FRAME, -(-heard.stop // HALF_FRAME)
        schedule = Schedule.after(after_s, begin, end)
        made = self._model.sound(asked, style, noise, statistics, schedule, stop)
        spans = [_later(span, -heard.start) for span in word_times(lasts, text, asks)]
        yield Sound(b"", timed(reading, spans))
        shape = envelope(lasts, text, asks).shape
        for at, samples in _trimmed(made, heard, begin * HALF_FRAME):
            yield Sound(pcm_of(shape(samples, at)))

    def close(self) -> None:
        if self._statistics is not None:
            self._statistics.close()

    def _statistics_of(self, voicing: Voicing) -> Statistics | None:
        return None if self._statistics is None else self._statistics.of(voicing.parts)


def _near(own: NDArray[np.float32], asked: NDArray[np.float32]) -> bool:
    """Whether the melody is so near the voice's own that its statistics hold."""
    voiced = (own > VOICED_HZ) & (asked > VOICED_HZ)
    if own is asked or not voiced.any():
        return True
    return abs(12 * float(np.log2(asked[voiced] / own[voiced]).mean())) <= FAR


def _seed(reading: Reading, asks: Phrase, style: NDArray[np.float32]) -> int:
    """Of the noise: from the seed of the phrase, or else from what is asked."""
    asked = asks.seed if asks.seed is not None else style.tobytes()
    told = f"{reading.phonemes}/{asked!r}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big")


def _heard(text: Transcription, lasts: NDArray[np.int64]) -> slice:
    """The samples of the model from shortly before the first phoneme to shortly after the last."""
    edges = FRAME * np.append(0, np.cumsum(lasts))
    sounding = np.flatnonzero(text.sounding())
    first, last = edges[sounding[0]], edges[sounding[-1] + 1]
    begin = max(0, int(first) - round(LEAD_S * SAMPLE_RATE))
    return slice(begin, min(int(edges[-1]), int(last) + round(TAIL_S * SAMPLE_RATE)))


def _trimmed(made: Iterator[Samples], heard: slice, at: int) -> Iterator[tuple[int, Samples]]:
    """What is to be heard of what was made from `at` on, with places; faded at the ends."""
    fade = round(FADE_S * SAMPLE_RATE)
    for samples in made:
        begin, end = max(at, heard.start), min(at + len(samples), heard.stop)
        if begin < end:
            places = np.arange(begin, end)
            inside = np.minimum(places - heard.start + 1, heard.stop - places)
            yield begin, samples[begin - at : end - at] * np.minimum(1, inside / fade)
        at += len(samples)


def _later(span: Span | None, samples: int) -> Span | None:
    seconds = samples / SAMPLE_RATE
    return span and (span[0] + seconds, span[1] + seconds)
