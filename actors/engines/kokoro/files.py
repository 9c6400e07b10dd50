"""The files of a Kokoro model, read and looked at."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import ModelInvalid, ModelMissing
from actors.engines.kokoro_graph.rungs import STYLE_SIZE

Styles = NDArray[np.float32]
"""Of one voice [N, 1, 256]: the n-th for a line of n phonemes, the last for longer ones."""


def require_file(path: Path) -> None:
    """Raises `ModelMissing`."""
    if not path.is_file():
        raise ModelMissing(f"There is no file {path}; fetch it with `colloquy models fetch`.")


def read_voices(path: Path) -> dict[str, Styles]:
    """All voices of a file by name, half a megabyte each.

    Raises:
        ModelInvalid: it is not a whole file of voices.
    """
    try:
        with path.open("rb") as file, np.load(file) as archive:
            voices = {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, AttributeError, TypeError, zipfile.BadZipFile) as error:
        raise ModelInvalid(
            f"{path} is not a whole file of voices; fetch it anew with `colloquy models fetch`."
        ) from error
    if not voices:
        raise ModelInvalid(f"{path} has no voices; fetch it anew with `colloquy models fetch`.")
    for name, styles in voices.items():
        _require_styles(name, styles, path)
    return voices


def style_of(styles: Styles, phonemes: int) -> NDArray[np.float32]:
    """The style [1, 256] for a line of so many phonemes."""
    style: NDArray[np.float32] = styles[min(phonemes, len(styles)) - 1]
    return style


def _require_styles(name: str, styles: Styles, path: Path) -> None:
    shape = styles.shape
    if len(shape) != 3 or shape[1:] != (1, STYLE_SIZE) or not shape[0]:
        right = False
    else:
        right = styles.dtype == np.float32 and bool(np.isfinite(styles).all())
    if not right:
        raise ModelInvalid(
            f"The voice {name} in {path} has the shape {shape} of {styles.dtype}; "
            f"it should be (510, 1, {STYLE_SIZE}) of float32, and finite."
        )
