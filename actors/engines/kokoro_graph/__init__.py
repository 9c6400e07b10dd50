"""A Kokoro model taken apart: prepared once, then run with arrays between its parts."""

from actors.engines.kokoro_graph.graph import OpenedKokoro
from actors.engines.kokoro_graph.prepare import Preparation, prepare
from actors.engines.kokoro_graph.rungs import Noise, NotOpenable, Part, Rung, seeded_noise
from actors.engines.kokoro_graph.session import OpenedSession

__all__ = [
    "Noise",
    "NotOpenable",
    "OpenedKokoro",
    "OpenedSession",
    "Part",
    "Preparation",
    "Rung",
    "prepare",
    "seeded_noise",
]
