"""Phrases follow one another without a click."""

import numpy as np
import pytest

from actors.engines.base import SAMPLE_RATE, Engine
from tests.contracts.engines import ENGINES, voice_of
from tests.contracts.seams import clicks, spoken, steps


@pytest.fixture(scope="module", params=["espeak", "kokoro"])
def speaker(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]()


@pytest.mark.parametrize("pausing", [True, False], ids=["pausing", "running on"])
def test_no_seam_is_a_step_or_a_click(speaker: Engine, pausing: bool) -> None:
    samples, seams = spoken(speaker, voice_of(speaker), pausing=pausing)
    assert len(seams) >= 3
    assert max(steps(samples, seams)) <= 1
    assert max(clicks(samples, seams)) <= 1


def tone(hertz: float, phase: float = 0.0) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    seconds = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    return 8000 * np.sin(2 * np.pi * hertz * seconds + phase)


def test_a_tone_that_goes_on_has_no_seam() -> None:
    on = np.concatenate([tone(200), tone(200)])
    seam = [SAMPLE_RATE // 2]
    assert steps(on, seam)[0] <= 1
    assert clicks(on, seam)[0] <= 1


@pytest.mark.parametrize("phase", [0.5, 2.0])
def test_a_tone_that_jumps_is_found_out(phase: float) -> None:
    jumping = np.concatenate([tone(200), tone(200, phase)])
    seam = [SAMPLE_RATE // 2]
    assert steps(jumping, seam)[0] > 3
    assert clicks(jumping, seam)[0] > 100
