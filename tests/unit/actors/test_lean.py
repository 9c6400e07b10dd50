"""There are many processes for conversations: what they import, each of them pays for."""

import subprocess
import sys

DRIVERS = (
    "duckdb", "av", "numpy", "onnxruntime", "kokoro_onnx", "swift_f0",
    "httpx", "fastapi", "uvicorn", "opentelemetry",
)  # fmt: skip


def test_a_conversation_process_imports_no_driver_but_ray() -> None:
    names = ", ".join(map(repr, DRIVERS))
    module = "actors.cluster.conversations"
    code = f"import sys, {module}; print([m for m in ({names},) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nobody_imports_what_sends_traces_unless_they_are_wanted() -> None:
    # The API alone, which sends nothing, is imported by FastAPI itself.
    senders = ["actors.telemetry", *(f"opentelemetry.{it}" for it in ("sdk", "exporter"))]
    code = f"import sys, gateway.serve; print([m for m in {senders} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
