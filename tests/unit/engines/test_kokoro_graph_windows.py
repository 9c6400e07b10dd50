import dataclasses
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.engines.base import EngineError
from actors.engines.kokoro_graph import (
    Calibration,
    Calibrations,
    OpenedKokoro,
    Part,
    Schedule,
    Score,
    Statistics,
    calibrate,
    calibrations,
    pooled,
    prepare,
    seeded_noise,
    windowing,
)
from actors.engines.kokoro_graph.calibration import log_spectral_distance
from actors.engines.kokoro_graph.statistics import Moments
from actors.engines.kokoro_graph.topology import Topology
from actors.engines.kokoro_graph.windowing import TOLERANCE
from actors.engines.stopping import Stop, Stopped

FIXTURES = Path(__file__).parents[2] / "fixtures"
MODEL = FIXTURES / "kokoro-small.onnx"
TOKENS = np.array([0, 43, 102, 62, 156, 76, 158, 16, 81, 83, 54, 4, 0], np.int64)
NOISE = seeded_noise(4)
SHORT = Schedule(first_s=0.1, growth=1.5, longest_s=0.3)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prepared = prepare(MODEL, tmp_path_factory.mktemp("cache"))
    assert prepared.directory is not None
    assert prepared.windowed is not None
    assert prepared.windowed <= TOLERANCE
    return prepared.directory


@pytest.fixture(scope="module")
def kokoro(directory: Path) -> OpenedKokoro:
    return OpenedKokoro(directory)


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    with np.load(FIXTURES / "voices-small.bin") as voices:
        return voices["bf_random"]


@pytest.fixture(scope="module")
def style(voice: np.ndarray) -> np.ndarray:
    return voice[len(TOKENS) - 3]


@pytest.fixture(scope="module")
def score(kokoro: OpenedKokoro, style: np.ndarray) -> Score:
    plan = kokoro.plan(TOKENS, style, 1.0)
    return kokoro.score(plan, plan.frames, style)


@pytest.fixture(scope="module")
def whole(kokoro: OpenedKokoro, score: Score, style: np.ndarray) -> np.ndarray:
    (samples,) = kokoro.sound(score, style, NOISE)
    return samples


@pytest.fixture(scope="module")
def own(kokoro: OpenedKokoro, score: Score, style: np.ndarray) -> Statistics:
    return kokoro.measured(score, style, NOISE)[1]


@pytest.fixture(scope="module")
def calibration(kokoro: OpenedKokoro, voice: np.ndarray) -> Calibration:
    return calibrate(kokoro, voice)


@settings(max_examples=12)
@given(
    first_s=st.floats(0.05, 0.5),
    growth=st.floats(1, 2),
    longest_s=st.floats(0.2, 1),
    stretched=st.lists(st.integers(1, 5), min_size=len(TOKENS), max_size=len(TOKENS)),
    hertz=st.floats(80, 300),
)
def test_windows_are_the_whole_where_the_statistics_are_its_own(
    kokoro: OpenedKokoro,
    style: np.ndarray,
    first_s: float,
    growth: float,
    longest_s: float,
    stretched: list[int],
    hertz: float,
) -> None:
    score = kokoro.score(kokoro.plan(TOKENS, style, 1.0), np.array(stretched), style)
    score = dataclasses.replace(score, f0=np.full_like(score.f0, hertz))
    whole, own = kokoro.measured(score, style, NOISE)
    schedule = Schedule(first_s, growth, longest_s)
    windows = np.concatenate(list(kokoro.sound(score, style, NOISE, own, schedule)))
    np.testing.assert_allclose(windows, whole, rtol=0, atol=TOLERANCE)
    assert np.abs(whole).max() > 100 * TOLERANCE


def test_measuring_does_not_change_the_sound(
    kokoro: OpenedKokoro, score: Score, style: np.ndarray, whole: np.ndarray
) -> None:
    measured, statistics = kokoro.measured(score, style, NOISE)
    np.testing.assert_array_equal(measured, whole)
    assert all((moments.variance >= 0).all() for moments in statistics.values())


def test_without_statistics_there_is_one_piece(whole: np.ndarray, score: Score) -> None:
    assert len(whole) == 600 * score.frames.sum()


def test_other_statistics_give_another_sound_of_the_same_length(
    kokoro: OpenedKokoro,
    score: Score,
    style: np.ndarray,
    whole: np.ndarray,
    calibration: Calibration,
) -> None:
    sound = np.concatenate(list(kokoro.sound(score, style, NOISE, calibration.statistics, SHORT)))
    assert sound.shape == whole.shape
    assert np.abs(sound - whole).max() > 100 * TOLERANCE


