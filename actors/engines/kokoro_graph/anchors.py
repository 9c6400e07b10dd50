"""Where a Kokoro graph can be cut: tensors found by how they are made and used."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from actors.engines.base import ModelInvalid
from actors.engines.kokoro_graph.rungs import DURATION_OUTPUT, TOKEN_INPUTS, NotOpenable
from actors.engines.kokoro_graph.topology import CONVOLUTIONS, WEIGHTED, Topology

_LSTMS = ("LSTM", "DynamicQuantizeLSTM")
_NORMAL = ("RandomNormalLike", "RandomNormal")
_EXCITATION_CHANNELS = 22
_FIRST_UPSAMPLING_KERNEL = 20


@dataclass(frozen=True, slots=True)
class Generation:
    """What tells one export of the model from another."""

    token_input: str
    """`tokens` or `input_ids`."""
    speed_type: np.dtype[Any]
    """Float; or an integer, so that the graph itself knows no speed between 1 and 2."""
    duration_output: bool
    """The graph gives the durations beside the samples."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Names of the tensors between the parts; shapes are told at `Part`."""

    durations: str
    """Frames per token, not yet rounded."""
    d: str
    """What the prosody is made from, by token."""
    en: str
    """The same, by frame."""
    t_en: str
    """What is pronounced, by token."""
    asr: str
    """The same, by frame."""
    f0: str
    n: str
    noise: str
    har: str
    x: str
    waveform: str


@dataclass(frozen=True, slots=True)
class Controls:
    """Names of the tensors by which a graph is steered that stays in one piece."""

    durations: str
    f0: str
    n: str
    noise: str | None
    """None if the model draws none."""
    waveform: str


def generation_of(graph: onnx.GraphProto) -> Generation:
    """Tell the export from its inputs and outputs.

    Raises:
        ModelInvalid: the inputs are not those of a Kokoro model.
    """
    inputs = {each.name: each.type.tensor_type.elem_type for each in graph.input}
    tokens = [name for name in TOKEN_INPUTS if name in inputs]
    if len(tokens) != 1 or not {"style", "speed"} <= set(inputs):
        raise ModelInvalid(
            f"The file takes {_listed(inputs)}, so it is not a Kokoro model; "
            "that takes tokens, style and speed."
        )
    outputs = {each.name for each in graph.output}
    speed_type = onnx.helper.tensor_dtype_to_np_dtype(inputs["speed"])
    return Generation(tokens[0], speed_type, DURATION_OUTPUT in outputs)


def find_anchors(graph: onnx.GraphProto) -> Anchors:
    """Find where to cut.

    Raises:
        NotOpenable: some place was not found, or was found twice; it is named.
    """
    topology = Topology(graph)
    f0, n = _heads(topology)
    to_en, to_asr = _alignment(topology)
    return Anchors(
        durations=_durations(topology),
        d=to_en.input[0],
        en=to_en.output[0],
        t_en=to_asr.input[0],
        asr=to_asr.output[0],
        f0=f0,
        n=n,
        noise=_noise(topology),
        har=_har(topology),
        x=_x(topology),
        waveform=_waveform(graph),
    )


def find_controls(graph: onnx.GraphProto) -> Controls:
    """Find what can be taken from outside without cutting.

    Raises:
        NotOpenable: something was not found, or was found twice; it is named.
    """
    topology = Topology(graph)
    f0, n = _heads(topology)
    draws = any(topology.of(*_NORMAL))
    return Controls(
        durations=_durations(topology),
        f0=f0,
        n=n,
        noise=_noise(topology) if draws else None,
        waveform=_waveform(graph),
    )


def _durations(topology: Topology) -> str:
    rounds = {node.input[0] for node in topology.nearest("speed", ["Round"])}
    return _only("rounding of durations below the speed", rounds, ["/Div_output_0"])


def _heads(topology: Topology) -> tuple[str, str]:
    """Find F0 and N; of the two it is F0 that is summed to a phase."""
    heads = [
        topology.given(node)
        for node in topology.of(*CONVOLUTIONS)
        if _is_head(topology.weight(node))
    ]
    if len(heads) != 2:
        raise NotOpenable(f"The model has {len(heads)} heads for F0 and N, not 2.")
    summed = {tensor for tensor in heads if topology.nearest(tensor, ["CumSum"])}
    f0 = _only("head whose values become a phase", summed, ["F0_proj/Conv_output_0"])
    return f0, next(tensor for tensor in heads if tensor != f0)


def _is_head(weight: tuple[int, ...]) -> bool:
    return len(weight) == 3 and weight[0] == weight[2] == 1 and weight[1] > 1


def _alignment(topology: Topology) -> tuple[onnx.NodeProto, onnx.NodeProto]:
    """Find the products that lay tokens out in frames: towards the prosody, and the decoder."""
    by_operand = defaultdict(list)
    for node in topology.of("MatMul", "FusedMatMul"):
        if topology.dims(node.input[1]) is None:
            by_operand[node.input[1]].append(node)
    found = {}
    for nodes in by_operand.values():
        to_lstm = [node for node in nodes if _reaches_lstm(topology, node)]
        if len(nodes) == 2 and len(to_lstm) == 1:
            other = nodes[1] if to_lstm[0] is nodes[0] else nodes[0]
            found[to_lstm[0].output[0]] = (to_lstm[0], other)
    return found[_only("alignment of tokens and frames", found, ["/MatMul_output_0"])]


def _reaches_lstm(topology: Topology, node: onnx.NodeProto) -> bool:
    return bool(topology.nearest(node.output[0], _LSTMS, stop=WEIGHTED - set(_LSTMS)))


def _noise(topology: Topology) -> str:
    made = {node.output[0] for node in topology.of(*_NORMAL)}
    return _only("source of noise", made, ["l_sin_gen/RandomNormalLike_output_0"])


def _har(topology: Topology) -> str:
    taken = {
        topology.taken(node)
        for node in topology.of(*CONVOLUTIONS)
        if topology.weight(node)[1:2] == (_EXCITATION_CHANNELS,)
    }
    return _only("excitation of the generator", taken, ["/generator/Concat_1_output_0"])


def _x(topology: Topology) -> str:
    """Find what the generator's first up-sampling takes, before its activation."""
    entries = set()
    for node in topology.of("ConvTranspose"):
        weight, before = topology.weight(node), topology.producer.get(node.input[0])
        is_first = weight[2:] == (_FIRST_UPSAMPLING_KERNEL,) and weight[1] > 1
        if is_first and before is not None and before.op_type == "LeakyRelu":
            entries.add(before.input[0])
    return _only("entry of the generator", entries, ["/decode.3/Mul_output_0"])


def _waveform(graph: onnx.GraphProto) -> str:
    others = {each.name for each in graph.output if each.name != DURATION_OUTPUT}
    return _only("output of samples", others, ["waveform", "audio"])


def _only(what: str, found: Collection[str], names: list[str]) -> str:
    """Take the one that was found; of several, the one that goes by a known name."""
    candidates = list(found)
    if len(candidates) > 1:
        candidates = [each for each in candidates if each.endswith(tuple(names))]
    if len(candidates) != 1:
        raise NotOpenable(f"The model has {len(found) or 'no'} {what}, where one was expected.")
    return candidates[0]


def _listed(names: dict[str, int]) -> str:
    return ", ".join(sorted(names)) or "nothing"
