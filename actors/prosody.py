"""The director: how the next line is to be spoken."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from actors import phrases
from actors.commands import Speak
from actors.directing import LIMITS, Limits, plan_of, realised, scene_of
from actors.directing.planning import SPEED_ASKED
from actors.engines.base import Capabilities
from actors.understanding.reader import Reading
from events.state import State
from events.turns import Direction, Reason, WordProsody

INTENSITY = 0.6
"""How much of full expression is heard by default, where 1 is as far as a voice can be moved and
stay the same person: enough that moods differ by more than a listener's threshold (1.5 semitones
for prominence, Rietveld & Gussenhoven 1985; 5 % for rate, Quené 2007), and room for more."""


def direct(
    state: State,
    command: Speak,
    *,
    voice: str | None,
    capabilities: Capabilities,
    intensity: float = INTENSITY,
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
        intensity: From 0, at which the engine is left alone, to 1, full expression.
        reading: What a reader made of the line; its form alone is read where there is none.
        now: To which feelings decay; by default, the last turn.
        limits: How far the line may be from the voice's own way, and from the speaker's last line.

    Raises:
        ValueError: intensity is not from 0 to 1.
    """
    own = state.participants[command.speaker_id].voice
    scene = scene_of(state, command, intensity=intensity, reading=reading, now=now)
    plan = plan_of(scene, intensity=intensity, capabilities=capabilities, limits=limits)
    words, told = _obeyable(command.words, capabilities)
    seed = zlib.crc32(command.turn_id.encode()) if capabilities.seed else None
    spoken = realised(
        command.text, scene.phrases, plan.effect, speed=command.speed, words=words, seed=seed
    )
    cues = (cue.reason for cue in plan.cues)
    voiced = _voice_reason(command.speaker_id, own, voice)
    return Direction(
        voice=voice or own or "",
        phrases=spoken,
        reasons=(voiced, *_speed_asked(command.speed), *told, *cues),
    )


def plain(text: str, *, voice: str, speed: float) -> Direction:
    """The direction of a line outside any conversation."""
    return Direction(voice=voice, phrases=realised(text, phrases.split(text), speed=speed))


def _speed_asked(speed: float) -> Iterator[Reason]:
    if speed != 1.0:
        yield Reason(rule=SPEED_ASKED, because=f"speed={speed:g}", effect=f"rate × {speed:g}")


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


def _voice_reason(speaker_id: str, own: str | None, asked: str | None) -> Reason:
    if asked is not None and asked != own:
        return Reason(
            rule="voice asked for", because=f"voice={asked}", effect=f"{asked}, for this line"
        )
    return Reason(
        rule="a voice is for good", because=f"{speaker_id} has {own}", effect=f"spoken by {own}"
    )
