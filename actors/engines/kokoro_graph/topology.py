"""Walking an ONNX graph: who makes a tensor, who takes it, and what can be reached from it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import onnx

CONVOLUTIONS = frozenset({"Conv", "ConvInteger"})
WEIGHTED = CONVOLUTIONS | {
    "ConvTranspose",
    "MatMul",
    "FusedMatMul",
    "MatMulInteger",
    "Gemm",
    "LSTM",
    "DynamicQuantizeLSTM",
}
"""What has weights of its own; beyond it a tensor means something else."""

_SIZES = frozenset({"Shape", "Size"})
_TRANSPARENT = frozenset({"Identity", "Cast", "DequantizeLinear"})


class Topology:
    """The edges of a graph, both ways; what the body of an `If` captures is an edge too."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.nodes = list(graph.node)
        self.producer = {name: node for node in self.nodes for name in node.output if name}
        self.initializers = {each.name: each for each in graph.initializer}
        self.consumers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self.nodes:
            for name in dict.fromkeys(needed(node)):
                self.consumers[name].append(node)

    def of(self, *kinds: str) -> Iterator[onnx.NodeProto]:
        return (node for node in self.nodes if node.op_type in kinds)

    def dims(self, name: str) -> tuple[int, ...] | None:
        """The shape of a constant; None if the tensor is computed."""
        if name in self.initializers:
            return tuple(self.initializers[name].dims)
        node = self.producer.get(name)
        if node is None:
            return None
        if node.op_type == "Constant":
            return next((tuple(each.t.dims) for each in node.attribute if each.name == "value"), ())
        return self.dims(node.input[0]) if node.op_type in _TRANSPARENT else None

    def weight(self, node: onnx.NodeProto) -> tuple[int, ...]:
        """The shape of a node's second operand; empty if that is computed."""
        return (self.dims(node.input[1]) if len(node.input) > 1 else None) or ()

    def taken(self, node: onnx.NodeProto) -> str:
        """What a node computes on; before it was quantised, if the node computes on integers."""
        before = self.producer.get(node.input[0])
        if before is not None and before.op_type == "DynamicQuantizeLinear":
            node = before
        return str(node.input[0])

    def given(self, node: onnx.NodeProto) -> str:
        """What a node computes; with its scale and bias, if the node computes on integers."""
        for kind in ("Cast", "Mul", "Add") if node.op_type.endswith("Integer") else ():
            following = self.consumers[node.output[0]]
            if len(following) == 1 and following[0].op_type == kind:
                node = following[0]
        return str(node.output[0])

    def nearest(
        self, tensor: str, kinds: Iterable[str], stop: frozenset[str] = WEIGHTED
    ) -> list[onnx.NodeProto]:
        """The nodes of these kinds that a tensor's values reach without crossing one of `stop`."""
        wanted, found, seen, todo = frozenset(kinds), [], set[int](), [tensor]
        while todo:
            for node in self.consumers.get(todo.pop(), ()):
                if id(node) in seen:
                    continue
                seen.add(id(node))
                if node.op_type in wanted:
                    found.append(node)
                elif node.op_type not in stop | _SIZES:
                    todo += node.output
        return found


def needed(node: onnx.NodeProto) -> Iterator[str]:
    """The tensors that a node takes, those that its bodies capture included."""
    yield from filter(None, node.input)
    for body in _bodies(node):
        own = {given.name for given in body.input} | {kept.name for kept in body.initializer}
        own.update(name for inner in body.node for name in inner.output)
        names = [name for inner in body.node for name in needed(inner)]
        # A body may hand out a tensor of its surroundings without a node of its own.
        names += [each.name for each in body.output]
        yield from (name for name in names if name not in own)


def _bodies(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs
