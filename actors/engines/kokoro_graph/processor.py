"""The kind of processor, which blocked layouts depend on."""

import hashlib
import platform
from pathlib import Path


def processor() -> str:
    """A name for what the processor is and can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        features = {line for line in lines if line.startswith(("flags", "Features"))}
    except OSError:
        features = {platform.processor()}
    told = "\n".join((platform.machine(), *sorted(features)))
    return hashlib.sha256(told.encode()).hexdigest()[:12]
