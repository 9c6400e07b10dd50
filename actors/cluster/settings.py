"""What all processes of a cluster have in common."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from uuid_utils import uuid7

NAMESPACE = "colloquy"
LOG_FILE = "log.duckdb"
LOG_NODE = "colloquy_log"
"""Resource of the one node that has the disk with the log and the audio."""


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What the actors need to know; see `gateway.settings` for the meaning and the defaults."""

    data_dir: Path
    model_dir: Path
    engine: str
    workers: int
    most_workers: int
    worker_quiet_s: float
    max_load: float
    threads_per_worker: int
    device: str
    gpus_per_worker: float
    most_phrases_waiting: int
    most_awake: int
    warm: int
    sleep_after_s: float
    expression_step: float
    most_audio_s: float
    object_store_mb: int
    cpus: int | None
    address: str | None
    """Of the cluster to join; None starts one here."""
    traces_to: str | None = None
    """Where spans are sent, for OTLP over HTTP; None sends none."""


def new_id() -> str:
    return str(uuid7())


def now() -> datetime:
    return datetime.now(UTC)
