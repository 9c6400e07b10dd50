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

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._locks = {key: Lock() for key in product(Part, Form)}
        self._loaded: dict[tuple[Part, Form, int], onnxruntime.InferenceSession] = {}

    def has(self, part: Part, form: Form) -> bool:
        return (self._directory / file_of(part, form)).is_file()

    def loaded(
        self, part: Part, form: Form = Form.PLAIN, threads: int = 1
    ) -> onnxruntime.InferenceSession:
        """A session that computes with so many threads, which may have to be loaded.

        Raises:
            ModelInvalid: the part is missing or damaged.
        """
        with self._locks[part, form]:
            if (part, form, threads) not in self._loaded:
                self._loaded[part, form, threads] = self._load(part, form, threads)
            return self._loaded[part, form, threads]

    def run(
        self,
        part: Part,
        *arrays: Array,
        form: Form = Form.PLAIN,
        threads: int = 1,
        stop: Stop | None = None,
    ) -> list[Array]:
        """Run a part on its inputs, in their order.

        Raises:
            Stopped: by `stop`, before or during the run.
            EngineError: the model failed on these arrays.
        """
        session = self.loaded(part, form, threads)
        names = [each.name for each in session.get_inputs()]
        return run(session, dict(zip(names, arrays, strict=True)), stop)

    def _load(self, part: Part, form: Form, threads: int) -> onnxruntime.InferenceSession:
        try:
            # Only so is the order of sums, and every bit, that of the whole model.
            prepacked = form is not Form.TOLD
            path = self._directory / file_of(part, form)
            return load(path, threads, prepacked=prepacked)
        except Exception as error:
            raise ModelInvalid(
                f"The parts in {self._directory} are not whole; prepare anew."
            ) from error


def run(
    session: onnxruntime.InferenceSession,
    feeds: Mapping[str, Array],
    stop: Stop | None = None,
) -> list[Array]:
    """Run a session.

    Raises:
        Stopped: by `stop`, before or during the run.
        EngineError: the model failed on these arrays.
    """
    options, stop = onnxruntime.RunOptions(), stop or Stop()
    with stop.over(options):
        try:
            made: list[Array] = session.run(None, feeds, options)
        except Exception:  # noqa: BLE001  ONNX Runtime's exceptions have no base of their own
            if stop.is_set:
                raise Stopped("The synthesis was stopped.") from None
            # Not chained: what the library says may quote what was to be spoken.
            raise EngineError("The model failed on these tokens; try fewer of them.") from None
    return made


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
    # A thread that spins while it waits takes the core from another caller.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps for good what the longest phrase needed, a gigabyte and more.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    for name, value in (entries or {}).items():
        options.add_session_config_entry(name, value)
    return options
