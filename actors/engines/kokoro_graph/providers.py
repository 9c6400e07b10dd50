"""Where ONNX Runtime computes: the processor, or a device that its build knows."""

from collections.abc import Collection, Mapping
from enum import StrEnum

import onnxruntime

from actors.engines.base import EngineError

Options = Mapping[str, str]
Provider = tuple[str, dict[str, str]]
"""Its name and its options, as sessions take them."""

CPU = "CPUExecutionProvider"


class Device(StrEnum):
    """The best first."""

    CUDA = "cuda"
    ROCM = "rocm"
    COREML = "coreml"
    DIRECTML = "directml"
    CPU = "cpu"


_KNOWN: Mapping[Device, tuple[tuple[str, Options], ...]] = {
    # Searching exhaustively for a convolution starts again at every new length of a phrase.
    Device.CUDA: (("CUDAExecutionProvider", {"cudnn_conv_algo_search": "DEFAULT"}),),
    # The second is how builds for ROCm are called since ONNX Runtime 1.23.
    Device.ROCM: (("ROCMExecutionProvider", {}), ("MIGraphXExecutionProvider", {})),
    Device.COREML: (("CoreMLExecutionProvider", {}),),
    Device.DIRECTML: (("DmlExecutionProvider", {}),),
    Device.CPU: ((CPU, {}),),
}


def providers(available: Collection[str], wanted: Device | None = None) -> list[Provider]:
    """The providers for a device and, for what it cannot do, the processor.

    Without a device that is wanted, the best is taken that this build of ONNX Runtime knows.

    Raises:
        EngineError: the device that is wanted is not known to this build.
    """
    device = wanted or next(each for each in Device if _provider(each, available))
    chosen = _provider(device, available)
    if chosen is None:
        there = ", ".join(each for each in Device if _provider(each, available))
        raise EngineError(
            f"This build of ONNX Runtime cannot compute on {device}; it can on {there}."
        )
    processor = _KNOWN[Device.CPU][0]
    return [(name, dict(options)) for name, options in dict([chosen, processor]).items()]


def adapted(options: onnxruntime.SessionOptions, provider: str) -> onnxruntime.SessionOptions:
    """Options of a session as a provider demands them; the same object."""
    if provider == "DmlExecutionProvider":
        # It refuses sessions that plan their memory or run nodes side by side.
        options.enable_mem_pattern = False
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    return options


def _provider(device: Device, available: Collection[str]) -> tuple[str, Options] | None:
    return next((each for each in _KNOWN[device] if each[0] in available), None)
