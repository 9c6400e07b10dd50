"""What clients of Flux are told, which speaks in turns, and those of Aura, which came before it."""

from math import isfinite
from typing import Any, Protocol

from gateway.vendors.deepgram.speech import Speech, Timeline

Answer = dict[str, Any]


class Dialect(Protocol):
    """One of the two; what it has no word for is None."""

    types: tuple[str, ...]
    """Of messages that clients may send."""

    def connected(self, request_id: str, model: str) -> Answer: ...
    def started(self, speech: Speech) -> Answer | None: ...
    def flushing(self, speech: Speech) -> Answer | None: ...
    def completed(self, speech: Speech) -> Answer: ...
    def interrupted(self, speech: Speech, heard: str, unheard: str, at_s: float) -> Answer | None:
        """It was, at a position of the session's sound."""

    def interrupting(self) -> Answer | None: ...
    def nothing_to_flush(self) -> Answer: ...
    def nothing_to_interrupt(self) -> Answer | None: ...
    def closing(self, timeline: Timeline) -> Answer | None: ...


def warning(code: str, description: str) -> Answer:
    return {"type": "Warning", "code": code, "description": description}


def error(code: str, description: str) -> Answer:
    return {"type": "Error", "code": code, "description": description}


def configured(speed: float) -> Answer:
    return {"type": "ConfigureSuccess", "applied": {"speed": speed}}


def not_configured(value: object, description: str) -> Answer:
    """That a speed cannot be; it is named if it is a number."""
    told: Answer = {"code": "SPEED_OUT_OF_RANGE", "field": "speed", "description": description}
    if isinstance(value, int | float) and isfinite(value):
        told["value"] = value
    return {"type": "ConfigureFailure", **told}


class Flux:
    """Of `/v2/speak`."""

    types: tuple[str, ...] = ("Speak", "Flush", "Interrupt", "Configure", "Close", "KeepAlive")

    def connected(self, request_id: str, model: str) -> Answer:
        return {
            "type": "Connected",
            "request_id": request_id,
            "model_name": model,
            "model_version": "",
            "model_uuids": [],
        }

    def started(self, speech: Speech) -> Answer | None:
        return {"type": "SpeechStarted", "speech_id": speech.id}

    def flushing(self, speech: Speech) -> Answer | None:
        return {"type": "Flushed", "speech_id": speech.id}

    def completed(self, speech: Speech) -> Answer:
        return {"type": "SpeechMetadata", **_metadata(speech)}

    def interrupted(self, speech: Speech, heard: str, unheard: str, at_s: float) -> Answer | None:
        return {
            "type": "SpeechInterrupted",
            "speech_id": speech.id,
            "audio_played_ms": round(at_s * 1000),
            "text_spoken": heard,
            "text_remaining": unheard,
            "metadata": _metadata(speech),
        }

    def interrupting(self) -> Answer | None:
        return None

    def nothing_to_flush(self) -> Answer:
        return warning("NO_ACTIVE_SPEECH", "nothing was said that could be flushed; send `Speak`")

    def nothing_to_interrupt(self) -> Answer | None:
        return warning("NO_ACTIVE_SPEECH", "nothing is being spoken or played; nothing was done")

    def closing(self, timeline: Timeline) -> Answer | None:
        return {
            "type": "SessionMetadata",
            "total_audio_duration_ms": round(timeline.seconds * 1000),
            "total_input_character_count": timeline.characters,
            "total_billable_character_count": timeline.characters,
        }


class Aura:
    """Of `/v1/speak`."""

    types: tuple[str, ...] = ("Speak", "Flush", "Clear", "Close", "KeepAlive")

    def __init__(self) -> None:
        self._sequence = -1

    def connected(self, request_id: str, model: str) -> Answer:
        return {
            "type": "Metadata",
            "request_id": request_id,
            "model_name": model,
            "model_version": "",
            "model_uuid": "",
        }

    def started(self, speech: Speech) -> Answer | None:
        return None

    def flushing(self, speech: Speech) -> Answer | None:
        return None

    def completed(self, speech: Speech) -> Answer:
        return self._numbered("Flushed")

    def interrupted(self, speech: Speech, heard: str, unheard: str, at_s: float) -> Answer | None:
        return None

    def interrupting(self) -> Answer | None:
        return self._numbered("Cleared")

    def nothing_to_flush(self) -> Answer:
        return self._numbered("Flushed")

    def nothing_to_interrupt(self) -> Answer | None:
        return None

    def closing(self, timeline: Timeline) -> Answer | None:
        return None

    def _numbered(self, kind: str) -> Answer:
        self._sequence += 1
        return {"type": kind, "sequence_id": self._sequence}


def _metadata(speech: Speech) -> Answer:
    return {
        "speech_id": speech.id,
        "audio_duration_ms": round(speech.sent_s * 1000),
        "input_character_count": speech.characters,
        "billable_character_count": speech.characters,
        "controls_applied": {
            "pronunciations_applied": 0,
            "breaks_applied": 0,
            "pronunciation_warnings": 0,
        },
    }
