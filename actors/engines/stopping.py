"""Stopping a synthesis from another thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol

from actors.engines.base import EngineError


class Stopped(EngineError):
    """The synthesis was stopped, because nobody listens any more."""


class Run(Protocol):
    """Something long that ends when it is told to: the options of a run of ONNX Runtime."""

    terminate: bool


class Stop:
    """Ends the runs that it was given to, and refuses all later ones; it cannot be taken back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._runs: list[Run] = []
        self._is_set = False

    @property
    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        """Stop now; from any thread, and as often as one likes."""
        with self._lock:
            self._is_set = True
            for run in self._runs:
                run.terminate = True

    def check(self) -> None:
        """Raises `Stopped` if it is set."""
        if self._is_set:
            raise Stopped("The synthesis was stopped.")

    @contextmanager
    def over(self, run: Run) -> Iterator[None]:
        """Have power over a run for as long as the context lasts.

        Raises:
            Stopped: on entering, if it is set already.
        """
        with self._lock:
            self.check()
            self._runs.append(run)
        try:
            yield
        finally:
            with self._lock:
                self._runs.remove(run)
