import onnxruntime
import pytest

from actors.engines.base import EngineError
from actors.engines.kokoro_graph.providers import Device, adapted, providers

CPU = "CPUExecutionProvider"


@pytest.mark.parametrize(
    ("available", "wanted", "chosen"),
    [
        ([CPU], None, [CPU]),
        (["AzureExecutionProvider", CPU], None, [CPU]),
        (["CUDAExecutionProvider", CPU], None, ["CUDAExecutionProvider", CPU]),
        (["CUDAExecutionProvider", CPU], Device.CPU, [CPU]),
        (["ROCMExecutionProvider", CPU], None, ["ROCMExecutionProvider", CPU]),
        (["MIGraphXExecutionProvider", CPU], Device.ROCM, ["MIGraphXExecutionProvider", CPU]),
        (["CoreMLExecutionProvider", CPU], None, ["CoreMLExecutionProvider", CPU]),
        (["DmlExecutionProvider", CPU], Device.DIRECTML, ["DmlExecutionProvider", CPU]),
    ],
)
def test_a_device_is_chosen_by_wish_or_by_what_there_is(
    available: list[str], wanted: Device | None, chosen: list[str]
) -> None:
    assert [name for name, _ in providers(available, wanted)] == chosen


def test_cuda_searches_no_convolutions_exhaustively() -> None:
    (cuda, _) = providers(["CUDAExecutionProvider", CPU])
    assert cuda == ("CUDAExecutionProvider", {"cudnn_conv_algo_search": "DEFAULT"})


def test_a_device_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(EngineError, match=r"cannot compute on cuda; it can on coreml, cpu\."):
        providers(["CoreMLExecutionProvider", CPU], Device.CUDA)


@pytest.mark.parametrize(("provider", "planned"), [("DmlExecutionProvider", False), (CPU, True)])
def test_directml_plans_no_memory(provider: str, planned: bool) -> None:
    options = adapted(onnxruntime.SessionOptions(), provider)
    assert options.enable_mem_pattern is planned
