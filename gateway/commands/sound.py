"""What a command does with speech: it plays it, or puts it into one file."""

import shutil
import subprocess
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from actors.engines.base import BYTES_PER_SAMPLE, SAMPLE_RATE

PLAYERS: Mapping[str, tuple[str, ...]] = {
    "aplay": ("-q",),
    "paplay": (),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error"),
    "afplay": (),
}
"""Programs that play a WAV file and return when it ended, the best first, and their options."""

Which = Callable[[str], str | None]
Run = Callable[[list[str]], int]


class CannotPlay(Exception):
    """A player failed, for want of a sound card say."""


class CannotWrite(Exception):
    """A sound file cannot be written; the message says what would help."""


class Recording:
    """Turns one after another, with the pauses between them, as one sound."""

    def __init__(self) -> None:
        self._pcm = bytearray()

    def add(self, pcm: bytes, pause_ms: int = 0) -> None:
        """Append 16-bit samples after a silence; a pause below 0 is none."""
        self._pcm += bytes(max(0, pause_ms) * SAMPLE_RATE // 1000 * BYTES_PER_SAMPLE)
        self._pcm += pcm

    @property
    def seconds(self) -> float:
        return len(self._pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE

    def save(self, path: Path) -> None:
        """Write a WAV file.

        Raises:
            CannotWrite: the disk is full, say.
        """
        try:
            with path.open("wb") as file, wave.open(file) as wav:
                wav.setnchannels(1)
                wav.setsampwidth(BYTES_PER_SAMPLE)
                wav.setframerate(SAMPLE_RATE)
                wav.writeframes(self._pcm)
        except OSError as error:
            raise CannotWrite(
                f"Cannot write {path} ({error.strerror}); name another file with --output."
            ) from error


class Player:
    """A program that plays files."""

    def __init__(self, command: list[str], run: Run) -> None:
        self.name = Path(command[0]).name
        self._command, self._run = command, run

    @classmethod
    def find(cls, which: Which = shutil.which, run: Run | None = None) -> "Player | None":
        """The best player that is installed."""
        for name, options in PLAYERS.items():
            path = which(name)
            if path is not None:
                return cls([path, *options], run or _run)
        return None

    def play(self, pcm: bytes, pause_ms: int = 0) -> None:
        """Play samples after a silence, and return when they have been heard.

        Raises:
            CannotPlay: the program failed.
        """
        piece = Recording()
        piece.add(pcm, pause_ms)
        with TemporaryDirectory(prefix="colloquy-") as folder:
            path = Path(folder) / "turn.wav"
            piece.save(path)
            code = self._run([*self._command, str(path)])
        if code:
            raise CannotPlay(f"{self.name} could not play it (exit code {code})")


def _run(command: list[str]) -> int:
    quiet = subprocess.DEVNULL
    done = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False)  # noqa: S603  (one of PLAYERS)
    return done.returncode
