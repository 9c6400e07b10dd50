"""A Kokoro model in parts: what lies between them is arrays."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import EngineError
from actors.engines.kokoro_graph.rungs import (
    FRAME,
    HALF_FRAME,
    HAR_STEPS,
    Form,
    Noise,
    Part,
    whole_speed,
)
from actors.engines.kokoro_graph.sessions import Sessions
from actors.engines.kokoro_graph.statistics import NORMALISED, Moments, Statistics
from actors.engines.kokoro_graph.windows import SOURCE_CONTEXT, Schedule, Window
from actors.engines.stopping import Stop

Samples = NDArray[np.float32]
Frames = NDArray[np.int64]
Array = NDArray[np.float32]

BEFORE_SOUND = (Part.TEXT, Part.PROSODY)
"""The parts that every sound waits for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the model makes of T tokens before anything has a place in time."""

    durations: Array
    """In frames [T], not yet whole."""
    features: tuple[NDArray[Any], ...]
    """What the later steps are made from, which only the model that made it can read."""

    @property
    def frames(self) -> Frames:
        """Durations in whole frames [T], at least one each."""
        return rounded(self.durations)


@dataclass(frozen=True, slots=True)
class Score:
    """Everything that the sound is made from: how long each token lasts, and how high it is."""

    plan: Plan
    frames: Frames
    """Of 600 samples each, per token [T]; together F."""
    f0: Array
    """Hertz per half frame [2F]."""
    n: Array
    """The model's measure of energy, per half frame [2F]."""


class OpenedKokoro:
    """Runs the parts of a model one after the other; safe for use by many threads at a time.

    The first half of a style is the voice's colour, the second its manner; they may be of two
    voices, in one array or by giving the steps different ones. Whatever is given a `Stop` raises
    `Stopped` when that is set, and nothing but that call is affected.
    """

    def __init__(self, directory: Path, threads: int = 1, *, hurried: int | None = None) -> None:
        """Load parts that `prepare` put in a directory.

        Args:
            directory: Where they are.
            threads: That each run computes with.
            hurried: That runs compute with which a first sound waits for; as many if None. Another
                number may change the last bits of the samples.

        Raises:
            ModelInvalid: a part is missing or damaged.
        """
        self._sessions = Sessions(directory)
        self._threads, self._hurried = threads, hurried or threads
        self.windowed = all(self._sessions.has(part, Form.TOLD) for part in NORMALISED)
        """Sound can be made in windows, given statistics."""
        with ThreadPoolExecutor(2) as pool:
            # The other forms are loaded when a line is first spoken whole.
            deque(pool.map(self._sessions.loaded, *zip(*self._at_once(), strict=True)), maxlen=0)
        speed = self._sessions.loaded(Part.TEXT, threads=self._hurried).get_inputs()[2]
        self._whole_speed = whole_speed(speed.type)

    def plan(
        self, tokens: NDArray[np.int64], style: Array, speed: float, stop: Stop | None = None
    ) -> Plan:
        """Read tokens [T] in the manner of a style [1, 256].

        Raises:
            EngineError: the model failed on these tokens.
        """
        given = tokens.reshape(1, -1), style, self._speed_input(speed)
        raw, d, t_en = self._sessions.run(Part.TEXT, *given, threads=self._hurried, stop=stop)
        # A graph that takes whole speeds divides by 1, and we divide after it.
        scale = np.float32(1 / speed if self._whole_speed else 1)
        return Plan(raw.reshape(-1) * scale, (d, t_en))

    def score(self, plan: Plan, frames: Frames, style: Array, stop: Stop | None = None) -> Score:
        """Give the tokens of a plan these durations, and the melody that the style then has."""
        d, _ = plan.features
        en = np.repeat(d, frames, axis=2)
        f0, n = self._sessions.run(Part.PROSODY, en, style, threads=self._hurried, stop=stop)
        return Score(plan, frames, f0.reshape(-1), n.reshape(-1))

    def sound(
        self,
        score: Score,
        style: Array,
        noise: Noise,
        statistics: Statistics | None = None,
        schedule: Schedule = Schedule(),  # noqa: B008  frozen
        stop: Stop | None = None,
    ) -> Iterator[Samples]:
        """Make samples at 24 kHz in the colour of a style, 600 for each frame of the score.

        Of these come those that the schedule wants.

        With statistics of the voice they come in windows, of which the first is ready early; they
        then differ from the whole as far as the sentence's own statistics do. The same arguments
        give the same samples, whatever the schedule within rounding.

        Raises:
            EngineError: the model failed on this score.
        """
        if statistics is None:
            samples, _ = self._whole(score, style, noise, Form.PLAIN, stop)
            yield finite(samples[schedule.samples])
            return
        run = partial(self._sessions.run, threads=self._threads, stop=stop)
        excitation = _Excitation(run, score, noise)
        for window in schedule.windows(int(score.frames.sum())):
            yield finite(self._window(window, score, style, excitation, statistics, stop))

    def measured(
        self, score: Score, style: Array, noise: Noise, stop: Stop | None = None
    ) -> tuple[Samples, Statistics]:
        """Make the samples in one piece, and tell the statistics that they were normalised by."""
        samples, statistics = self._whole(score, style, noise, Form.MEASURED, stop)
        return finite(samples), statistics

    def speak(
        self, tokens: NDArray[np.int64], style: Array, speed: float, noise: Noise
    ) -> tuple[Samples, Frames]:
        """Speak tokens [T] as the model would; the same arguments give the same samples.

        Returns the samples, and how many frames of 600 samples each token lasts.

        Raises:
            EngineError: the model failed on these tokens.
        """
        plan = self.plan(tokens, style, speed)
        (samples,) = self.sound(self.score(plan, plan.frames, style), style, noise)
        return samples, plan.frames

    def _at_once(self) -> Iterator[tuple[Part, Form, int]]:
        """The sessions that a first line needs."""
        for part in Part:
            form = Form.TOLD if self.windowed and part in NORMALISED else Form.PLAIN
            yield part, form, self._hurried if part in BEFORE_SOUND else self._threads
        if self.windowed:
            yield Part.GENERATOR, Form.TOLD, self._hurried

    def _speed_input(self, speed: float) -> NDArray[Any]:
        return np.ones(1, self._whole_speed) if self._whole_speed else np.array([speed], np.float32)

    def _whole(
        self, score: Score, style: Array, noise: Noise, form: Form, stop: Stop | None
    ) -> tuple[Samples, Statistics]:
        f0, n, asr = _channel(score.f0), _channel(score.n), _asr(score, slice(None))
        drawn = noise(FRAME * int(score.frames.sum()))
        run = partial(self._sessions.run, threads=self._threads, stop=stop)
        (har,) = run(Part.SOURCE, f0, drawn)
        x, *pre = run(Part.PRE, asr, f0, n, style, form=form)
        samples, *generator = run(Part.GENERATOR, x, har, style, form=form)
        moments = dict(zip(NORMALISED, (pre, generator), strict=True))
        statistics = {
            part: Moments(*(each.reshape(-1) for each in arrays))
            for part, arrays in moments.items()
            if arrays
        }
        return samples.reshape(-1), statistics

    def _window(
        self,
        window: Window,
        score: Score,
        style: Array,
        excitation: "_Excitation",
        statistics: Statistics,
        stop: Stop | None,
    ) -> Samples:
        spoken, features = window.spoken, window.features
        halves = slice(2 * spoken.start, 2 * spoken.stop)
        given = _asr(score, spoken), _channel(score.f0[halves]), _channel(score.n[halves]), style
        told = partial(self._told, statistics=statistics, stop=stop)
        (x,) = told(Part.PRE, *given, threads=self._threads)
        har = excitation.within(features)
        threads = self._hurried if window.awaited else self._threads
        features_of = x[:, :, window.within_spoken]
        (samples,) = told(Part.GENERATOR, features_of, har, style, threads=threads)
        return samples.reshape(-1)[window.within_samples]

    def _told(
        self,
        part: Part,
        *arrays: Array,
        statistics: Statistics,
        threads: int,
        stop: Stop | None,
    ) -> list[Array]:
        moments = statistics[part].mean, statistics[part].variance
        return self._sessions.run(
            part, *arrays, *moments, form=Form.TOLD, threads=threads, stop=stop
        )


