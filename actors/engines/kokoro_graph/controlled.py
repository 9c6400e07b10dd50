"""A Kokoro model in one piece that is told its durations, its pitch and its noise."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import ModelInvalid
from actors.engines.kokoro_graph.controls import Step, file_of_step
from actors.engines.kokoro_graph.graph import Array, Frames, Plan, Samples, Score, finite
from actors.engines.kokoro_graph.rungs import (
    F0_CONTROL,
    FRAME,
    FRAMES_CONTROL,
    NOISE_CONTROL,
    Noise,
    token_input,
    whole_speed,
)
from actors.engines.kokoro_graph.sessions import load, run
from actors.engines.kokoro_graph.statistics import Statistics
from actors.engines.kokoro_graph.windows import Schedule
from actors.engines.stopping import Stop


class ControlledKokoro:
    """Steps as `OpenedKokoro` has them, each a run of the graph from its beginning on.

    What comes first is computed again by every step, a twentieth of all the work; weights are
    shared between processes, but nothing is made in windows. Safe for use by many threads.
    """

    windowed = False

    def __init__(self, directory: Path, threads: int = 1) -> None:
        """Load what `prepare` put in a directory.

        Raises:
            ModelInvalid: it is missing or damaged.
        """
        try:
            self._sessions = {step: load(directory / file_of_step(step), threads) for step in Step}
        except Exception as error:
            raise ModelInvalid(f"The model in {directory} is not whole; prepare anew.") from error
        inputs = {each.name: each.type for each in self._sessions[Step.PLAN].get_inputs()}
        self._tokens = token_input(inputs)
        self._whole_speed = whole_speed(inputs["speed"])

    def plan(
        self, tokens: NDArray[np.int64], style: Array, speed: float, stop: Stop | None = None
    ) -> Plan:
        """See `OpenedKokoro.plan`."""
        given = tokens.reshape(1, -1)
        (raw,) = self._run(Step.PLAN, self._feeds(given, style), stop)
        durations: Array = raw.reshape(-1) * np.float32(1 / speed)
        return Plan(durations, (given, raw))

    def score(self, plan: Plan, frames: Frames, style: Array, stop: Stop | None = None) -> Score:
        """See `OpenedKokoro.score`."""
        f0, n = self._run(Step.SCORE, self._lasting(plan, frames, style), stop)
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
        """Make samples as `OpenedKokoro.sound` does without statistics, in one piece."""
        feeds = {
            **self._lasting(score.plan, score.frames, style),
            F0_CONTROL: score.f0.astype(np.float32, copy=False).reshape(1, 1, -1),
            NOISE_CONTROL: noise(FRAME * int(score.frames.sum())),
        }
        (samples,) = self._run(Step.SOUND, feeds, stop)
        yield finite(samples.reshape(-1)[schedule.samples])

    def _lasting(self, plan: Plan, frames: Frames, style: Array) -> dict[str, NDArray[Any]]:
        tokens, raw = plan.features
        lasts = frames.astype(np.float32).reshape(raw.shape)
        return {**self._feeds(tokens, style), FRAMES_CONTROL: lasts}

    def _feeds(self, tokens: NDArray[Any], style: Array) -> dict[str, NDArray[Any]]:
        speed = np.ones(1, self._whole_speed or np.float32)
        return {self._tokens: tokens, "style": style, "speed": speed}

    def _run(
        self, step: Step, feeds: Mapping[str, NDArray[Any]], stop: Stop | None
    ) -> list[NDArray[Any]]:
        session = self._sessions[step]
        # A model may draw no noise, and what is told its durations need not know the speed.
        taken = {each.name: feeds[each.name] for each in session.get_inputs()}
        return run(session, taken, stop)
