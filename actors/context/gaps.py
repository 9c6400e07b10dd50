"""How long people leave between turns, before the next line of a conversation."""

import re

from events.state import State
from events.turn import Turn

_WH = re.compile(r"^\W*(who|what|when|where|why|which|whose|how)\b", re.IGNORECASE)

GAP_AFTER_WH_QUESTION_MS = 240
GAP_AFTER_YES_NO_QUESTION_MS = 70
GAP_AFTER_STATEMENT_MS = 0
"""Median floor-transfer offsets of the ICSI meetings (MRDA): +0.24 s after a wh-question, +0.07 s
after a yes/no question, -0.02 s after a statement; an overlap cannot be asked for, so 0."""
GAP_AFTER_MS = {
    "wh_question": GAP_AFTER_WH_QUESTION_MS,
    "yes_no_question": GAP_AFTER_YES_NO_QUESTION_MS,
    "alternative_question": GAP_AFTER_YES_NO_QUESTION_MS,
}


def response_gap_ms(state: State, speaker_id: str) -> int:
    """Silence to leave before the speaker's next line, in milliseconds, as people would.

    0 at the opening of a conversation, and where a speaker goes on after a turn of their own.
    """
    if state.current_speaker in (None, speaker_id):
        return 0
    return _gap_after(state.turns[-1])


def _gap_after(turn: Turn) -> int:
    if turn.act is not None and turn.interruption is None:
        return GAP_AFTER_MS.get(turn.act, GAP_AFTER_STATEMENT_MS)
    return _gap_after_text(turn)


def _gap_after_text(turn: Turn) -> int:
    """Of a turn that was not read, or not heard to its end."""
    text = turn.heard_text.rstrip()
    if not text.endswith("?"):
        return GAP_AFTER_STATEMENT_MS
    sentence = re.split(r"[.!?]\s", text)[-1]
    return GAP_AFTER_WH_QUESTION_MS if _WH.match(sentence) else GAP_AFTER_YES_NO_QUESTION_MS
