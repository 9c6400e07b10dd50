"""The model in parts beside the model as it was published, given the same noise."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime
from kokoro_onnx.tokenizer import Tokenizer
from numpy.typing import NDArray

from actors.engines.kokoro.loading import HURRIED
from actors.engines.kokoro_graph import OpenedKokoro, prepare, seeded_noise
from actors.engines.kokoro_graph.anchors import find_anchors
from actors.engines.kokoro_graph.split import with_noise_input
from actors.engines.models import PREPARED
from tests.benchmarks.figures import Figure
from tests.benchmarks.speakers import VOICE, Files

NOISE = seeded_noise(1)


def difference(files: Files, texts: Sequence[str]) -> Figure:
    """The largest between two samples, full scale being 1, when nothing is directed."""
    prepared = prepare(files.model, files.model.parent / PREPARED).directory
    opened = OpenedKokoro(prepared, hurried=HURRIED)
    with np.load(files.voices) as voices:
        voice = voices[VOICE]
    # On the disk of the model: half a gigabyte may be more than a disk in memory has.
    with TemporaryDirectory(dir=files.model.parent) as directory:
        whole, noise_input = _with_noise_input(files.model, Path(directory) / "whole.onnx")
    largest = 0.0
    for text in texts:
        tokens = _tokens(text)
        style = voice[len(tokens) - 3]
        samples, _ = opened.speak(tokens, style, 1.0, NOISE)
        feeds = {
            "tokens": tokens[np.newaxis],
            "style": style,
            "speed": np.ones(1, np.float32),
            noise_input: NOISE(len(samples)),
        }
        largest = max(largest, float(np.abs(whole.run(None, feeds)[0].ravel() - samples).max()))
    what = "neutral direction against the whole graph, same noise"
    return Figure(f"{what}: difference", largest, "", 0, "less", note=f"{len(texts)} texts")


def _with_noise_input(model: Path, path: Path) -> tuple[onnxruntime.InferenceSession, str]:
    graph = onnx.load(model)
    noise_input = with_noise_input(graph, find_anchors(graph.graph))
    onnx.save(graph, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # another number adds in another order
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session, noise_input


def _tokens(text: str) -> NDArray[np.int64]:
    tokenizer = Tokenizer()
    return np.array([0, *tokenizer.tokenize(tokenizer.phonemize(text, "en-us")), 0])
