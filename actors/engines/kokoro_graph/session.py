"""An opened model in the clothes of an ONNX Runtime session, for code that expects one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.engines.kokoro_graph.graph import OpenedKokoro
from actors.engines.kokoro_graph.rungs import DURATION_OUTPUT, STYLE_SIZE, seeded_noise


@dataclass(frozen=True, slots=True)
class Tensor:
    """What a session tells of an input or output."""

    name: str
    type: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Metadata:
    custom_metadata_map: Mapping[str, str]


class OpenedSession:
    """Takes tokens, style and speed, gives samples and durations; and the same for the same.

    The noise in a voice, which a whole graph draws anew each time, is drawn here from what is
    asked: the same phonemes in the same style at the same speed are the same samples, for as long
    as the build of ONNX Runtime and its number of threads are the same.
    """

    def __init__(self, model: Path, opened: OpenedKokoro, metadata: Mapping[str, str]) -> None:
        self._model_path = str(model)
        self._opened = opened
        self._metadata = metadata

    def get_inputs(self) -> list[Tensor]:
        return [
            Tensor("tokens", "tensor(int64)", (1, "tokens")),
            Tensor("style", "tensor(float)", (1, STYLE_SIZE)),
            Tensor("speed", "tensor(float)", (1,)),
        ]

    def get_outputs(self) -> list[Tensor]:
        return [
            Tensor("waveform", "tensor(float)", (1, "samples")),
            Tensor(DURATION_OUTPUT, "tensor(int64)", (1, "tokens")),
        ]

    def get_modelmeta(self) -> Metadata:
        return Metadata(self._metadata)

    def run(self, _: Sequence[str] | None, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Samples [1, n] at 24 kHz and frames [1, T] of 600 samples.

        Raises:
            EngineError: the model failed on these tokens.
        """
        tokens, style, speed = feeds["tokens"], feeds["style"], float(feeds["speed"][0])
        noise = seeded_noise(_seed(tokens, style, speed))
        samples, frames = self._opened.speak(tokens.reshape(-1), style, speed, noise)
        return [samples[np.newaxis], frames[np.newaxis]]


def _seed(tokens: NDArray[Any], style: NDArray[Any], speed: float) -> int:
    asked = tokens.tobytes() + style.tobytes() + np.float64(speed).tobytes()
    return int.from_bytes(hashlib.sha256(asked).digest()[:8], "big")
