"""A Kokoro model taken apart: prepared once, then run with arrays between its parts."""

from actors.engines.kokoro_graph.calibration import Calibration, calibrate
from actors.engines.kokoro_graph.calibrations import Calibrations
from actors.engines.kokoro_graph.controlled import ControlledKokoro
from actors.engines.kokoro_graph.graph import OpenedKokoro, Plan, Score
from actors.engines.kokoro_graph.prepare import Preparation, prepare
from actors.engines.kokoro_graph.rungs import Noise, NotOpenable, Part, Rung, seeded_noise
from actors.engines.kokoro_graph.statistics import Statistics, pooled
from actors.engines.kokoro_graph.windows import Schedule

__all__ = [
    "Calibration",
    "Calibrations",
    "ControlledKokoro",
    "Noise",
    "NotOpenable",
    "OpenedKokoro",
    "Part",
    "Plan",
    "Preparation",
    "Rung",
    "Schedule",
    "Score",
    "Statistics",
    "calibrate",
    "pooled",
    "prepare",
    "seeded_noise",
]
