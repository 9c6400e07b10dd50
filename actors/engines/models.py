"""The files of a model: which there should be, where they are, and whether they are whole."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PREPARED = "prepared"
"""Beside a model: what was made of it, see `kokoro_graph`."""

SUMS = "SHA256SUMS"
"""Beside the files: what was fetched, in the form that `sha256sum --check` reads."""


@dataclass(frozen=True, slots=True)
class Published:
    """A file as it was published."""

    name: str
    size: int
    sha256: str


MANIFEST = (
    Published(
        "kokoro-v1.0.onnx",
        325_505_369,
        "beb0d1848dee9a49da392cc3df26958d46cfa35d321edf434f52949153f0df3a",
    ),
    Published(
        "voices-v1.0.bin",
        28_214_398,
        "bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d",
    ),
)
"""The model, then its voices."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    model: Path
    voices: Path


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found of one file."""

    file: Path
    size: int | None
    """In bytes; None if there is no file."""
    sha256: str | None
    problem: str | None
    """What is wrong and what would be right, in a sentence; None if nothing is."""

    @property
    def ok(self) -> bool:
        return self.problem is None


def find_models(model_dir: Path) -> ModelFiles | None:
    """Find the published files, or else the only model and the only voices in a directory."""
    published = [model_dir / each.name for each in MANIFEST]
    if all(path.is_file() for path in published):
        return ModelFiles(*published)
    models, voices = sorted(model_dir.glob("*.onnx")), sorted(model_dir.glob("*.bin"))
    if len(models) == len(voices) == 1:
        return ModelFiles(models[0], voices[0])
    return None


def check(model_dir: Path, files: Sequence[Published] = MANIFEST) -> list[Finding]:
    """Look at the files a directory should have, and those that an engine would take instead."""
    published = {each.name: each for each in files}
    sums = _recorded(model_dir)
    found = find_models(model_dir)
    taken = [found.model, found.voices] if found else [model_dir / name for name in published]
    return [_look(path, published.get(path.name), sums.get(path.name)) for path in taken]


def _look(path: Path, published: Published | None, recorded: str | None) -> Finding:
    if not path.is_file():
        return Finding(path, None, None, "It is not there; run `colloquy models fetch`.")
    size, digest = path.stat().st_size, _digest(path)
    problem = None
    if published is not None and size != published.size:
        problem = f"It has {size} bytes instead of {published.size}; delete it and fetch it anew."
    elif published is not None and digest != published.sha256:
        problem = "It is not the file that was published; delete it and fetch it anew."
    elif recorded is not None and digest != recorded:
        problem = f"It is not the file recorded in {SUMS}; delete it and fetch it anew."
    return Finding(path, size, digest, problem)


def matches(path: Path, file: Published) -> bool:
    """Whether a file is the published one."""
    return path.stat().st_size == file.size and _digest(path) == file.sha256


def record(directory: Path, file: Published) -> None:
    """Write down beside a file what it was when it was fetched."""
    sums = _recorded(directory) | {file.name: file.sha256}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    part = directory / f"{SUMS}.part"
    part.write_text(lines)
    os.replace(part, directory / SUMS)


def _recorded(directory: Path) -> dict[str, str]:
    sums = directory / SUMS
    lines = sums.read_text().splitlines() if sums.is_file() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _digest(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
