"""How far a model could be opened, and the contract that its parts keep."""

from collections.abc import Callable, Collection
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from actors.engines.base import EngineError

FRAME = 600
"""Samples in one frame of a duration: 25 ms."""

HALF_FRAME = 300
"""Samples in one value of F0, and in one column of the generator's features: 12.5 ms."""

HAR_STEPS = 60
"""Columns of the excitation in half a frame; it has one more at its end."""

HARMONICS = 9
"""Columns of the noise: the fundamental and its overtones."""

STYLE_SIZE = 256

TOKEN_INPUTS = ("tokens", "input_ids")
"""What the input for phonemes is called, by the generation of the export."""

DURATION_OUTPUT = "duration"

FRAMES_CONTROL, F0_CONTROL, NOISE_CONTROL = "control/frames", "control/f0", "control/noise"
"""What a controlled model takes: durations by token, F0 [1, 1, 2F], noise."""


class NotOpenable(EngineError):
    """A Kokoro model of a make that we cannot take apart; the message names what was not found."""


class Unproven(NotOpenable):
    """The parts do not run here, or not as the whole does; it may be for want of memory or room."""


class Rung(StrEnum):
    """What can be done with a model, the most first."""

    OPENED = "opened"
    """It is in parts: durations, pitch and noise are arrays between them."""
    CONTROLLED = "controlled"
    """It is in one piece that takes durations, pitch and noise: it can do all but begin early."""
    DURATIONS = "durations"
    """It runs whole, and tells how long each token lasts."""
    WHOLE = "whole"
    """It runs whole, and gives samples only."""


class Part(StrEnum):
    """The five parts in the order in which they run; T tokens, F frames.

    All arrays are float32, except the tokens, which are int64, and the speed, which has the type
    that the model declares. Inputs and outputs are positional.
    """

    TEXT = "text"
    """tokens [1, T], style [1, 256], speed [1] to durations in frames [1, T], d, t_en [1, _, T]."""
    PROSODY = "prosody"
    """d by frame [1, _, F], style to F0 in hertz and N, each [1, 1, 2F]."""
    SOURCE = "source"
    """F0, noise [1, 600F, 9] to the excitation har [1, 22, 120F + 1]."""
    PRE = "pre"
    """t_en by frame [1, _, F], F0, N, style to the features x [1, _, 2F]."""
    GENERATOR = "generator"
    """x, har, style to samples [600F]."""


class Form(StrEnum):
    """What a part normalises by: by default the sentence that it is given."""

    PLAIN = "plain"
    TOLD = "told"
    """By statistics that are two more inputs, mean [C] and variance [C]."""
    MEASURED = "measured"
    """By the sentence, whose statistics [1, C, 1] are two more outputs."""


def token_input(inputs: Collection[str]) -> str:
    """What the input for phonemes is called here."""
    return next(name for name in TOKEN_INPUTS if name in inputs)


def whole_speed(declared: str) -> type[np.int32] | type[np.int64] | None:
    """The type of an input for speed, as a session declares it, if that is whole; else None."""
    whole: dict[str, type[np.int32] | type[np.int64]]
    whole = {"tensor(int32)": np.int32, "tensor(int64)": np.int64}
    return whole.get(declared)


Noise = Callable[[int], NDArray[np.float32]]
"""Given a number of samples n, gives noise [1, n, 9]; zeros would make the sound no numbers."""


def seeded_noise(seed: int) -> Noise:
    """Noise that is the same for a seed: longer noise begins as the shorter does."""

    def noise(samples: int) -> NDArray[np.float32]:
        shape = (1, samples, HARMONICS)
        return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)

    return noise
