"""The director: how the next line is to be spoken."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from actors import phrases
from actors.commands import Speak
from actors.directing import LIMITS, Limits, plan_of, realised, scene_of
from actors.directing.intensity import intensity_of
from actors.directing.marking import cuts, marked, obeyable, sounding
from actors.directing.planning import SPEED_ASKED
from actors.engines.base import Capabilities
from actors.markup import Marks, Wishes, asked_by, pronounced
from actors.understanding.reader import Reading
from events.direction import Direction, Reason, WordProsody
from events.state import State


def direct(
    state: State,
    command: Speak,
    *,
    voice: str | None,
    capabilities: Capabilities,
    intensity: float | None = None,
    reading: Reading | None = None,
    now: datetime | None = None,
    limits: Limits = LIMITS,
) -> Direction:
    """The direction of a line of a participant, whose own voice `state` knows.

    Args:
        state: The conversation before the line.
        command: The line, with something speakable, and what the caller wants of it.
        voice: The caller's choice for this line, if any, resolved.
        capabilities: Of the engine: what it lacks is dropped, with a reason.
        intensity: From 0, at which the engine is left alone, to 1, full expression; by default what
            is set for the participant or the conversation.
        reading: What a reader made of the line; its form alone is read where there is none.
        now: To which feelings decay; by default, the last turn.
        limits: How far the line may be from the voice's own way, and from the speaker's last line.

    Raises:
        ValueError: intensity is not from 0 to 1.
    """
    own = state.participants[command.speaker_id].voice
    if intensity is None:
        intensity = intensity_of(state, command.speaker_id)
    wishes, written = _written(state, command, capabilities)
    scene = scene_of(
        state,
        command,
        intensity=intensity,
        reading=reading,
        now=now,
        cuts=cuts(wishes, command.text, capabilities),
    )
    plan = plan_of(scene, intensity=intensity, capabilities=capabilities, limits=limits)
    words, told = _obeyable(command.words, capabilities)
    seeded = capabilities.seed and intensity > 0
    seed = zlib.crc32(command.turn_id.encode()) if seeded else None
    spoken = realised(
        command.text,
        scene.phrases,
        plan.effect,
        speed=command.speed,
        words=words,
        seed=seed,
        goes_on=command.goes_on,
    )
    cues = (cue.reason for cue in plan.cues)
    voiced = _voice_reason(command.speaker_id, own, voice, capabilities)
    return Direction(
        voice=voice or own or "",
        phrases=marked(spoken, command.text, wishes),
        reasons=(voiced, *_speed_asked(command.speed, capabilities), *told, *written, *cues),
    )


def plain(text: str, *, voice: str, speed: float, marks: Marks = ()) -> Direction:
    """The direction of a line outside any conversation, for any engine."""
    wishes = asked_by(marks, text) if marks else Wishes()
    parts = phrases.split(text, cuts=cuts(wishes, text, Capabilities()))
    spoken = realised(text, parts, speed=speed)
    return Direction(voice=voice, phrases=marked(spoken, text, wishes))


def _written(
    state: State, command: Speak, capabilities: Capabilities
) -> tuple[Wishes, list[Reason]]:
    """What is written into a line, and what the conversation has for its words."""
    wishes, reasons = Wishes(), list[Reason]()
    if command.marks:
        wishes, reasons = obeyable(asked_by(command.marks, command.text), capabilities)
    wishes, found = pronounced(wishes, command.text, state.pronunciations)
    if found:
        because = f"{found} of the words are in the conversation's dictionary"
        reasons.append(Reason(rule="pronunciations", because=because, effect="as it has them"))
    wishes, unknown = sounding(wishes, capabilities)
    return wishes, [*reasons, *unknown]


def _speed_asked(speed: float, capabilities: Capabilities) -> Iterator[Reason]:
    because = f"speed={speed:g}"
    if speed != 1.0 and not capabilities.speed:
        yield _lacking(SPEED_ASKED, because, "speed")
    elif speed != 1.0:
        reached = min(max(speed, capabilities.slowest), capabilities.fastest)
        short = "" if reached == speed else ", as far as the engine goes"
        yield Reason(rule=SPEED_ASKED, because=because, effect=f"rate × {reached:.3g}{short}")


def _obeyable(
    asked: Sequence[WordProsody], capabilities: Capabilities
) -> tuple[tuple[WordProsody, ...], list[Reason]]:
    """What the engine can do of what is asked of single words; and why not the rest."""
    if not asked:
        return (), []
    because = f"{len(asked)} of them"
    if not capabilities.words:
        return (), [_lacking("words asked for", because, "single words")]
    if not capabilities.pitch and any(word.pitch for word in asked):
        level = tuple(word.model_copy(update={"pitch": 0.0}) for word in asked)
        return level, [_lacking("pitch of words asked for", because, "pitch")]
    return tuple(asked), [Reason(rule="words asked for", because=because, effect="as asked")]


def _lacking(rule: str, because: str, what: str) -> Reason:
    return Reason(rule=rule, because=because, effect=f"none: the engine has no control of {what}")


def _voice_reason(
    speaker_id: str, own: str | None, asked: str | None, capabilities: Capabilities
) -> Reason:
    blend = "+" in (asked or own or "") and not capabilities.blends
    short = "; the engine does not blend, so its heaviest voice speaks" if blend else ""
    if asked is not None and asked != own:
        effect = f"{asked}, for this line{short}"
        return Reason(rule="voice asked for", because=f"voice={asked}", effect=effect)
    because, effect = f"{speaker_id} has {own}", f"spoken by {own}{short}"
    return Reason(rule="a voice is for good", because=because, effect=effect)
