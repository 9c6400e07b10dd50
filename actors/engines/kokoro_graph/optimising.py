"""Writing graphs as ONNX Runtime would have them."""

from pathlib import Path

import onnx
import onnxruntime

from actors.engines.kokoro_graph.rungs import Unproven
from actors.engines.kokoro_graph.sessions import session_options

PORTABLE = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
BLOCKED = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
"""With layouts that only this kind of processor has, see `processor.py`."""

_WEIGHTS_FROM = "1024"
"""Bytes from which on a weight lies outside its graph, where processes share it."""


def optimise(graph: onnx.ModelProto, path: Path, level: onnxruntime.GraphOptimizationLevel) -> None:
    """Write an optimised graph, its weights in a file of their own.

    Raises:
        Unproven: the graph does not load, or there is no room.
    """
    options = session_options(
        threads=1,
        entries={
            "session.optimized_model_external_initializers_file_name": f"{path.name}.data",
            "session.optimized_model_external_initializers_min_size_in_bytes": _WEIGHTS_FROM,
            "session.disable_prepacking": "1",
        },
    )
    options.graph_optimization_level = level
    options.optimized_model_filepath = str(path)
    try:
        onnxruntime.InferenceSession(
            graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise Unproven(f"ONNX Runtime cannot load {path.stem} of the model.") from error
