"""What speaks: a model in parts, one with controls, or one as it was published; and on what."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import onnxruntime
from kokoro_onnx.config import DEFAULT_VOCAB

from actors.engines.base import EngineError
from actors.engines.kokoro.calibrating import VoiceStatistics
from actors.engines.kokoro.speaker import Speaker
from actors.engines.kokoro.steered import SteeredSpeaker
from actors.engines.kokoro.whole import WholeSpeaker
from actors.engines.kokoro_graph import (
    Calibrations,
    ControlledKokoro,
    OpenedKokoro,
    Preparation,
    Rung,
    prepare,
)
from actors.engines.kokoro_graph.providers import CPU, Device, providers
from actors.engines.models import PREPARED

HURRIED = 2
"""Threads of what a first sound waits for: as many on every machine and however much it has to do,
for another number would make another last bit of some samples."""

Vocabulary = Mapping[str, int]
"""The number of each symbol."""

_log = logging.getLogger(__name__)


def load_speaker(
    model: Path, voices: Path, threads: int, device: Device | None, *, calibrating: bool
) -> tuple[Speaker, Vocabulary]:
    """Load a model where it computes fastest, or on the device that is wanted.

    Raises:
        ModelInvalid: one of the files is not what it should be.
        EngineError: there is no such device.
    """
    chosen = providers(onnxruntime.get_available_providers(), device)
    if chosen[0][0] != CPU:
        whole = WholeSpeaker(model, voices, threads, chosen)
        if whole.provider == chosen[0][0]:
            return whole, whole.vocabulary
        # The build knows the device, but there is none here, or no driver for it.
        if device is not None:
            raise EngineError(f"No {device} answers here; is its driver installed?")
        _log.warning("the processor computes: %s does not work here", chosen[0][0])
    return _on_processor(model, voices, threads, calibrating=calibrating)


def _on_processor(
    model: Path, voices: Path, threads: int, *, calibrating: bool
) -> tuple[Speaker, Vocabulary]:
    """The model as far opened as it can be, prepared now if it was not before.

    So it obeys a direction, loads faster, keeps its weights in memory that processes share, and
    says the same line the same way each time.
    """
    try:
        prepared = prepare(model, model.parent / PREPARED)
    except EngineError as reason:  # what is really wrong, loading it whole will tell
        _log.warning("the model runs whole: %s", reason)
    else:
        if prepared.directory is not None:
            vocabulary = _vocabulary(prepared.metadata)
            return _steered(
                prepared, prepared.directory, threads, vocabulary, calibrating
            ), vocabulary
    whole = WholeSpeaker(model, voices, threads, providers([CPU]))
    return whole, whole.vocabulary


def _steered(
    prepared: Preparation, directory: Path, threads: int, vocabulary: Vocabulary, calibrating: bool
) -> SteeredSpeaker:
    if prepared.rung is Rung.CONTROLLED:
        return SteeredSpeaker(ControlledKokoro(directory, threads), None, vocabulary)
    opened = OpenedKokoro(directory, threads, hurried=HURRIED)
    statistics = VoiceStatistics(opened, Calibrations(directory), calibrating=calibrating)
    return SteeredSpeaker(opened, statistics, vocabulary)


def _vocabulary(metadata: Mapping[str, str]) -> Vocabulary:
    """As the model says, or else as all models of its kind have it."""
    config = metadata.get("kokoro_config")
    vocabulary: Vocabulary = json.loads(config)["vocab"] if config else DEFAULT_VOCAB
    return vocabulary
