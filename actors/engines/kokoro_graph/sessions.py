"""The sessions of a model's parts, and the one place where they are run."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from threading import Lock
from typing import Any

import onnxruntime
from numpy.typing import NDArray

from actors.engines.base import EngineError, ModelInvalid
from actors.engines.kokoro_graph.rungs import Form, Part
from actors.engines.stopping import Stop, Stopped

Array = NDArray[Any]


class Sessions:
    """Of a prepared directory; loaded when first used, and safe for many threads at a time."""

    def __init__(self, directory: Path, threads: int) -> None:
        self._directory = directory
        self._threads = threads
        self._locks = {key: Lock() for key in product(Part, Form)}
        self._loaded: dict[tuple[Part, Form], onnxruntime.InferenceSession] = {}

    def has(self, part: Part, form: Form) -> bool:
        return (self._directory / file_of(part, form)).is_file()

    def loaded(self, part: Part, form: Form = Form.PLAIN) -> onnxruntime.InferenceSession:
        """A session, which may have to be loaded.

        Raises:
            ModelInvalid: the part is missing or damaged.
        """
        with self._locks[part, form]:
            if (part, form) not in self._loaded:
                self._loaded[part, form] = self._load(part, form)
            return self._loaded[part, form]

    def run(
        self, part: Part, *arrays: Array, form: Form = Form.PLAIN, stop: Stop | None = None
    ) -> list[Array]:
        """Run a part on its inputs, in their order.

        Raises:
            Stopped: by `stop`, before or during the run.
            EngineError: the model failed on these arrays.
        """
        session, stop = self.loaded(part, form), stop or Stop()
        names = [each.name for each in session.get_inputs()]
        run = onnxruntime.RunOptions()
        with stop.over(run):
            try:
                outputs: list[Array] = session.run(None, dict(zip(names, arrays, strict=True)), run)
            except Exception:  # noqa: BLE001  ONNX Runtime's exceptions have no base of their own
                if stop.is_set:
                    raise Stopped("The synthesis was stopped.") from None
                # Not chained: what the library says may quote what was to be spoken.
                raise EngineError("The model failed on these tokens; try fewer of them.") from None
        return outputs

    def _load(self, part: Part, form: Form) -> onnxruntime.InferenceSession:
        try:
            # Only so is the order of sums, and every bit, that of the whole model.
            prepacked = form is not Form.TOLD
            path = self._directory / file_of(part, form)
            return load(path, self._threads, prepacked=prepacked)
        except Exception as error:
            raise ModelInvalid(
                f"The parts in {self._directory} are not whole; prepare anew."
            ) from error


def file_of(part: Part, form: Form = Form.PLAIN) -> str:
    return f"{part}.onnx" if form is Form.PLAIN else f"{part}.{form}.onnx"


def load(
    path: Path, threads: int, *, optimised: bool = True, prepacked: bool = True
) -> onnxruntime.InferenceSession:
    """Load a graph; one that was optimised when it was written is taken as it is.

    Weights that are not prepacked stay in the file, whose pages processes share.
    """
    settings = session_options(threads, {} if prepacked else {"session.disable_prepacking": "1"})
    if optimised:
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])


def session_options(
    threads: int, entries: Mapping[str, str] | None = None
) -> onnxruntime.SessionOptions:
    """Options that all our sessions share; entries are those that ONNX Runtime knows by name."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # The arena keeps for good what the longest phrase needed, a gigabyte and more.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    for name, value in (entries or {}).items():
        options.add_session_config_entry(name, value)
    return options
