"""A graph that takes durations, F0 and noise from outside, for a model that cannot be cut."""

from collections.abc import Iterator
from enum import StrEnum

import onnx
from onnx import TensorProto, helper

from actors.engines.kokoro_graph.anchors import Controls
from actors.engines.kokoro_graph.rungs import F0_CONTROL, FRAMES_CONTROL, HARMONICS, NOISE_CONTROL
from actors.engines.kokoro_graph.split import upstream
from actors.engines.kokoro_graph.topology import Topology

_OWN_FRAMES, _OWN_F0, _OWN_N = "own/frames", "own/f0", "own/n"
_Shape = list[int | str | None]


class Step(StrEnum):
    """The graphs that are made of one, in the order in which they run; the last is the whole."""

    PLAN = "plan"
    """Tokens, style and speed to the durations [1, T] that the model would give them."""
    SCORE = "score"
    """These and durations to F0 and N, each [1, 1, 2F], that the model would give them."""
    SOUND = "sound"
    """These, F0 and noise to samples."""


def file_of_step(step: Step) -> str:
    return f"controlled.{step}.onnx"


def with_controls(model: onnx.ModelProto, controls: Controls) -> onnx.ModelProto:
    """The same model, which is told what it would make by itself, and tells what that would be.

    The tensors keep their names, and so does everything that takes them, wherever a body captures
    one; only who makes them is another.
    """
    graph = model.graph
    del graph.output[:]
    _give(graph, controls.waveform)
    _control(graph, controls.durations, FRAMES_CONTROL, [1, "tokens"], _OWN_FRAMES)
    _control(graph, controls.f0, F0_CONTROL, [1, 1, "half_frames"], _OWN_F0)
    graph.node.append(helper.make_node("Identity", [controls.n], [_OWN_N]))
    _give(graph, _OWN_N)
    if controls.noise is not None:
        take_noise(graph, controls.noise)
    return model


def take_noise(graph: onnx.GraphProto, noise: str) -> None:
    """Make a graph take its noise instead of drawing it."""
    graph.node.remove(_maker(graph, noise))
    _take(graph, NOISE_CONTROL, noise, [1, "samples", HARMONICS])


def steps(model: onnx.ModelProto) -> Iterator[tuple[Step, onnx.ModelProto]]:
    """Cut a model with controls after each step, from its beginning on.

    Raises:
        NotOpenable: a step needs what comes after it.
    """
    graph = model.graph
    (sound,) = {each.name for each in graph.output} - {_OWN_FRAMES, _OWN_F0, _OWN_N}
    outputs = {
        Step.PLAN: [_OWN_FRAMES],
        Step.SCORE: [_OWN_F0, _OWN_N],
        Step.SOUND: [sound],
    }
    later = {Step.PLAN: {FRAMES_CONTROL, F0_CONTROL, NOISE_CONTROL}, Step.SCORE: {F0_CONTROL}}
    for step in Step:
        inputs = [each for each in graph.input if each.name not in later.get(step, set())]
        yield step, _cut(model, step, inputs, outputs[step])


def _cut(
    model: onnx.ModelProto, step: Step, inputs: list[onnx.ValueInfoProto], outputs: list[str]
) -> onnx.ModelProto:
    given = {each.name for each in inputs}
    nodes, weights = upstream(Topology(model.graph), step, given, outputs)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    used = {name for node in nodes for name in node.input}
    taken = [each for each in inputs if each.name in used]
    cut = onnx.ModelProto()
    cut.CopyFrom(model)
    cut.graph.CopyFrom(helper.make_graph(nodes, step, taken, values, weights))
    return cut


def _control(graph: onnx.GraphProto, tensor: str, control: str, shape: _Shape, own: str) -> None:
    made = _maker(graph, tensor)
    made.output[list(made.output).index(tensor)] = own
    _give(graph, own)
    _take(graph, control, tensor, shape)


def _take(graph: onnx.GraphProto, control: str, tensor: str, shape: _Shape) -> None:
    graph.input.append(helper.make_tensor_value_info(control, TensorProto.FLOAT, shape))
    graph.node.insert(0, helper.make_node("Identity", [control], [tensor]))


def _give(graph: onnx.GraphProto, name: str) -> None:
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))


def _maker(graph: onnx.GraphProto, tensor: str) -> onnx.NodeProto:
    made: onnx.NodeProto = next(node for node in graph.node if tensor in node.output)
    return made
