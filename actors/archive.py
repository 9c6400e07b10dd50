"""Finished audio, kept without loss and found by what it is.

A file is addressed by the SHA-256 of its samples, not of its bytes: another encoder, or a later
release of this one, may pack the same samples otherwise, and the record must still find them.
"""

import hashlib
import io
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ABANDONED_S = 3600
"""No writer takes this long over a file."""


class ArchiveError(Exception):
    """Audio that is asked for cannot be given; `digest` says which."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class AudioMissing(ArchiveError):
    """No such audio is kept."""

    def __str__(self) -> str:
        return f"No audio {self.digest} is kept here; it may have been erased."


class AudioDamaged(ArchiveError):
    """The file is there, but does not hold the samples that it is named after."""

    def __str__(self) -> str:
        return f"The audio {self.digest} is damaged; restore its file from a backup."


class ArchiveUnavailable(Exception):
    """The disk refuses; the reason is the system's own."""

    def __init__(self, doing: str, reason: str) -> None:
        super().__init__(doing, reason)
        self.doing = doing
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"The audio cannot be {self.doing} for the moment ({self.reason}); nothing that was "
            "recorded is lost: ask again in the same words."
        )


class AudioArchive:
    """Audio on disk as FLAC. Any number of archives, in any processes, may share a directory."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        """Open the archive, created where there is none, and clear what dead writers left."""
        self._directory = Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._clear_abandoned()

    def keep(self, pcm: bytes) -> str:
        """Keep s16le mono samples at `SAMPLE_RATE` durably, and give their digest.

        Samples that are kept already are not written again; a damaged copy is replaced.

        Raises:
            ValueError: half a sample is left over at the end.
            ArchiveUnavailable: it cannot be written now, the disk is full say.
        """
        if len(pcm) % BYTES_PER_SAMPLE:
            raise ValueError(f"{len(pcm)} bytes are not a whole number of 16-bit samples.")
        digest = _digest(pcm)
        with _or_unavailable("kept"):
            if not self._holds(digest):
                self._write(self._path(digest), _flac(pcm))
        return digest

    def samples(self, digest: str) -> bytes:
        """Give the samples as they were kept, verified.

        Raises:
            AudioMissing: none are kept under this digest.
            AudioDamaged: the file holds something else, or nothing that can be decoded.
            ArchiveUnavailable: it cannot be read now.
            ValueError: this is no digest.
        """
        with _or_unavailable("read"):
            try:
                packed = self._path(digest).read_bytes()
            except FileNotFoundError:
                raise AudioMissing(digest) from None
        pcm = _decoded(packed)
        if pcm is None or _digest(pcm) != digest:
            raise AudioDamaged(digest)
        return pcm

    def forget(self, digest: str) -> None:
        """Remove the audio for good; what is not there is forgotten already.

        Two turns that sound the same share one file: the caller knows whether both may go.

        Raises:
            ArchiveUnavailable: it cannot be removed now.
            ValueError: this is no digest.
        """
        path = self._path(digest)
        with _or_unavailable("removed"):
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _sync_directory(path.parent)

    def _path(self, digest: str) -> Path:
        # A digest may come from a request: nothing but hex may become part of a path.
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"A digest is 64 lower-case hexadecimal digits, not {digest[:80]!r}.")
        return self._directory / digest[:2] / f"{digest}.flac"

    def _holds(self, digest: str) -> bool:
        try:
            self.samples(digest)
        except ArchiveError:
            return False
        return True

    def _write(self, path: Path, packed: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        _sync_directory(self._directory)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(packed)
                part.flush()
                os.fsync(part.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_directory(path.parent)

    def _clear_abandoned(self) -> None:
        # A younger file may belong to another process that is still writing it.
        oldest = time.time() - _ABANDONED_S
        for part in self._directory.glob("??/*.part"):
            try:
                if part.stat().st_mtime < oldest:
                    part.unlink()
            except FileNotFoundError:
                continue


@contextmanager
def _or_unavailable(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveUnavailable(doing, os.strerror(error.errno or 0)) from error


def _digest(pcm: bytes) -> str:
    return hashlib.sha256(pcm).hexdigest()


def _flac(pcm: bytes) -> bytes:
    packed = io.BytesIO()
    with av.open(packed, "w", format="flac", options={"metadata_header_padding": "0"}) as container:
        _encode(container, pcm)
    return packed.getvalue()


def _encode(container: OutputContainer, pcm: bytes) -> None:
    stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono", format="s16")
    if pcm:
        container.mux(stream.encode(_frame(pcm)))
    container.mux(stream.encode(None))


def _frame(pcm: bytes) -> AudioFrame:
    samples = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
    frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    frame.time_base = Fraction(1, SAMPLE_RATE)
    frame.pts = 0
    return frame


def _decoded(packed: bytes) -> bytes | None:
    """The samples of a FLAC file, or None where it cannot be decoded."""
    try:
        with av.open(io.BytesIO(packed), "r", format="flac") as container:
            frames = container.decode(container.streams.audio[0])
            return b"".join(frame.to_ndarray().tobytes() for frame in frames)
    except (av.FFmpegError, IndexError, ValueError):
        return None


def _sync_directory(directory: Path) -> None:
    """Make a rename, a removal or a new name within the directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
