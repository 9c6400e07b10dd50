"""Facts in one line each."""

from datetime import UTC, datetime, timedelta
from typing import Any

from events.direction import Direction, Phrase
from events.turns import (
    TurnBegun,
    TurnCompleted,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
    words_json,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def heard(number: int = 1, speaker: str = "bob", text: str = "Hi there.", **more: Any) -> TurnHeard:
    return TurnHeard(
        turn=number,
        turn_id=f"t{number}",
        speaker_id=speaker,
        text=text,
        **{"heard_at": NOON, **more},
    )


def begun(number: int = 1, speaker: str = "ann", text: str = "One two three.") -> TurnBegun:
    return TurnBegun(
        turn=number,
        turn_id=f"t{number}",
        speaker_id=speaker,
        text=text,
        direction_json=Direction(voice="af_heart", phrases=(Phrase(text=text),)).model_dump_json(),
        engine="scripted",
        response_gap_ms=0,
        begun_at=NOON,
        fingerprint="f",
    )


def completed(number: int = 1, **more: Any) -> TurnCompleted:
    words = more.pop("words", (("One", 0.0, 0.5), ("two", 0.5, 1.0), ("three.", 1.0, 1.5)))
    particulars = {"audio": "aa", "duration_s": 2.0, "completed_at": at(1), **more}
    particulars["words_json"] = words_json(words)
    return TurnCompleted(turn_id=f"t{number}", **particulars)


def interrupted(number: int = 1, **more: Any) -> TurnInterrupted:
    particulars = {
        "audio_played_ms": 600,
        "cause": "barge_in",
        "heard_text": "One",
        "unheard_text": "two three.",
        "interrupted_at": at(2),
        **more,
    }
    return TurnInterrupted(turn_id=f"t{number}", **particulars)


def failed(number: int = 1) -> TurnFailed:
    return TurnFailed(turn_id=f"t{number}", cause="engine", failed_at=at(3))
