"""A Kokoro model in parts: what lies between them is arrays."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from actors.engines.base import EngineError, ModelInvalid
from actors.engines.kokoro_graph.rungs import FRAME, Noise, Part

Samples = NDArray[np.float32]
Frames = NDArray[np.int64]


class OpenedKokoro:
    """Runs the parts of a model one after the other; safe for use by many threads at a time."""

    def __init__(self, directory: Path, threads: int = 1) -> None:
        """Load parts that `prepare` put in a directory, each to compute with so many threads.

        Raises:
            ModelInvalid: a part is missing or damaged.
        """
        try:
            self._parts = {part: load(directory / file_of(part), threads) for part in Part}
        except Exception as error:
            raise ModelInvalid(f"The parts in {directory} are not whole; prepare anew.") from error
        speed = self._parts[Part.TEXT].get_inputs()[2]
        self._whole_speed = {"tensor(int32)": np.int32, "tensor(int64)": np.int64}.get(speed.type)

    def speak(
        self, tokens: NDArray[np.int64], style: NDArray[np.float32], speed: float, noise: Noise
    ) -> tuple[Samples, Frames]:
        """Speak tokens [T] with a style [1, 256]; the same arguments give the same samples.

        The first half of a style is the voice's colour, the second its manner: they may be of two
        voices. Returns samples at 24 kHz, and how many frames of 600 samples each token lasts.

        Raises:
            EngineError: the model failed on these tokens.
        """
        try:
            samples, frames = self._spoken(tokens.reshape(1, -1), style, speed, noise)
        except Exception:  # noqa: BLE001  ONNX Runtime's exceptions have no base of their own
            # Not chained: what the library says may quote what was to be spoken.
            raise EngineError("The model failed on these tokens; try fewer of them.") from None
        if not np.isfinite(samples).all():
            raise EngineError("The model gave no numbers for sound; is the noise zero?")
        return samples, frames

    def _spoken(
        self, tokens: NDArray[np.int64], style: NDArray[np.float32], speed: float, noise: Noise
    ) -> tuple[Samples, Frames]:
        raw, d, t_en = self._run(Part.TEXT, tokens, style, self._speed_input(speed))
        frames = rounded(raw, 1 / speed if self._whole_speed else 1)
        f0, n = self._run(Part.PROSODY, np.repeat(d, frames, axis=2), style)
        (har,) = self._run(Part.SOURCE, f0, noise(FRAME * int(frames.sum())))
        (x,) = self._run(Part.PRE, np.repeat(t_en, frames, axis=2), f0, n, style)
        (samples,) = self._run(Part.GENERATOR, x, har, style)
        return samples.reshape(-1), frames

    def _speed_input(self, speed: float) -> NDArray[Any]:
        # A graph that takes whole speeds divides by 1, and we divide after it.
        return np.ones(1, self._whole_speed) if self._whole_speed else np.array([speed], np.float32)

    def _run(self, part: Part, *arrays: NDArray[Any]) -> list[NDArray[Any]]:
        session = self._parts[part]
        names = [each.name for each in session.get_inputs()]
        outputs: list[NDArray[Any]] = session.run(None, dict(zip(names, arrays, strict=True)))
        return outputs


def rounded(raw: NDArray[np.float32], scale: float) -> Frames:
    """Durations in whole frames [T], at least one each; halves go to the even, as in the graph."""
    frames: Frames = np.maximum(1, np.round(raw.reshape(-1) * np.float32(scale))).astype(np.int64)
    return frames


def file_of(part: Part) -> str:
    return f"{part}.onnx"


def load(path: Path, threads: int, *, optimised: bool = True) -> onnxruntime.InferenceSession:
    """Load a graph; one that was optimised when it was written is taken as it is."""
    settings = session_options(threads)
    if optimised:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])


def session_options(
    threads: int, entries: Mapping[str, str] | None = None
) -> onnxruntime.SessionOptions:
    """Options that all our sessions share; entries are those that ONNX Runtime knows by name."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # The arena keeps for good what the longest phrase needed, a gigabyte and more.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    for name, value in (entries or {}).items():
        options.add_session_config_entry(name, value)
    return options
