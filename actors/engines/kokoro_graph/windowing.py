"""Making the parts that sound is made from in windows, and proving that they are the whole."""

from pathlib import Path

import numpy as np
import onnx

from actors.engines.base import EngineError
from actors.engines.kokoro_graph import trial
from actors.engines.kokoro_graph.graph import OpenedKokoro
from actors.engines.kokoro_graph.layout import as_pictures
from actors.engines.kokoro_graph.normalisation import measured, told
from actors.engines.kokoro_graph.optimising import BLOCKED, optimise
from actors.engines.kokoro_graph.rungs import Form, Part, Unproven
from actors.engines.kokoro_graph.sessions import file_of
from actors.engines.kokoro_graph.statistics import NORMALISED
from actors.engines.kokoro_graph.windows import Schedule

TOLERANCE = 1e-4
"""Between a sample of windows and of the whole, with the same statistics; full scale is 1."""

_TRIAL = Schedule(first_s=0.1, growth=1.2, longest_s=0.3)


def add_windows(into: Path) -> float:
    """Add the forms of the parts for windows to those in a directory.

    Returns the largest difference between a sample of windows and of the whole.

    Raises:
        NotOpenable: the parts have no such forms, or they do not speak as the whole does; the
            directory is as it was.
    """
    try:
        for part in NORMALISED:
            _beside(into, part, Form.MEASURED, measured(_read(into, part)))
        # The weights of most others are best left where the plain form has them too; nearly all of
        # the time is the generator's.
        _beside(into, Part.PRE, Form.TOLD, told(_read(into, Part.PRE)))
        blocked = as_pictures(told(_read(into, Part.GENERATOR, weights=True)))
        optimise(blocked, into / file_of(Part.GENERATOR, Form.TOLD), BLOCKED)
        return _proven(into)
    except EngineError:
        for form in (Form.TOLD, Form.MEASURED):
            for path in into.glob(f"*.{form}.*"):
                path.unlink()
        raise


def _read(into: Path, part: Part, *, weights: bool = False) -> onnx.ModelProto:
    return onnx.load(into / file_of(part), load_external_data=weights)


def _beside(into: Path, part: Part, form: Form, graph: onnx.ModelProto) -> None:
    """Write a form of a part that has its weights in the file of the plain form."""
    (into / file_of(part, form)).write_bytes(graph.SerializeToString())


def _proven(into: Path) -> float:
    kokoro = OpenedKokoro(into)
    plan = kokoro.plan(trial.TOKENS, trial.STYLE, 1.0)
    score = kokoro.score(plan, plan.frames, trial.STYLE)
    whole, statistics = kokoro.measured(score, trial.STYLE, trial.NOISE)
    windows = kokoro.sound(score, trial.STYLE, trial.NOISE, statistics, _TRIAL)
    largest = float(np.abs(np.concatenate(list(windows)) - whole).max())
    if not largest <= TOLERANCE:
        raise Unproven(f"Windows differ from the whole by {largest:.2g}.")
    return largest
