"""Taking a model apart, and proving that its parts speak as the whole does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from actors.engines.base import ModelInvalid
from actors.engines.kokoro_graph import trial
from actors.engines.kokoro_graph.anchors import (
    Anchors,
    Generation,
    find_anchors,
    find_controls,
    generation_of,
)
from actors.engines.kokoro_graph.cache import Manifest
from actors.engines.kokoro_graph.controlled import ControlledKokoro
from actors.engines.kokoro_graph.controls import (
    Step,
    file_of_step,
    steps,
    take_noise,
    with_controls,
)
from actors.engines.kokoro_graph.graph import OpenedKokoro
from actors.engines.kokoro_graph.optimising import PORTABLE, optimise
from actors.engines.kokoro_graph.rungs import NOISE_CONTROL, NotOpenable, Part, Rung, Unproven
from actors.engines.kokoro_graph.sessions import file_of, load
from actors.engines.kokoro_graph.split import split, with_noise_input
from actors.engines.kokoro_graph.windowing import add_windows

TOLERANCE = 1e-5
"""Between a sample of the parts and of the whole; full scale is 1."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, the steps that are done, and the steps there are."""

_STEPS = len(Part) + 3


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
        tell("adding controls", _STEPS - 1, _STEPS)
        return _unopened(path, into, generation, why).model_copy(update={"metadata": metadata})
    opened = Manifest(rung=Rung.OPENED, difference=difference, metadata=metadata)
    tell("making windows", _STEPS - 1, _STEPS)
    try:
        update: dict[str, object] = {"windowed": add_windows(into)}
    except NotOpenable as why:
        update = {"whole_because": str(why)}
    tell("ready", _STEPS, _STEPS)
    return opened.model_copy(update=update)


def _read(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except Exception as error:
        raise ModelInvalid(
            f"{path} is not a whole ONNX model; fetch it anew with `colloquy models fetch`."
        ) from error


def _unopened(path: Path, into: Path, generation: Generation, why: NotOpenable) -> Manifest:
    """The next rung that holds, for a model that could not be opened."""
    empty(into)
    lasting, missed = not isinstance(why, Unproven), {Rung.OPENED: str(why)}
    try:
        difference = _control(path, into, generation)
    except NotOpenable as why_not:
        empty(into)
        lasting &= not isinstance(why_not, Unproven)
        missed[Rung.CONTROLLED] = str(why_not)
    else:
        return Manifest(rung=Rung.CONTROLLED, missed=missed, difference=difference)
    if generation.duration_output:
        return Manifest(rung=Rung.DURATIONS, missed=missed, lasting=lasting)
    missed[Rung.DURATIONS] = "The model has no output `duration`."
    return Manifest(rung=Rung.WHOLE, missed=missed, lasting=lasting)


def empty(directory: Path) -> None:
    for file in directory.iterdir():
        file.unlink()


def _control(path: Path, into: Path, generation: Generation) -> float:
    """Put the model with controls into a directory, proven on one sentence."""
    model = _read(path)
    controls = find_controls(model.graph)
    _put_steps(with_controls(model, controls), into)
    try:
        controlled = ControlledKokoro(into)
        plan = controlled.plan(trial.TOKENS, trial.STYLE, 1.0)
        score = controlled.score(plan, plan.frames, trial.STYLE)
        (samples,) = controlled.sound(score, trial.STYLE, trial.NOISE)
        feeds = _feeds(generation)
        model = _read(path)
        if controls.noise is not None:
            take_noise(model.graph, controls.noise)
            feeds[NOISE_CONTROL] = trial.NOISE(len(samples))
        whole = _whole(model, controls.waveform, feeds, into)
    except Exception as error:
        raise Unproven("ONNX Runtime cannot run the model with controls.") from error
    return _difference(samples, whole)


def _put_steps(model: onnx.ModelProto, into: Path) -> None:
    """Write the graphs of the steps, which have their weights in one file."""
    whole = into / file_of_step(Step.SOUND)
    optimise(model, whole, PORTABLE)
    for step, graph in steps(onnx.load(whole, load_external_data=False)):
        (into / file_of_step(step)).write_bytes(graph.SerializeToString())


def _feeds(generation: Generation) -> dict[str, NDArray[Any]]:
    """The sentence on which a model is tried, as a whole graph takes it."""
    return {
        generation.token_input: trial.TOKENS.reshape(1, -1),
        "style": trial.STYLE,
        "speed": np.ones(1, generation.speed_type),
    }


def _open(model: onnx.ModelProto, generation: Generation, into: Path, tell: Progress) -> float:
    anchors = find_anchors(model.graph)
    for done, (part, cut) in enumerate(split(model, anchors, generation), start=1):
        tell(f"optimising {part}", done, _STEPS)
        optimise(cut, into / file_of(part), PORTABLE)
    tell("comparing", _STEPS - 2, _STEPS)
    return _proven(model, anchors, generation, into)


def _proven(model: onnx.ModelProto, anchors: Anchors, generation: Generation, into: Path) -> float:
    """Speak one sentence in parts and whole, with the same noise."""
    try:
        samples, _ = OpenedKokoro(into).speak(trial.TOKENS, trial.STYLE, 1.0, trial.NOISE)
        feeds = _feeds(generation)
        feeds[with_noise_input(model, anchors)] = trial.NOISE(len(samples))
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
        raise Unproven(f"There are {parts.size} samples where the whole gives {whole.size}.")
    largest = float(np.abs(parts - whole).max())
    if not largest <= TOLERANCE:
        raise Unproven(f"The samples differ from those of the whole by {largest:.2g}.")
    return largest
