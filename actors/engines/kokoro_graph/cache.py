"""Entries of prepared models: made beside their place, put there whole, checked when read."""

import fcntl
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from actors.engines.kokoro_graph.digests import Digests
from actors.engines.kokoro_graph.rungs import Rung

MANIFEST = "manifest.json"

FORMAT = 4
"""Of an entry. The manifest is stored: change it only together with this number."""


class Manifest(BaseModel):
    """What is known of a model, and what its entry holds."""

    model_config = ConfigDict(frozen=True)

    rung: Rung
    missed: Mapping[Rung, str] = Field(default_factory=dict)
    """Why the rungs above were not reached, a sentence each."""
    difference: float | None = None
    """The largest between a sample of the parts and the same of the whole; None if not in parts."""
    windowed: float | None = None
    """The same between windows that are told the statistics of the whole, and the whole; None if
    there are no windows."""
    whole_because: str | None = None
    """Why a model that is in parts cannot be run in windows, in a sentence."""
    metadata: Mapping[str, str] = Field(default_factory=dict)
    """What the model says of itself, e.g. its vocabulary under `kokoro_config`."""
    files: Mapping[str, str] = Field(default_factory=dict)
    """SHA-256 by name, of all files but this."""
    lasting: bool = True
    """Another attempt at the same model would end the same."""


def digests(cache_dir: Path) -> Digests:
    """Of the files in a cache, and of the models that its entries were made from."""
    return Digests(cache_dir / "digests.json")


def read(entry: Path) -> Manifest | None:
    """Read an entry; None if it is not there, not whole, or not what was put there."""
    try:
        manifest = Manifest.model_validate_json((entry / MANIFEST).read_bytes())
        whole = _digests(entry, digests(entry.parent)) == dict(manifest.files)
    except (OSError, ValidationError):
        return None
    return manifest if whole else None


def put(made: Path, manifest: Manifest, entry: Path) -> Manifest:
    """Seal a directory with its manifest and move it to its place, where a damaged one may be."""
    sealed = manifest.model_copy(update={"files": _digests(made, digests(entry.parent))})
    (made / MANIFEST).write_text(sealed.model_dump_json(indent=1))
    if entry.exists():
        # Moved, never changed: another process may run from these files.
        entry.rename(made.with_name("damaged"))
    made.rename(entry)
    return sealed


@contextmanager
def workplace(entry: Path) -> Iterator[Path]:
    """An empty directory beside an entry, which only one process at a time is given.

    What is left in it is removed, and so is what a process left that was killed here.
    """
    entry.parent.mkdir(parents=True, exist_ok=True)
    place = entry.with_name(f".{entry.name}.making")
    with entry.with_name(f".{entry.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _digests(directory: Path, known: Digests) -> dict[str, str]:
    files = sorted(path for path in directory.iterdir() if path.name != MANIFEST)
    return {path.name: known.of(path) for path in files}
