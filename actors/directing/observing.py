"""From state and events to a scene: the one place where the director reads them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from actors import phrases
from actors.commands import Speak
from actors.directing.effects import Tone
from actors.directing.endings import endings
from actors.directing.planning import ASKED
from actors.directing.remembering import mood, partners_feeling
from actors.directing.scene import Cut, Scene
from actors.directing.words import contents
from actors.understanding.acts import act_of
from actors.understanding.legible import excerpt, illegible
from actors.understanding.reader import Reading
from actors.understanding.timing import timing_of
from events.baseline import Baseline
from events.state import State
from events.turn import Turn

JUST_SAID = 2
"""Turns whose words are still in everybody's ear."""

LEAST = 0.05
"""Intensity; with less, what was recorded says too little of the expression behind it."""

ENOUGH_WORDS = 8
"""Of somebody's timed speech, to tell their rate."""

ENOUGH_TURNS = 3
"""Whose sound was measured, to tell how loud somebody usually is."""


def scene_of(
    state: State,
    command: Speak,
    *,
    intensity: float,
    reading: Reading | None = None,
    now: datetime | None = None,
    cuts: Iterable[int] = (),
) -> Scene:
    """The scene of a line that a participant is about to speak.

    Args:
        state: The conversation before the line.
        command: The line, and what the caller wants of it.
        intensity: At which the conversation is directed.
        reading: What a reader made of the line, if one did.
        now: To which feelings decay; by default, the last turn.
        cuts: Places in the line, in characters, over which no phrase goes.
    """
    state = state.without_turn(command.turn_id)
    turns = state.turns
    own = [turn for turn in turns if turn.speaker_id == command.speaker_id]
    theirs = [turn for turn in turns if turn.speaker_id != command.speaker_id]
    partner = theirs[-1] if theirs else None
    others = [turn for turn in theirs if partner and turn.speaker_id == partner.speaker_id]
    reading = reading or Reading()
    first = phrases.FIRST if command.opens else phrases.MOST
    parts = phrases.split(command.text, first=first, cuts=cuts)
    act = reading.act or _act_of(command.text, turns, opening=not state.turn_count)
    cut = _cut(own[-1]) if own and turns[-2:].count(own[-1]) else None
    return Scene(
        text=command.text,
        phrases=parts,
        endings=tuple(endings(parts)),
        act=act,
        feeling=reading.affect,
        illegible=illegible(excerpt(command.text)),
        turn=state.turn_count + 1,
        part=(reading.timing or timing_of(state, None, act=act)).part,
        partner_act=_act(partner) if partner else None,
        partner_feeling=partners_feeling(state, others, now),
        mood=mood(state, now),
        just_said=contents(turn.heard_text for turn in turns[-JUST_SAID:]),
        known=contents(turn.heard_text for turn in turns),
        answered=tuple(turns[-1].heard_text.split()) if others and turns[-1] is partner else (),
        cut=cut,
        heard=contents([own[-1].heard_text]) if cut else frozenset(),
        rates=_rates(partner, own) if partner else None,
        loudness=_loudness(state, partner) if partner else None,
        before=_before(own, intensity),
        emotion=command.emotion,
        speed=command.speed,
    )


def _cut(turn: Turn) -> Cut | None:
    end = turn.interruption
    if end is None or end.cause != "barge_in" or not end.unheard_text:
        return None
    return Cut(len(end.heard_text.split()), len(end.unheard_text.split()))


def _act(turn: Turn) -> str:
    return turn.act or act_of(excerpt(turn.heard_text))


def _act_of(text: str, turns: Sequence[Turn], *, opening: bool) -> str:
    before = turns[-1].act if turns else None
    return act_of(excerpt(text), before=before, opening=opening)


def _rates(partner: Turn, own: Sequence[Turn]) -> tuple[float, float] | None:
    """Of the partner's last turn, and of the speaker's in the window without what was directed."""
    theirs = _words_a_second([partner])
    ours = _words_a_second(own)
    return (theirs, ours) if theirs and ours else None


def _words_a_second(turns: Sequence[Turn]) -> float | None:
    timed = [(len(turn.heard_text.split()), turn.duration_s * _speed(turn)) for turn in turns]
    words = sum(count for count, seconds in timed if seconds)
    seconds = sum(seconds for _, seconds in timed)
    return words / seconds if words >= ENOUGH_WORDS and seconds else None


def _speed(turn: Turn) -> float:
    direction = turn.direction
    return direction.phrases[-1].speed if direction else 1.0


def _loudness(state: State, partner: Turn) -> tuple[float, float] | None:
    usual = state.baselines.get(partner.speaker_id, Baseline()).loudness
    heard = partner.features
    if heard is None or heard.loudness_lufs is None or usual.turns < ENOUGH_TURNS:
        return None
    return heard.loudness_lufs, usual.mean


def _before(own: Sequence[Turn], intensity: float) -> Tone | None:
    """What was asked for one line says nothing of the next, so such lines are passed over."""
    spoken = (direction for turn in reversed(own) if (direction := turn.direction))
    if not intensity:
        return None
    for direction in spoken:
        asked = {reason.rule for reason in direction.reasons}
        if not asked & ASKED and direction.phrases:
            last = direction.phrases[-1]
            tone = Tone(last.pitch, last.pitch_range, last.speed, last.loudness)
            return tone * (1 / max(intensity, LEAST))
    return None
