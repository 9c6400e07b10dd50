"""What Cartesia's clients are told."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

Answer = dict[str, Any]

_MORE, _LAST = 206, 200
"""Status of a message that others follow, and of the last of a context."""


def chunk(context_id: str | None, data: bytes, *, step_ms: float, flush_id: int = 1) -> Answer:
    """Sound, and what it took since the one before."""
    particulars = {"data": base64.b64encode(data).decode(), "step_time": round(step_ms, 3)}
    return _answer("chunk", context_id, **particulars, flush_id=flush_id)


def timestamps(
    context_id: str | None,
    words: Sequence[Mapping[str, Any]],
    *,
    after_s: float = 0.0,
    flush_id: int = 1,
) -> Answer:
    """Times of words, in seconds from the beginning of the context.

    Args:
        context_id: Whose words.
        words: `word`, `start_s` and `end_s` of each, from the beginning of its turn.
        after_s: Where that is in the context.
        flush_id: The turn's.
    """
    times = {
        "words": [word["word"] for word in words],
        "start": [round(after_s + word["start_s"], 4) for word in words],
        "end": [round(after_s + word["end_s"], 4) for word in words],
    }
    return _answer("timestamps", context_id, word_timestamps=times, flush_id=flush_id)


def flush_done(context_id: str, flush_id: int) -> Answer:
    return _answer("flush_done", context_id, flush_done=True, flush_id=flush_id)


def done(context_id: str | None) -> Answer:
    return {"type": "done", "context_id": context_id, "done": True, "status_code": _LAST}


def error(
    told: Mapping[str, Any], *, status: int, context_id: str | None, request_id: str, done: bool
) -> Answer:
    """Why something cannot be, and whether that is the end of the context."""
    return {
        "type": "error",
        "context_id": context_id,
        "done": done,
        "status_code": status,
        "title": told["code"].replace("_", " ").capitalize(),
        "message": told["message"],
        "error_code": told["code"],
        "request_id": request_id,
    }


def _answer(kind: str, context_id: str | None, **particulars: Any) -> Answer:
    common = {"type": kind, "context_id": context_id, "done": False, "status_code": _MORE}
    return {**common, **particulars}