class _Excitation:
    """Of a score from its beginning on, as far as it was asked for.

    Its phase is a sum over all that was before, so it is made anew from the beginning when more is
    needed; by doubling that costs no more than making it all twice.
    """

    def __init__(self, run: Callable[..., list[Array]], score: Score, noise: Noise) -> None:
        self._run, self._f0, self._noise = run, score.f0, noise
        self._made, self._har = 0, np.empty((1, 0, 0), np.float32)

    def within(self, halves: slice) -> Array:
        needed = min(self._f0.size, halves.stop + SOURCE_CONTEXT)
        if needed > self._made:
            self._made = min(self._f0.size, max(needed, 2 * self._made))
            f0, drawn = _channel(self._f0[: self._made]), self._noise(HALF_FRAME * self._made)
            (self._har,) = self._run(Part.SOURCE, f0, drawn)
        return self._har[:, :, HAR_STEPS * halves.start : HAR_STEPS * halves.stop + 1]


def rounded(durations: Array) -> Frames:
    """Durations in whole frames [T], at least one each; halves go to the even, as in the graph."""
    frames: Frames = np.maximum(1, np.round(durations)).astype(np.int64)
    return frames


def _asr(score: Score, frames: slice) -> Array:
    """What is pronounced in some frames of the sentence."""
    tokens = np.repeat(np.arange(score.frames.size), score.frames)[frames]
    _, t_en = score.plan.features
    asr: Array = t_en[:, :, tokens]
    return asr


def _channel(values: NDArray[np.floating[Any]]) -> Array:
    return values.astype(np.float32, copy=False)[np.newaxis, np.newaxis]


def finite(samples: Samples) -> Samples:
    """Raises `EngineError` if they are no numbers."""
    if not np.isfinite(samples).all():
        raise EngineError("The model gave no numbers for sound; is the noise zero?")
    return samples
