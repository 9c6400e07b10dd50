"""Cutting a Kokoro graph into its parts, and giving it its noise from outside."""

from collections.abc import Iterator

import onnx
from onnx import TensorProto, helper

from actors.engines.kokoro_graph.anchors import Anchors, Generation
from actors.engines.kokoro_graph.rungs import HARMONICS, STYLE_SIZE, NotOpenable, Part
from actors.engines.kokoro_graph.topology import Topology, needed

_Shape = list[int | str | None]


def split(
    model: onnx.ModelProto, anchors: Anchors, generation: Generation
) -> Iterator[tuple[Part, onnx.ModelProto]]:
    """Cut a model into parts, one at a time, each with copies of its weights.

    Raises:
        NotOpenable: a part needs something that flows around the cuts.
    """
    topology = Topology(model.graph)
    declared = {each.name: each for each in model.graph.input}
    for part, (inputs, outputs) in _cuts(anchors, generation).items():
        given = [declared.get(name) or _value(name, _shape(name, anchors)) for name in inputs]
        yield part, _cut(model, topology, part, given, outputs)


def with_noise_input(model: onnx.ModelProto, anchors: Anchors) -> str:
    """Make a model take its noise instead of drawing it; returns the name of the input."""
    graph = model.graph
    for node in list(graph.node):
        if anchors.noise in node.output:
            graph.node.remove(node)
    graph.input.append(_value(anchors.noise, _shape(anchors.noise, anchors)))
    return anchors.noise


def _cuts(a: Anchors, generation: Generation) -> dict[Part, tuple[list[str], list[str]]]:
    tokens = generation.token_input
    return {
        Part.TEXT: ([tokens, "style", "speed"], [a.durations, a.d, a.t_en]),
        Part.PROSODY: ([a.en, "style"], [a.f0, a.n]),
        Part.SOURCE: ([a.f0, a.noise], [a.har]),
        Part.PRE: ([a.asr, a.f0, a.n, "style"], [a.x]),
        Part.GENERATOR: ([a.x, a.har, "style"], [a.waveform]),
    }


def _shape(name: str, anchors: Anchors) -> _Shape:
    shapes: dict[str, _Shape] = {
        anchors.f0: [1, 1, "half_frames"],
        anchors.n: [1, 1, "half_frames"],
        anchors.noise: [1, "samples", HARMONICS],
        "style": [1, STYLE_SIZE],
    }
    return shapes.get(name, [1, None, None])


def _value(name: str, shape: _Shape | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _cut(
    model: onnx.ModelProto,
    topology: Topology,
    part: Part,
    inputs: list[onnx.ValueInfoProto],
    outputs: list[str],
) -> onnx.ModelProto:
    nodes, weights = upstream(topology, part, {each.name for each in inputs}, outputs)
    graph = helper.make_graph(
        nodes, part.value, inputs, [_value(name, None) for name in outputs], weights
    )
    cut: onnx.ModelProto = helper.make_model(
        graph,
        opset_imports=model.opset_import,
        ir_version=model.ir_version,
        functions=model.functions,
    )
    return cut


def upstream(
    topology: Topology, part: str, given: set[str], wanted: list[str]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """All that the wanted tensors are made from, as far as what is given; nodes in their order."""
    kept, weights = set[int](), []
    seen, todo = set(given), list(wanted)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in topology.initializers:
            weights.append(topology.initializers[name])
            continue
        node = topology.producer.get(name)
        if node is None:
            raise NotOpenable(f"The part {part} of the model also needs {name}.")
        kept.add(id(node))
        todo += needed(node)
    return [node for node in topology.nodes if id(node) in kept], weights
