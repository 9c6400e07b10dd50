"""F0 as a listener hears it, by SwiftF0: a small network that knows nothing of who speaks."""

from typing import NamedTuple

import av
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray
from swift_f0 import SAMPLE_RATE as TRACKED_RATE
from swift_f0 import SwiftF0

from actors.engines.base import SAMPLE_RATE

LOWEST_HZ, HIGHEST_HZ = 50.0, 600.0
SURE = 0.8
"""Confidence with less of which there is no pitch."""
_PIECE = 30 * SAMPLE_RATE


class Melody(NamedTuple):
    seconds: NDArray[np.float64]
    hertz: NDArray[np.float64]
    """Every 16 ms; NaN where nothing is periodic."""


class PitchTracker:
    """Takes 15 MB, and some 10 ms of a core for a second of sound. Safe for use by many threads."""

    def __init__(self) -> None:
        self._network = SwiftF0(threads=1, spin=False)

    def track(self, samples: NDArray[np.int16]) -> Melody:
        """The melody of samples at `SAMPLE_RATE`; there must be some."""
        found = self._network.detect(_loud(_slower(samples)), TRACKED_RATE, LOWEST_HZ, HIGHEST_HZ)
        hertz = np.where(found.confidence >= SURE, found.pitch_hz, np.nan)
        return Melody(found.timestamps, hertz.astype(np.float64))


def _loud(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """With their peak at full scale: of what is faint, the network is less sure."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples / np.float32(peak) if peak else samples


def _slower(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """At the rate of the network, full scale being 1."""
    resampler = av.AudioResampler("flt", "mono", TRACKED_RATE)
    parts: list[NDArray[np.float32]] = []
    for begin in range(0, len(samples), _PIECE):
        frame = _frame(samples[begin : begin + _PIECE])
        parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(parts)


def _frame(samples: NDArray[np.int16]) -> AudioFrame:
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    return frame
