"""The director: how the next line is to be spoken."""

from actors import phrases
from events.state import State
from events.turns import Direction, Phrase, Reason

PAUSE_BETWEEN_SENTENCES_S = 0.25
PAUSE_BETWEEN_CLAUSES_S = 0.1


def direct(
    state: State,
    *,
    speaker_id: str,
    text: str,
    voice: str | None,
    speed: float,
    emotion: str | None,
) -> Direction:
    """The direction of a line of `speaker_id`, whose own voice `state` knows.

    Args:
        state: The conversation before the line.
        speaker_id: A participant.
        text: Something speakable.
        voice: The caller's choice for this line, if any.
        speed: Rate relative to the voice's own; 1 leaves it alone.
        emotion: The caller's wish. No engine obeys one yet: it is dropped, with a reason.
    """
    own = state.participants[speaker_id].voice
    reasons = [_voice_reason(speaker_id, own, voice)]
    if speed != 1.0:
        reasons.append(
            Reason(rule="speed asked for", because=f"speed={speed:g}", effect=f"rate × {speed:g}")
        )
    if emotion is not None:
        effect = "none: the engines have no control for it"
        reasons.append(
            Reason(rule="emotion asked for", because=f"emotion={emotion}", effect=effect)
        )
    chosen = voice or own or ""
    return Direction(voice=chosen, phrases=_phrases(text, speed), reasons=tuple(reasons))


def plain(text: str, *, voice: str, speed: float) -> Direction:
    """The direction of a line outside any conversation."""
    return Direction(voice=voice, phrases=_phrases(text, speed))


def _phrases(text: str, speed: float) -> tuple[Phrase, ...]:
    parts = phrases.split(text)
    return tuple(
        Phrase(text=part, speed=speed, pause_after_s=_pause(part) if later else 0.0)
        for part, later in zip(parts, [True] * (len(parts) - 1) + [False], strict=True)
    )


def _pause(phrase: str) -> float:
    ends = phrase.rstrip("\"'”’)]").endswith((".", "!", "?", "…"))
    return PAUSE_BETWEEN_SENTENCES_S if ends else PAUSE_BETWEEN_CLAUSES_S


def _voice_reason(speaker_id: str, own: str | None, asked: str | None) -> Reason:
    if asked is not None and asked != own:
        return Reason(
            rule="voice asked for", because=f"voice={asked}", effect=f"{asked}, for this line"
        )
    return Reason(
        rule="a voice is for good", because=f"{speaker_id} has {own}", effect=f"spoken by {own}"
    )
