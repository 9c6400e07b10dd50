"""Taking a model apart, and proving that its parts speak as the whole does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from actors.engines.base import ModelInvalid
from actors.engines.kokoro_graph.anchors import Anchors, Generation, find_anchors, generation_of
from actors.engines.kokoro_graph.cache import Manifest
from actors.engines.kokoro_graph.graph import OpenedKokoro, file_of, load, session_options
from actors.engines.kokoro_graph.rungs import (
    STYLE_SIZE,
    NotOpenable,
    Part,
    Rung,
    seeded_noise,
)
from actors.engines.kokoro_graph.split import split, with_noise_input

TOLERANCE = 1e-5
"""Between a sample of the parts and of the whole; full scale is 1."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, the steps that are done, and the steps there are."""

_STEPS = len(Part) + 2
_SENTENCE = (0, 50, 83, 54, 156, 57, 135, 3, 16, 65, 156, 87, 158, 54, 46, 4, 0)
_SEED = 1
_WEIGHTS_FROM = "1024"
"""Bytes from which on a weight lies outside its graph, where processes share it."""


class Unproven(NotOpenable):
    """The parts do not run here, or not as the whole does; it may be for want of memory or room."""


def build(path: Path, into: Path, tell: Progress) -> Manifest:
    """Put the parts of a model into an empty directory, as far up the ladder as it goes.

    Raises:
        ModelInvalid: the file is not a whole ONNX model, or not one of Kokoro.
    """
    tell("reading", 0, _STEPS)
    model = _read(path)
    generation = generation_of(model.graph)
    metadata = {each.key: each.value for each in model.metadata_props}
    try:
        difference = _open(model, generation, into, tell)
    except NotOpenable as why:
        return _unopened(generation, why, metadata)
    return Manifest(rung=Rung.OPENED, difference=difference, metadata=metadata)


def _read(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except Exception as error:
        raise ModelInvalid(
            f"{path} is not a whole ONNX model; fetch it anew with `colloquy models fetch`."
        ) from error


def _unopened(generation: Generation, why: NotOpenable, metadata: dict[str, str]) -> Manifest:
    missed, rung = {Rung.OPENED: str(why)}, Rung.DURATIONS
    if not generation.duration_output:
        missed[Rung.DURATIONS], rung = "The model has no output `duration`.", Rung.WHOLE
    lasting = not isinstance(why, Unproven)
    return Manifest(rung=rung, missed=missed, metadata=metadata, lasting=lasting)


def _open(model: onnx.ModelProto, generation: Generation, into: Path, tell: Progress) -> float:
    anchors = find_anchors(model.graph)
    for done, (part, cut) in enumerate(split(model, anchors, generation), start=1):
        tell(f"optimising {part}", done, _STEPS)
        _optimise(part, cut, into)
    tell("comparing", _STEPS - 1, _STEPS)
    difference = _proven(model, anchors, generation, into)
    tell("ready", _STEPS, _STEPS)
    return difference


def _optimise(part: Part, cut: onnx.ModelProto, into: Path) -> None:
    """Write a part as ONNX Runtime would have it, its weights in a file of their own."""
    name = file_of(part)
    options = session_options(
        threads=1,
        entries={
            "session.optimized_model_external_initializers_file_name": f"{name}.data",
            "session.optimized_model_external_initializers_min_size_in_bytes": _WEIGHTS_FROM,
            "session.disable_prepacking": "1",
        },
    )
    # One level higher ties the graph to the processor that it was optimised on.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(into / name)
    try:
        onnxruntime.InferenceSession(
            cut.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise Unproven(f"ONNX Runtime cannot load the part {part} of the model.") from error


def _proven(model: onnx.ModelProto, anchors: Anchors, generation: Generation, into: Path) -> float:
    """Speak one sentence in parts and whole, with the same noise."""
    tokens = np.array(_SENTENCE, np.int64)
    style = np.random.default_rng(_SEED).normal(0, 0.15, (1, STYLE_SIZE)).astype(np.float32)
    noise = seeded_noise(_SEED)
    try:
        samples, _ = OpenedKokoro(into).speak(tokens, style, 1.0, noise)
        feeds: dict[str, NDArray[Any]] = {
            generation.token_input: tokens.reshape(1, -1),
            "style": style,
            "speed": np.ones(1, generation.speed_type),
            with_noise_input(model, anchors): noise(len(samples)),
        }
        whole = _whole(model, anchors.waveform, feeds, into)
    except Exception as error:
        raise Unproven("ONNX Runtime cannot run the model in parts and as a whole.") from error
    return _difference(samples, whole)


def _whole(
    model: onnx.ModelProto, output: str, feeds: dict[str, NDArray[Any]], into: Path
) -> NDArray[np.float32]:
    path = into / "whole.onnx"
    try:
        onnx.save(model, path)
        (samples,) = load(path, threads=1, optimised=False).run([output], feeds)
    finally:
        path.unlink(missing_ok=True)
    whole: NDArray[np.float32] = samples.reshape(-1)
    return whole


def _difference(parts: NDArray[np.float32], whole: NDArray[np.float32]) -> float:
    if parts.shape != whole.shape:
        raise Unproven(f"The parts give {parts.size} samples where the whole gives {whole.size}.")
    largest = float(np.abs(parts - whole).max())
    if not largest <= TOLERANCE:
        raise Unproven(f"The parts differ from the whole by {largest:.2g}.")
    return largest
