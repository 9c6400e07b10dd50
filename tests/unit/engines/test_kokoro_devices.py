"""What a model computes on, where ONNX Runtime is a build that knows devices."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from actors.engines.base import EngineError
from actors.engines.choice import choose_engine, load_engine
from actors.engines.kokoro import KokoroEngine
from actors.engines.kokoro_graph.providers import Device
from events.direction import Phrase
from tests.fixtures.listening import listen

FIXTURES = Path(__file__).parents[2] / "fixtures"
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"

Session = onnxruntime.InferenceSession


class FakeBuild:
    """ONNX Runtime as a build for CUDA: it asks for the device, and computes on the processor."""

    def __init__(self, *, driver: bool) -> None:
        self.asked: list[Any] = []
        """The providers of each session that was to compute on a device."""
        self._driver = driver

    def session(
        self, model: str | bytes, options: onnxruntime.SessionOptions, providers: list[Any]
    ) -> Session:
        session = Session(model, options, providers=[CPU])
        if CUDA in dict(each for each in providers if each != CPU):
            self.asked.append(providers)
            session.get_providers = lambda: [CUDA, CPU] if self._driver else [CPU]
        return session


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeBuild]:
    def built(**has: bool) -> FakeBuild:
        fake = FakeBuild(**has)
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
        monkeypatch.setattr(onnxruntime, "InferenceSession", fake.session)
        return fake

    return built


def engine(**wanted: Any) -> KokoroEngine:
    return KokoroEngine(FIXTURES / "kokoro-small.onnx", FIXTURES / "voices-small.bin", **wanted)


def test_a_device_that_is_there_is_taken_and_the_graph_stays_whole(
    build: Callable[..., FakeBuild],
) -> None:
    fake, kokoro = build(driver=True), engine()
    assert fake.asked == [[(CUDA, {"cudnn_conv_algo_search": "DEFAULT"}), (CPU, {})]]
    assert not kokoro.capabilities.pitch
    assert kokoro.capabilities.word_times
    assert listen(kokoro.synthesise(Phrase(text="Two of them."), "af_random")).loudness > 500


def test_the_processor_is_taken_where_it_is_wanted(build: Callable[..., FakeBuild]) -> None:
    fake = build(driver=True)
    assert engine(device=Device.CPU).capabilities.pitch
    assert fake.asked == []


def test_without_a_driver_the_processor_computes_and_the_log_says_so(
    build: Callable[..., FakeBuild], caplog: pytest.LogCaptureFixture
) -> None:
    build(driver=False)
    assert engine().capabilities.pitch
    assert "CUDAExecutionProvider does not work here" in caplog.text


def test_a_device_that_is_wanted_and_does_not_answer_is_told(
    build: Callable[..., FakeBuild],
) -> None:
    build(driver=False)
    with pytest.raises(EngineError, match="No cuda answers here; is its driver installed"):
        engine(device=Device.CUDA)


def test_a_device_that_the_build_does_not_know_is_told_with_those_it_does() -> None:
    choice = choose_engine("auto", FIXTURES)
    with pytest.raises(EngineError, match=r"cannot compute on rocm; it can on .*cpu"):
        load_engine(choice, device="rocm")
