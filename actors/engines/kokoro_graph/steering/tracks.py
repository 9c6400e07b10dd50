"""Values per token as tracks over time, with smooth joins."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actors.engines.base import EngineError

Track = NDArray[np.float64]
"""One value for each half frame of 12.5 ms, [2F]."""

STEP_S = 0.0125
"""Between two values of a track."""

JOIN_S = 0.05
"""How long a change takes at a join. A voice takes some 100 ms for a whole one, be it ever so small
(Xu & Sun, J. Acoust. Soc. Am. 111, 2002); half of that leaves short words what they were asked."""


def spread(values: ArrayLike, frames: NDArray[np.int64]) -> Track:
    """The value of each token, [T], over all of its frames."""
    track: Track = np.repeat(np.asarray(values, np.float64), 2 * frames)
    return track


def smooth(track: Track) -> Track:
    """The same track with each step turned into a raised cosine of `JOIN_S`.

    What does not change within `JOIN_S` stays as it is to the last bit.
    """
    if not track.size or (track == track[0]).all():
        return track
    taps = round(JOIN_S / STEP_S) - 1
    bell = np.hanning(taps + 2)[1:-1]
    padded = np.pad(track, taps // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps)
    level = (windows == windows[:, :1]).all(axis=1)
    return np.where(level, track, windows @ (bell / bell.sum()))


def finite(values: NDArray[np.float32], what: str) -> NDArray[np.float32]:
    """The values themselves.

    Raises:
        EngineError: one of them is no number.
    """
    if not np.isfinite(values).all():
        raise EngineError(f"The model gave no numbers for {what}; check its files.")
    return values
