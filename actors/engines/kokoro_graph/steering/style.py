"""Whose voice it is, and whose manner."""

import numpy as np
from numpy.typing import NDArray

from actors.engines.kokoro_graph.rungs import STYLE_SIZE

Style = NDArray[np.float32]

COLOUR = STYLE_SIZE // 2
"""Values of a style that only the sound depends on; rhythm and pitch depend only on the others."""


def delivered(colour: Style, manner: Style) -> Style:
    """A style [1, 256] with the voice of one and the manner of speaking of another."""
    joined: Style = np.concatenate([colour[..., :COLOUR], manner[..., COLOUR:]], axis=-1)
    return joined
