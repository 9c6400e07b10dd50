"""Finding the statistics of a voice, and whether it may be heard in windows made with them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.engines.kokoro_graph.graph import OpenedKokoro, Score
from actors.engines.kokoro_graph.rungs import seeded_noise
from actors.engines.kokoro_graph.sentences import SENTENCES, TRIED
from actors.engines.kokoro_graph.statistics import Statistics, pooled
from actors.engines.stopping import Stop

_SEED, _OTHER_SEED = 1, 2
_SPAN, _HOP = 1024, 256
_QUIETEST = 1e-4
"""Below it, of full scale 1, magnitudes are told apart no more."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one voice, with one model."""

    statistics: Statistics
    distance: float
    """Between a sentence in windows and whole, in decibels."""
    redrawn: float
    """Between the sentence and itself with other noise, which nobody hears, in decibels."""

    @property
    def passed(self) -> bool:
        """The voice may be heard in windows: that changes less than the noise does anyway."""
        return self.distance <= self.redrawn


def calibrate(
    kokoro: OpenedKokoro, styles: NDArray[np.float32], stop: Stop | None = None
) -> Calibration:
    """Calibrate a voice by its styles [510, 1, 256]; that takes the time of half a minute's speech.

    The gate is tried on a sentence that the statistics were not taken from.

    Raises:
        Stopped: by `stop`.
        EngineError: the model failed on the voice.
    """
    noise, taken = seeded_noise(_SEED), []
    for tokens in SENTENCES:
        score = _score(kokoro, tokens, styles, stop)
        _, statistics = kokoro.measured(score, _style(styles, tokens), noise, stop)
        taken.append((statistics, float(score.frames.sum())))
    voice = pooled(taken)
    score, style = _score(kokoro, TRIED, styles, stop), _style(styles, TRIED)

    def heard(seed: int, statistics: Statistics | None = None) -> Samples:
        sound = kokoro.sound(score, style, seeded_noise(seed), statistics, stop=stop)
        return np.concatenate(list(sound))

    whole = heard(_SEED)
    return Calibration(
        statistics=voice,
        distance=log_spectral_distance(whole, heard(_SEED, voice)),
        redrawn=log_spectral_distance(whole, heard(_OTHER_SEED)),
    )


def log_spectral_distance(one: Samples, other: Samples) -> float:
    """Root mean square of the difference of two spectra in decibels, averaged over time.

    Gray and Markel, "Distance measures for speech processing", 1976.
    """
    differences = (_spectra(one) - _spectra(other)) ** 2
    return float(np.sqrt(differences.mean(axis=1)).mean())


def _spectra(samples: Samples) -> NDArray[np.floating]:
    spans = np.lib.stride_tricks.sliding_window_view(samples, _SPAN)[::_HOP]
    magnitudes = np.abs(np.fft.rfft(spans * np.hanning(_SPAN), axis=1))
    return 20 * np.log10(magnitudes + _QUIETEST)


def _score(
    kokoro: OpenedKokoro,
    tokens: NDArray[np.int64],
    styles: NDArray[np.float32],
    stop: Stop | None,
) -> Score:
    style = _style(styles, tokens)
    plan = kokoro.plan(tokens, style, 1.0, stop)
    return kokoro.score(plan, plan.frames, style, stop)


def _style(styles: NDArray[np.float32], tokens: NDArray[np.int64]) -> NDArray[np.float32]:
    """A voice has a style for each number of phonemes; two of the tokens are none."""
    style: NDArray[np.float32] = styles[min(len(tokens) - 2, len(styles)) - 1]
    return style
