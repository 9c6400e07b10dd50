"""Getting the files of a model, where there is a network."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from actors.engines.base import EngineError, ModelInvalid
from actors.engines.models import MANIFEST, ModelFiles, Published, matches, record

PUBLISHED_AT = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.1"

_TIMEOUT = httpx.Timeout(30, connect=10)

Progress = Callable[[str, int, int], None]
"""Told the file, the bytes that are there, and the bytes there will be."""


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


def _ensure(
    client: httpx.Client, destination: Path, base_url: str, file: Published, progress: Progress
) -> None:
    whole, part = destination / file.name, destination / f"{file.name}.part"
    if not (whole.is_file() and matches(whole, file)):
        try:
            _download(client, f"{base_url}/{file.name}", part, file, progress)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EngineError(
                f"Cannot fetch {file.name} from {base_url} ({_cause(error)}); check the network "
                f"and run it again, or copy the file to {destination} yourself."
            ) from error
        _require(part, file)
        os.replace(part, whole)
    record(destination, file)


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
    if not matches(part, file):
        part.unlink()
        raise ModelInvalid(f"What came is not {file.name} as it was published; try another source.")


def _cause(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return str(error) or type(error).__name__
