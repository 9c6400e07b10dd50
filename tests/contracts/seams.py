"""What is heard where one phrase ends and the next begins: nothing, if it is well done."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import SAMPLE_RATE, Engine
from actors.prosody import plain

TEXT = (
    "Well, to be quite honest with you, I had not expected to find anybody here at this hour, "
    "least of all someone whom I had met. Shall we sit down? There is a table by the window, from "
    "which one sees the whole of the harbour, the ships and the hills behind them; and the coffee, "
    "I am told, is excellent."
)
AROUND = SAMPLE_RATE // 20
"""Samples on either side of a seam that are its neighbourhood."""
WINDOW = SAMPLE_RATE // 250
"""Samples of a look at the spectrum: 4 ms, in which a click is most of what there is."""
CLICKS_FROM_HZ = 6000
ROUNDING = 2.0
"""A step of as many of the 32,768 levels is none."""

Samples = NDArray[np.floating]


def spoken(engine: Engine, voice: str, *, pausing: bool = True) -> tuple[Samples, list[int]]:
    """A text in phrases, one after the other as a listener gets them, and where their seams are.

    Without pauses they are as those of a live turn whose words come in pieces.
    """
    asked = plain(TEXT, voice=voice, speed=1.0).phrases
    if not pausing:
        asked = tuple(phrase.model_copy(update={"pause_after_s": 0.0}) for phrase in asked)
    phrases = [
        b"".join(sound.pcm for sound in engine.synthesise(phrase, voice)) for phrase in asked
    ]
    samples = np.frombuffer(b"".join(phrases), "<i2").astype(float)
    return samples, list(accumulate(len(phrase) // 2 for phrase in phrases))[:-1]


def steps(samples: Samples, seams: Sequence[int]) -> list[float]:
    """At each seam the step from sample to sample, per the largest of its neighbourhood."""
    return [_step(samples, seam) for seam in seams]


def clicks(samples: Samples, seams: Sequence[int]) -> list[float]:
    """At each seam the energy above 6 kHz, per the most of any moment in its neighbourhood."""
    return [_click(samples, seam) for seam in seams]


def _step(samples: Samples, seam: int) -> float:
    sizes = np.abs(np.diff(samples[seam - AROUND : seam + AROUND]))
    own = np.delete(sizes, AROUND - 1)
    return float(sizes[AROUND - 1] / max(own.max(), ROUNDING))


def _click(samples: Samples, seam: int) -> float:
    begins = np.arange(seam - AROUND, seam + AROUND - WINDOW + 1, WINDOW // 4)
    at_seam = (begins < seam + WINDOW // 2) & (begins > seam - 3 * WINDOW // 2)
    energies = np.array([_high(samples[begin : begin + WINDOW]) for begin in begins])
    silence = _high(ROUNDING * (-1.0) ** np.arange(WINDOW))
    return float(energies[at_seam].max() / max(energies[~at_seam].max(), silence))


def _high(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    return float(spectrum[np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE) >= CLICKS_FROM_HZ].sum())
