"""What a voice's features are normalised by: their means and variances."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from actors.engines.kokoro_graph.rungs import Part

NORMALISED = (Part.PRE, Part.GENERATOR)
"""The parts that can be run on a stretch of a sentence, if they are told its statistics."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and variance over time of every channel [C] that a part normalises, in its order."""

    mean: NDArray[np.float32]
    variance: NDArray[np.float32]

    @classmethod
    def pooled(cls, parts: Iterable[tuple[Self, float]]) -> Self:
        """Of all that several were taken from together, each as heavy as its weight."""
        each, weights = zip(*parts, strict=True)
        shares = np.array(weights)[:, np.newaxis] / sum(weights)
        mean = np.sum([m.mean for m in each] * shares, axis=0)
        square = np.sum([m.variance + m.mean.astype(float) ** 2 for m in each] * shares, axis=0)
        return cls(mean.astype(np.float32), (square - mean**2).astype(np.float32))


Statistics = Mapping[Part, Moments]
"""By part, for all of `NORMALISED`."""


def pooled(parts: Iterable[tuple[Statistics, float]]) -> Statistics:
    """Of several sentences by their lengths, or of the voices of a blend by their weights."""
    kept = list(parts)
    return {
        part: Moments.pooled((statistics[part], weight) for statistics, weight in kept)
        for part in NORMALISED
    }
