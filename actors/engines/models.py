"""The files of a model: where they are, where they come from, and whether they are whole."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from actors.engines.base import EngineError, ModelInvalid

PUBLISHED_AT = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.1"

SUMS = "SHA256SUMS"
"""Beside the files: what was fetched, in the form that `sha256sum --check` reads."""

_TIMEOUT = httpx.Timeout(30, connect=10)

Progress = Callable[[str, int, int], None]
"""Told the file, the bytes that are there, and the bytes there will be."""


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


def fetch(
    destination: Path,
    base_url: str = PUBLISHED_AT,
    progress: Progress = lambda file, done, size: None,
    files: Sequence[Published] = MANIFEST,
) -> ModelFiles:
    """Fetch what is not yet there, going on where an earlier attempt was cut off.

    A file appears under its name only when it is whole.

    Raises:
        ModelInvalid: what came is not what was published.
        EngineError: it cannot be fetched, or not be written.
    """
    try:
        destination.mkdir(parents=True, exist_ok=True)
        with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client:
            for file in files:
                _ensure(client, destination, base_url.rstrip("/"), file, progress)
    except OSError as error:
        raise EngineError(
            f"Cannot write to {destination} ({error.strerror}); make room or name another place."
        ) from error
    model, voices = (destination / file.name for file in files)
    return ModelFiles(model, voices)


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


def _ensure(
    client: httpx.Client, destination: Path, base_url: str, file: Published, progress: Progress
) -> None:
    whole, part = destination / file.name, destination / f"{file.name}.part"
    if not (whole.is_file() and _matches(whole, file)):
        try:
            _download(client, f"{base_url}/{file.name}", part, file, progress)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EngineError(
                f"Cannot fetch {file.name} from {base_url} ({_cause(error)}); check the network "
                f"and run it again, or copy the file to {destination} yourself."
            ) from error
        _require(part, file)
        os.replace(part, whole)
    _record(destination, file)


def _download(
    client: httpx.Client, url: str, part: Path, file: Published, progress: Progress
) -> None:
    done = part.stat().st_size if part.is_file() else 0
    if done >= file.size:
        done = 0
    # Identity, as positions in a compressed body are not positions in the file.
    headers = {"Accept-Encoding": "identity", "Range": f"bytes={done}-"}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            # What is there is longer than what the source has: the next attempt begins anew.
            part.unlink(missing_ok=True)
        response.raise_for_status()
        if response.status_code != httpx.codes.PARTIAL_CONTENT:
            done = 0
        with part.open("r+b" if done else "wb") as sink:
            sink.seek(done)
            for block in response.iter_raw():
                done += sink.write(block)
                if done > file.size:
                    break
                progress(file.name, done, file.size)
            sink.truncate()
            os.fsync(sink.fileno())


def _require(part: Path, file: Published) -> None:
    if part.stat().st_size < file.size:
        raise EngineError(f"The transfer of {file.name} was cut off; run it again to go on.")
    if not _matches(part, file):
        part.unlink()
        raise ModelInvalid(f"What came is not {file.name} as it was published; try another source.")


def _matches(path: Path, file: Published) -> bool:
    return path.stat().st_size == file.size and _digest(path) == file.sha256


def _record(directory: Path, file: Published) -> None:
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


def _cause(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return str(error) or type(error).__name__
