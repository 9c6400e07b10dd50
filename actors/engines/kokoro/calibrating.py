"""Voices made fit for windows while nobody needs the processor."""

import logging
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

from actors.engines.base import EngineError
from actors.engines.kokoro.files import Styles, read_voices
from actors.engines.kokoro_graph import Calibration, Calibrations, OpenedKokoro, Statistics, pooled
from actors.engines.stopping import Stop, Stopped

MOST_WAITING = 64
"""Voices that wait to be calibrated; more are remembered when they are spoken with again."""

Parts = Sequence[tuple[Styles, float]]
"""The voices of a blend, and the weight of each."""

_log = logging.getLogger(__name__)


def calibrated(
    prepared: Path, voices: Path, threads: int
) -> Iterator[tuple[str, Calibration, int]]:
    """Calibrate the voices of a file for a prepared model, those first that are done first.

    Yields each voice with its calibration, and how many there are. Takes 20 seconds of a core for
    each that is not calibrated yet; so many are done side by side.

    Raises:
        ModelInvalid: it is not a whole file of voices.
        EngineError: the model failed on a voice, or nothing can be kept.
    """
    styles = read_voices(voices)
    opened, calibrations = OpenedKokoro(prepared), Calibrations(prepared)
    if not opened.windowed:
        return
    stop = Stop()
    with ThreadPoolExecutor(threads) as pool:
        doing = {
            pool.submit(calibrations.made, opened, each, stop): name
            for name, each in styles.items()
        }
        try:
            for done in as_completed(doing):
                yield doing[done], done.result(), len(styles)
        finally:
            stop.set()


class VoiceStatistics:
    """What windows are normalised by, for each voice that was found fit for them.

    A voice that is not calibrated speaks whole until a thread of low priority has done that, which
    takes 20 seconds of a core, once for each model.
    """

    def __init__(
        self, opened: OpenedKokoro, calibrations: Calibrations, *, calibrating: bool
    ) -> None:
        self._opened = opened
        self._calibrations = calibrations
        self._wanted: queue.Queue[Styles] = queue.Queue(MOST_WAITING)
        self._stop = Stop()
        self._thread = threading.Thread(target=self._work, name="calibrating", daemon=True)
        if calibrating and opened.windowed:
            self._thread.start()

    def of(self, parts: Parts) -> Statistics | None:
        """Of a voice or blend; None if it speaks whole."""
        if not self._opened.windowed:
            return None
        found = [(self._calibrations.of(styles), weight) for styles, weight in parts]
        for (styles, _), (calibration, _) in zip(parts, found, strict=True):
            if calibration is None:
                with suppress(queue.Full):
                    self._wanted.put_nowait(styles)
        fit = [(each.statistics, weight) for each, weight in found if each and each.passed]
        return pooled(fit) if len(fit) == len(parts) else None

    def close(self) -> None:
        """End the thread; what it was about is begun anew the next time."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        while not self._stop.is_set:
            try:
                self._calibrations.made(self._opened, self._wanted.get(timeout=0.5), self._stop)
            except queue.Empty:
                continue
            except Stopped:
                return
            except EngineError as failure:
                _log.warning("a voice was not calibrated: %s", failure)