def test_the_first_window_needs_little_of_the_noise(
    kokoro: OpenedKokoro, score: Score, style: np.ndarray, own: Statistics
) -> None:
    drawn: list[int] = []

    def noise(samples: int) -> np.ndarray:
        drawn.append(samples)
        return NOISE(samples)

    sound = kokoro.sound(score, style, noise, own, SHORT)
    next(sound)
    assert drawn == [300 * (8 + 10 + 2)]
    list(sound)
    assert drawn[-1] == 600 * score.frames.sum()


class StopIn(Stop):
    """Is set from another thread as soon as a run of a session has begun, the n-th one."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._to_go = number

    @contextmanager
    def over(self, run: onnxruntime.RunOptions) -> Iterator[None]:
        with super().over(run):
            self._to_go -= 1
            if not self._to_go:
                threading.Thread(target=self.set).start()
            yield


@pytest.mark.parametrize("part", [1, 2, 3])
def test_stopping_ends_a_run_and_leaves_the_sessions_as_they_were(
    kokoro: OpenedKokoro, score: Score, style: np.ndarray, whole: np.ndarray, part: int
) -> None:
    long = dataclasses.replace(
        score, frames=score.frames * 20, f0=np.repeat(score.f0, 20), n=np.repeat(score.n, 20)
    )
    stop = StopIn(part)
    with pytest.raises(Stopped):
        list(kokoro.sound(long, style, NOISE, stop=stop))
    with pytest.raises(Stopped):
        kokoro.plan(TOKENS, style, 1.0, stop)
    (again,) = kokoro.sound(score, style, NOISE)
    np.testing.assert_array_equal(again, whole)


def test_a_stop_between_windows_ends_the_sound(
    kokoro: OpenedKokoro, score: Score, style: np.ndarray, own: Statistics
) -> None:
    stop, other = Stop(), Stop()
    sound = kokoro.sound(score, style, NOISE, own, SHORT, stop)
    next(sound)
    other.set()
    next(sound)
    stop.set()
    with pytest.raises(Stopped):
        next(sound)


def test_threads_that_share_a_model_are_all_served_right(
    kokoro: OpenedKokoro, score: Score, style: np.ndarray, own: Statistics, whole: np.ndarray
) -> None:
    expected = np.concatenate(list(kokoro.sound(score, style, NOISE, own, SHORT)))

    def speak(number: int) -> np.ndarray:
        given, stop = (None, own)[number % 2], Stop()
        pieces = list(kokoro.sound(score, style, NOISE, given, SHORT, stop))
        return np.concatenate(pieces)

    with ThreadPoolExecutor(4) as threads:
        for number, samples in enumerate(threads.map(speak, range(12))):
            np.testing.assert_array_equal(samples, (whole, expected)[number % 2])


def test_a_calibrated_voice_changes_less_than_its_noise_does(calibration: Calibration) -> None:
    assert 0 < calibration.distance < calibration.redrawn
    assert calibration.passed


def test_a_voice_fails_that_changes_more_than_its_noise_does(calibration: Calibration) -> None:
    assert not dataclasses.replace(calibration, distance=calibration.redrawn + 1).passed


def test_calibrations_are_kept_by_the_content_of_the_voice(
    kokoro: OpenedKokoro, directory: Path, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Calibrations(directory).made(kokoro, voice)
    monkeypatch.delattr(calibrations, "calibrate")
    known = Calibrations(directory)
    found = known.of(voice.copy())
    assert found is not None
    assert known.of(voice) is found
    assert (found.distance, found.redrawn) == (made.distance, made.redrawn)
    for part, moments in made.statistics.items():
        np.testing.assert_array_equal(found.statistics[part].mean, moments.mean)
        np.testing.assert_array_equal(found.statistics[part].variance, moments.variance)
    assert known.of(voice + 1) is None


def cut_off(sealed: bytes) -> bytes:
    return sealed[:100]


def flip_a_byte(sealed: bytes) -> bytes:
    middle = len(sealed) // 2
    return sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]


@pytest.mark.parametrize("damage", [cut_off, flip_a_byte])
def test_a_damaged_calibration_is_made_anew(
    kokoro: OpenedKokoro,
    calibration: Calibration,
    voice: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[bytes], bytes],
) -> None:
    made: list[int] = []

    def fake(*_: object) -> Calibration:
        made.append(1)
        return calibration

    monkeypatch.setattr(calibrations, "calibrate", fake)
    Calibrations(tmp_path / "entry").made(kokoro, voice)
    (path,) = (tmp_path / "entry.voices").iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert Calibrations(tmp_path / "entry").of(voice) is None
    Calibrations(tmp_path / "entry").made(kokoro, voice)
    assert Calibrations(tmp_path / "entry").of(voice) is not None
    assert len(made) == 2


def test_a_calibration_without_room_is_told(
    kokoro: OpenedKokoro,
    calibration: Calibration,
    voice: np.ndarray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calibrations, "calibrate", lambda *_: calibration)
    (tmp_path / "entry.voices").touch()
    with pytest.raises(EngineError, match="cannot be kept"):
        Calibrations(tmp_path / "entry").made(kokoro, voice)


def moments_of(channels: np.ndarray) -> Moments:
    return Moments(channels.mean(1).astype(np.float32), channels.var(1).astype(np.float32))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.integers(0, 99))
def test_pooled_moments_are_those_of_all_values_together(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.normal(rng.normal(), 2, (3, length)) for length in lengths]
    pool = Moments.pooled((moments_of(p), p.shape[1]) for p in parts)
    together = moments_of(np.concatenate(parts, axis=1))
    np.testing.assert_allclose(pool.mean, together.mean, atol=1e-5)
    np.testing.assert_allclose(pool.variance, together.variance, rtol=1e-4, atol=1e-5)


def test_the_statistics_of_one_voice_alone_are_its_own(own: Statistics) -> None:
    alone = pooled([(own, 0.3)])
    for part in (Part.PRE, Part.GENERATOR):
        np.testing.assert_allclose(alone[part].mean, own[part].mean, rtol=1e-6)


def test_the_distance_of_twice_the_level_is_six_decibels() -> None:
    noise = np.random.default_rng(1).standard_normal(20_000).astype(np.float32)
    assert log_spectral_distance(noise, noise) == 0
    assert log_spectral_distance(noise, 2 * noise) == pytest.approx(6.02, abs=0.05)


def normalise_at_once(model: onnx.ModelProto) -> None:
    """Put something between a normalisation and what the style makes of it."""
    graph = model.graph
    node = next(
        each
        for each in graph.node
        if each.op_type == "InstanceNormalization" and "generator" in each.name
    )
    name = node.output[0]
    node.output[0] = f"{name}/before"
    graph.node.insert(
        list(graph.node).index(node) + 1, onnx.helper.make_node("Neg", [f"{name}/before"], [name])
    )


def test_a_model_that_normalises_otherwise_is_opened_without_windows(tmp_path: Path) -> None:
    model = onnx.load(MODEL)
    normalise_at_once(model)
    onnx.save(model, tmp_path / "m.onnx")
    prepared = prepare(tmp_path / "m.onnx", tmp_path / "cache")
    assert prepared.directory is not None
    assert prepared.windowed is None
    assert prepared.whole_because == "After a normalisation comes Neg, where only Mul was due."
    assert not OpenedKokoro(prepared.directory).windowed


def with_plain_norms(model: onnx.ModelProto) -> None:
    """As published models are: the scales of norms are ones and their shifts zeros."""
    topology = Topology(model.graph)
    for node in topology.of("InstanceNormalization"):
        for place, value in ((1, 1.0), (2, 0.0)):
            plain = np.full(topology.dims(node.input[place]), value, np.float32)
            node.input[place] = f"{node.name}/{place}"
            model.graph.initializer.append(onnx.numpy_helper.from_array(plain, node.input[place]))


def test_norms_that_an_optimiser_makes_one_of_are_told_apart(tmp_path: Path) -> None:
    model = onnx.load(MODEL)
    with_plain_norms(model)
    onnx.save(model, tmp_path / "m.onnx")
    prepared = prepare(tmp_path / "m.onnx", tmp_path / "cache")
    assert prepared.difference == 0
    assert prepared.whole_because is None
    assert prepared.directory is not None
    optimised = onnx.load(prepared.directory / "generator.onnx", load_external_data=False)
    before, after = (
        sum("generator" in n.name for n in graph.node if n.op_type == "InstanceNormalization")
        for graph in (model.graph, optimised.graph)
    )
    assert after < before


def test_windows_that_are_not_the_whole_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windowing, "TOLERANCE", 0)
    prepared = prepare(MODEL, tmp_path)
    assert prepared.directory is not None
    assert prepared.windowed is None
    assert "differ" in (prepared.whole_because or "")
    assert not OpenedKokoro(prepared.directory).windowed
