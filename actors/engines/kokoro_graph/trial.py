"""The sentence on which a prepared model is tried."""

import numpy as np

from actors.engines.kokoro_graph.rungs import STYLE_SIZE, seeded_noise

_SEED = 1

TOKENS = np.array((0, 50, 83, 54, 156, 57, 135, 3, 16, 65, 156, 87, 158, 54, 46, 4, 0), np.int64)
STYLE = np.random.default_rng(_SEED).normal(0, 0.15, (1, STYLE_SIZE)).astype(np.float32)
NOISE = seeded_noise(_SEED)
