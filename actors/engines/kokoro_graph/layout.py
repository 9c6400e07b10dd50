"""Convolutions in the layout that the processor is fastest with."""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import helper, numpy_helper

_HEIGHT = "layout/height"


def as_pictures(model: onnx.ModelProto) -> onnx.ModelProto:
    """Make convolutions over time into those over pictures that are one sample high.

    ONNX Runtime knows a blocked layout for pictures only. It must be asked for it, by the highest
    level of optimisation.
    """
    graph = model.graph
    weights = {each.name: each for each in graph.initializer}
    nodes = list(graph.node)
    flat = [node for node in nodes if _is_flat(node, weights)]
    for name in {node.input[1] for node in flat}:
        weights[name].dims.insert(2, 1)
    names = {node.output[0] for node in flat}
    del graph.node[:], graph.value_info[:]
    for node in nodes:
        graph.node.extend(_raised(node) if node.output[0] in names else [node])
    graph.initializer.append(numpy_helper.from_array(np.array([2], np.int64), _HEIGHT))
    return model


def _is_flat(node: onnx.NodeProto, weights: dict[str, onnx.TensorProto]) -> bool:
    return node.op_type == "Conv" and len(getattr(weights.get(node.input[1]), "dims", ())) == 3


def _raised(node: onnx.NodeProto) -> Iterator[onnx.NodeProto]:
    name = node.output[0]
    before, after = f"{name}/picture", f"{name}/convolved"
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    for sizes in ("kernel_shape", "dilations", "strides"):
        if sizes in attributes:
            attributes[sizes] = [1, *attributes[sizes]]
    if "pads" in attributes:
        first, last = attributes["pads"]
        attributes["pads"] = [0, first, 0, last]
    yield helper.make_node("Unsqueeze", [node.input[0], _HEIGHT], [before])
    yield helper.make_node("Conv", [before, *node.input[1:]], [after], **attributes)
    yield helper.make_node("Squeeze", [after, _HEIGHT], [name])
