"""How turns end that are not spoken to their end."""

from datetime import datetime

from actors.commands import Interrupt
from actors.hearing.ear import NOTHING_MEASURED, Measured
from actors.refusals import TurnNotSpoken
from events.transcript import Transcript
from events.turn import ROUNDED_S, Turn
from events.turns import Event, TurnFailed, TurnInterrupted, Words


def interrupt(
    known: Turn,
    command: Interrupt,
    now: datetime,
    *,
    audio: str | None = None,
    duration_s: float | None = None,
    words: Words | None = None,
    measured: Measured = NOTHING_MEASURED,
    unspoken: str = "",
) -> list[Event]:
    """Cut a turn short at what was played.

    Args:
        known: The turn.
        command: Who interrupted, and when; beyond the end of the sound means all was heard.
        now: The time.
        audio: Content hash of what was synthesised, if the turn was not completed.
        duration_s: Length of that sound.
        words: Times of its words.
        measured: Its features.
        unspoken: What came of its text after what the record has.
    """
    if known.interruption is not None:
        return []
    if known.kind == "heard" or known.failure is not None:
        raise TurnNotSpoken(known.turn_id)
    total_s = known.completion.duration_s if known.completion else duration_s or 0.0
    played_ms = min(command.audio_played_ms, round(total_s * 1000))
    timed = known.completion.words if known.completion else words or ()
    heard, unheard = heard_and_unheard(known.text, timed, played_ms / 1000, total_s)
    unheard = " ".join((*unheard.split(), *unspoken.split()))
    return [
        TurnInterrupted(
            turn_id=known.turn_id,
            audio_played_ms=played_ms,
            cause=command.cause,
            by=command.by,
            heard_text=heard,
            unheard_text=unheard,
            audio=audio,
            duration_s=duration_s,
            words=words,
            interrupted_at=now,
            features=measured.features,
            unread=measured.unread,
        )
    ]


def heard_and_unheard(text: str, words: Words, played_s: float, total_s: float) -> tuple[str, str]:
    """The words whose end was played, and the others.

    Without word times, a share of the words as large as the share of the sound that was played,
    rounded down.
    """
    said = text.split()
    until_s = played_s + ROUNDED_S
    if words:
        count = sum(1 for _, _, end_s in words if end_s <= until_s)
    else:
        count = int(len(said) * until_s / total_s) if total_s else 0
    return " ".join(said[:count]), " ".join(said[count:])


def lost(turns: Transcript, now: datetime) -> list[Event]:
    """Close the turns that a process took with it when it died."""
    return [TurnFailed(turn_id=turn.turn_id, cause="lost", failed_at=now) for turn in turns.open()]
