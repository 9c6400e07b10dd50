"""Graphs that are told the statistics to normalise by, and graphs that tell those they used."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from actors.engines.kokoro_graph.rungs import NotOpenable
from actors.engines.kokoro_graph.topology import Topology

MEAN, VARIANCE = "statistics/mean", "statistics/variance"
_SIZES, _FLAT = "statistics/sizes", "statistics/flat"


@dataclass(frozen=True, slots=True)
class Normalisation:
    """An `InstanceNormalization` and what a style then makes of it: times a gain, plus a shift."""

    node: onnx.NodeProto
    times: onnx.NodeProto
    plus: onnx.NodeProto
    number: int
    channels: int

    def named(self, kind: str) -> str:
        return f"statistics/{kind}/{self.number}"

    @property
    def gain(self) -> str:
        return _other(self.times, self.node.output[0])

    @property
    def shift(self) -> str:
        return _other(self.plus, self.times.output[0])


def measured(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, with two more outputs [1, C, 1]: means and variances, over time."""
    graph, found = model.graph, _normalisations(model.graph)
    for each in found:
        graph.node.extend(_moments(each))
    for name, kind in ((MEAN, "mean"), (VARIANCE, "variance")):
        parts = [each.named(kind) for each in found]
        graph.node.append(helper.make_node("Concat", parts, [name], axis=1))
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return model


def told(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, with two more inputs [C] that it normalises by.

    Each sample then depends on its surroundings only, and not on the whole sentence.

    Raises:
        NotOpenable: the graph normalises in another way.
    """
    graph, found = model.graph, _normalisations(model.graph)
    last = {each.plus.output[0]: each for each in found}
    gone = {node.output[0] for each in found for node in (each.node, each.times)}
    nodes = [*_inputs_apart(found)]
    for node in graph.node:
        if node.output[0] in last:
            nodes += _told(last[node.output[0]])
        elif node.output[0] not in gone:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    sizes = [each.channels for each in found]
    graph.initializer.append(numpy_helper.from_array(np.array(sizes, np.int64), _SIZES))
    graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), _FLAT))
    for name in (MEAN, VARIANCE):
        value = helper.make_tensor_value_info(name, TensorProto.FLOAT, [sum(sizes)])
        graph.input.append(value)
    return model


def _normalisations(graph: onnx.GraphProto) -> list[Normalisation]:
    topology = Topology(graph)
    # Where several styles are laid over the same features, an optimiser normalises them once.
    styled = [
        (node, times)
        for node in topology.of("InstanceNormalization")
        for times in _after(topology, node, "Mul")
    ]
    found = [
        _normalisation(topology, node, times, number) for number, (node, times) in enumerate(styled)
    ]
    if not found:
        raise NotOpenable("A part of the model normalises nothing, where that was expected.")
    return found


def _normalisation(
    topology: Topology, node: onnx.NodeProto, times: onnx.NodeProto, number: int
) -> Normalisation:
    plus, *more = _after(topology, times, "Add")
    if more:
        raise NotOpenable("The gain of a style has several shifts.")
    dims = topology.dims(node.input[1])
    if dims is None:
        raise NotOpenable("The model computes the scales of a normalisation.")
    return Normalisation(node, times, plus, number, dims[0])


def _after(topology: Topology, node: onnx.NodeProto, kind: str) -> list[onnx.NodeProto]:
    """What takes the result of a node: all of one kind, and at least one."""
    consumers = topology.consumers[node.output[0]]
    kinds = {each.op_type for each in consumers}
    if kinds != {kind}:
        told = ", ".join(sorted(kinds)) or "nothing"
        raise NotOpenable(f"After a normalisation comes {told}, where only {kind} was due.")
    return consumers


def _other(node: onnx.NodeProto, operand: str) -> str:
    return str(node.input[1] if node.input[0] == operand else node.input[0])


def _moments(each: Normalisation) -> Iterator[onnx.NodeProto]:
    x, mean, variance = each.node.input[0], each.named("mean"), each.named("variance")
    deviation, square = each.named("deviation"), each.named("square")
    yield helper.make_node("ReduceMean", [x], [mean], axes=[2], keepdims=1)
    yield helper.make_node("Sub", [x, mean], [deviation])
    yield helper.make_node("Mul", [deviation, deviation], [square])
    yield helper.make_node("ReduceMean", [square], [variance], axes=[2], keepdims=1)


def _inputs_apart(found: list[Normalisation]) -> Iterator[onnx.NodeProto]:
    for name, kind in ((MEAN, "mean"), (VARIANCE, "variance")):
        parts = [each.named(kind) for each in found]
        yield helper.make_node("Split", [name, _SIZES], parts, axis=0)


def _told(each: Normalisation) -> Iterator[onnx.NodeProto]:
    """One pass over the features, where the normalisation and the style would make three."""
    x, scale, bias = each.node.input
    gain, shift, raised = each.named("gain"), each.named("shift"), each.named("raised")
    yield helper.make_node("Reshape", [each.gain, _FLAT], [gain])
    yield helper.make_node("Reshape", [each.shift, _FLAT], [shift])
    yield helper.make_node("Mul", [gain, scale], [each.named("scale")])
    yield helper.make_node("Mul", [gain, bias], [raised])
    yield helper.make_node("Add", [raised, shift], [each.named("bias")])
    yield helper.make_node(
        "BatchNormalization",
        [x, *map(each.named, ("scale", "bias", "mean", "variance"))],
        [each.plus.output[0]],
        epsilon=helper.get_node_attr_value(each.node, "epsilon"),
    )
