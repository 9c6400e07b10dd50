"""What is known of the voices of a prepared model: kept beside it, by the content of each voice."""

import hashlib
import io
import os
import threading
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import EngineError
from actors.engines.kokoro_graph.calibration import Calibration, calibrate
from actors.engines.kokoro_graph.graph import OpenedKokoro
from actors.engines.kokoro_graph.statistics import NORMALISED, Moments
from actors.engines.stopping import Stop

_DIGEST_SIZE = hashlib.sha256().digest_size


class Calibrations:
    """Of voices, read once; safe for use by many threads and processes at a time."""

    def __init__(self, directory: Path) -> None:
        """Look beside the directory of a prepared model."""
        self._directory = directory.with_name(f"{directory.name}.voices")
        self._known: dict[str, Calibration] = {}

    def of(self, styles: NDArray[np.float32]) -> Calibration | None:
        """What is known of a voice by its styles [510, 1, 256]; None if it is not calibrated."""
        name = _name(styles)
        if name not in self._known:
            found = _read(self._directory / name)
            if found is None:
                return None
            self._known[name] = found
        return self._known[name]

    def made(
        self, kokoro: OpenedKokoro, styles: NDArray[np.float32], stop: Stop | None = None
    ) -> Calibration:
        """What is known of a voice; if that is nothing, or was damaged, it is calibrated now.

        Raises:
            Stopped: by `stop`.
            EngineError: the model failed on the voice, or the calibration cannot be kept.
        """
        known = self.of(styles)
        if known is None:
            known = calibrate(kokoro, styles, stop)
            self._keep(_name(styles), known)
        return known

    def _keep(self, name: str, made: Calibration) -> None:
        path = self._directory / name
        own = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            own.write_bytes(_sealed(made))
            own.replace(path)
        except OSError as error:
            with suppress(OSError):
                own.unlink()
            raise EngineError(
                f"The calibration cannot be kept in {self._directory}: {error.strerror or error}."
            ) from error
        self._known[name] = made


def _name(styles: NDArray[np.float32]) -> str:
    return f"{hashlib.sha256(styles.tobytes()).hexdigest()}.npz"


def _sealed(made: Calibration) -> bytes:
    """The arrays as an archive, behind its SHA-256."""
    arrays: dict[str, NDArray[np.floating]] = {"gate": np.array([made.distance, made.redrawn])}
    for part, moments in made.statistics.items():
        arrays |= {f"{part}.mean": moments.mean, f"{part}.variance": moments.variance}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    content = file.getvalue()
    return hashlib.sha256(content).digest() + content


def _read(path: Path) -> Calibration | None:
    try:
        sealed = path.read_bytes()
    except OSError:
        return None
    seal, content = sealed[:_DIGEST_SIZE], sealed[_DIGEST_SIZE:]
    if hashlib.sha256(content).digest() != seal:
        return None
    try:
        with np.load(io.BytesIO(content)) as archive:
            statistics = {
                part: Moments(archive[f"{part}.mean"], archive[f"{part}.variance"])
                for part in NORMALISED
            }
            distance, redrawn = archive["gate"].tolist()
    except (KeyError, ValueError, zipfile.BadZipFile):
        return None
    return Calibration(statistics, distance, redrawn)
