"""A model that stays in one piece, and is steered all the same."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from actors.engines.base import EngineError, ModelInvalid
from actors.engines.kokoro import KokoroEngine
from actors.engines.kokoro_graph import ControlledKokoro, OpenedKokoro, Rung, prepare, seeded_noise
from actors.engines.kokoro_graph.build import TOLERANCE
from actors.engines.models import PREPARED
from actors.engines.stopping import Stop, Stopped
from events.direction import Phrase, WordProsody
from tests.fixtures.listening import listen
from tests.unit.engines.test_kokoro_graph import (
    MODEL,
    TOKENS,
    Change,
    changed,
    draw_no_noise,
    enter_otherwise,
    hiss,
    scramble,
    take_whole_speeds,
    tell_no_durations,
)

VOICES = MODEL.with_name("voices-small.bin")
NOISE = seeded_noise(4)
LINE = "Two of the small ones, please."


def aligned_otherwise(model: onnx.ModelProto) -> None:
    """Lay out the tokens in frames in a way that nobody looks for."""
    for number, node in enumerate(list(model.graph.node)):
        if node.op_type == "MatMul" and node.output[0] in (
            "/MatMul_output_0",
            "/MatMul_1_output_0",
        ):
            own = f"{node.input[1]}/{number}"
            model.graph.node.insert(
                list(model.graph.node).index(node),
                helper.make_node("Identity", [node.input[1]], [own]),
            )
            node.input[1] = own


@pytest.fixture(scope="module")
def style() -> np.ndarray:
    with np.load(VOICES) as voices:
        return voices["bf_random"][len(TOKENS) - 3]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("controlled")
    prepared = prepare(changed(place / "m.onnx", aligned_otherwise), place / "cache")
    assert prepared.directory is not None
    assert prepared.rung is Rung.CONTROLLED
    return prepared.directory


@pytest.fixture(scope="module")
def kokoro(directory: Path) -> ControlledKokoro:
    return ControlledKokoro(directory)


def spoken(
    model: ControlledKokoro | OpenedKokoro, style: np.ndarray, hertz: float, frames: int
) -> np.ndarray:
    plan = model.plan(TOKENS, style, 1.0)
    score = model.score(plan, np.full(len(TOKENS), frames), style)
    score = dataclasses.replace(score, f0=np.full_like(score.f0, hertz))
    return np.concatenate(list(model.sound(score, style, NOISE)))


@pytest.mark.parametrize(
    "changes",
    [
        [aligned_otherwise],
        [enter_otherwise],
        [draw_no_noise],
        [aligned_otherwise, scramble],
        [aligned_otherwise, take_whole_speeds, tell_no_durations],
    ],
)
def test_a_model_that_cannot_be_cut_takes_controls(tmp_path: Path, changes: list[Change]) -> None:
    prepared = prepare(changed(tmp_path / "m.onnx", *changes), tmp_path / "cache")
    assert (prepared.rung, list(prepared.missed)) == (Rung.CONTROLLED, [Rung.OPENED])
    assert prepared.difference is not None
    assert prepared.difference <= TOLERANCE
    assert prepare(tmp_path / "m.onnx", tmp_path / "cache") == prepared


def test_controls_that_are_not_proven_are_not_kept(tmp_path: Path) -> None:
    prepared = prepare(changed(tmp_path / "m.onnx", aligned_otherwise, hiss), tmp_path / "cache")
    assert prepared.rung is Rung.DURATIONS
    assert "differ" in prepared.missed[Rung.CONTROLLED]


def test_controls_are_obeyed_as_parts_obey_them(
    kokoro: ControlledKokoro, style: np.ndarray, tmp_path: Path
) -> None:
    opened = prepare(MODEL, tmp_path).directory
    assert opened is not None
    expected = spoken(OpenedKokoro(opened), style, 180, 4)
    np.testing.assert_allclose(spoken(kokoro, style, 180, 4), expected, rtol=0, atol=1e-5)
    assert np.abs(spoken(kokoro, style, 120, 4) - expected).max() > 0.01
    assert len(spoken(kokoro, style, 180, 5)) == 600 * 5 * len(TOKENS)


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_a_plan_is_that_of_the_parts(
    kokoro: ControlledKokoro, style: np.ndarray, tmp_path: Path, speed: float
) -> None:
    opened = prepare(MODEL, tmp_path).directory
    assert opened is not None
    plan, expected = (each.plan(TOKENS, style, speed) for each in (kokoro, OpenedKokoro(opened)))
    np.testing.assert_allclose(plan.durations, expected.durations, rtol=1e-5)


def test_the_same_noise_is_the_same_sound(kokoro: ControlledKokoro, style: np.ndarray) -> None:
    np.testing.assert_array_equal(spoken(kokoro, style, 150, 3), spoken(kokoro, style, 150, 3))


def test_it_can_be_stopped_and_goes_on_after_failing(
    kokoro: ControlledKokoro, style: np.ndarray
) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        kokoro.plan(TOKENS, style, 1.0, stop)
    with pytest.raises(EngineError, match="fewer"):
        kokoro.plan(np.full(3000, 43), style, 1.0)
    assert spoken(kokoro, style, 150, 3).any()


def test_a_damaged_one_is_refused(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "controlled.plan.onnx").write_bytes(b"no model")
    with pytest.raises(ModelInvalid, match="prepare anew"):
        ControlledKokoro(tmp_path)


def test_the_engine_obeys_a_direction_with_it(tmp_path: Path) -> None:
    model = changed(tmp_path / "m.onnx", aligned_otherwise)
    engine = KokoroEngine(model, VOICES)
    assert (model.parent / PREPARED).is_dir()
    assert engine.capabilities.final
    assert engine.capabilities.words
    asked = Phrase(text=LINE, seed=1, words=(WordProsody(index=1, rate=0.5, pause_after_s=0.4),))
    plain = listen(engine.synthesise(Phrase(text=LINE, seed=1), "af_random"))
    heard = listen(engine.synthesise(asked, "af_random"))
    assert heard.seconds > plain.seconds + 0.4
    assert [word.word for word in heard.words] == LINE.split()
    shutil.rmtree(model.parent / PREPARED)
