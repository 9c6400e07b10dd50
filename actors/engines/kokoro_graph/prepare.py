"""Preparing a model, once: whoever comes later, or at the same time, finds the work done."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime

from actors.engines.base import EngineError, ModelMissing
from actors.engines.kokoro_graph import cache
from actors.engines.kokoro_graph.processor import processor
from actors.engines.kokoro_graph.rungs import Rung

if TYPE_CHECKING:
    from actors.engines.kokoro_graph.build import Progress


@dataclass(frozen=True, slots=True)
class Preparation:
    """How far up the ladder a model came."""

    rung: Rung
    missed: Mapping[Rung, str]
    """Why the rungs above were not reached, a sentence each."""
    directory: Path | None
    """Where that is which `OpenedKokoro` or `ControlledKokoro` loads; None on lower rungs."""
    difference: float | None
    """The largest between a sample of what was made of the model and the same of the whole; full
    scale is 1."""
    windowed: float | None
    """The same between windows that are told the statistics of the whole, and the whole; None if
    there are no windows."""
    whole_because: str | None
    """Why a model that is in parts cannot be run in windows, in a sentence."""
    metadata: Mapping[str, str]
    """What the model says of itself, e.g. its vocabulary under `kokoro_config`."""


def prepare(model: Path, cache_dir: Path, progress: "Progress | None" = None) -> Preparation:
    """Take a model apart, or find that it was done before with this file and ONNX Runtime.

    An entry that was damaged since is made anew. The model file is left as it is.

    Raises:
        ModelMissing: there is no such file.
        ModelInvalid: the file is not a whole ONNX model, or not one of Kokoro.
        EngineError: the cache cannot be written.
    """
    if not model.is_file():
        raise ModelMissing(f"There is no file {model}; fetch it with `colloquy models fetch`.")
    try:
        entry = cache_dir / _key(model, cache_dir)
        manifest = cache.read(entry) or _made(model, entry, progress or _silent)
    except OSError as error:
        raise EngineError(
            f"The model cannot be prepared in {cache_dir}: {error.strerror or error}."
        ) from error
    return _preparation(manifest, entry)


def _key(model: Path, cache_dir: Path) -> str:
    made_by = f"ort{onnxruntime.__version__}-{processor()}"
    return f"{cache.digests(cache_dir).of(model)}-{made_by}-{cache.FORMAT}"


def _made(model: Path, entry: Path, progress: "Progress") -> cache.Manifest:
    # Loaded here: a third of a second and the onnx package, which a ready entry does not need.
    from actors.engines.kokoro_graph.build import build

    with cache.workplace(entry) as place:
        # Another process may have made it while this one waited for its turn.
        ready = cache.read(entry)
        if ready is not None:
            return ready
        parts = place / "parts"
        parts.mkdir()
        manifest = build(model, parts, progress)
        if not manifest.lasting:
            return manifest
        return cache.put(parts, manifest, entry)


def _preparation(manifest: cache.Manifest, entry: Path) -> Preparation:
    directory = entry if manifest.rung in (Rung.OPENED, Rung.CONTROLLED) else None
    return Preparation(
        rung=manifest.rung,
        missed=manifest.missed,
        directory=directory,
        difference=manifest.difference,
        windowed=manifest.windowed,
        whole_because=manifest.whole_because,
        metadata=manifest.metadata,
    )


def _silent(step: str, done: int, steps: int) -> None:
    """Tell no one."""
