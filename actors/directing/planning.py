"""The one place where cues are added up, bounded, and rid of what the engine lacks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from actors.directing.cues import Cue, Dropped, Withheld, without
from actors.directing.effects import Effect, total
from actors.directing.emotions import EXPRESSIONS
from actors.directing.limits import LIMITS, Limits, bounding, steadying
from actors.directing.rules import FORMS, TONES
from actors.directing.scene import Scene
from actors.engines.base import Capabilities

EMOTION_ASKED = "emotion asked for"
SPEED_ASKED = "speed asked for"
MARKED = "markup"
ASKED = frozenset({EMOTION_ASKED, SPEED_ASKED, MARKED})
"""Reasons of lines whose tone says nothing of how their speaker speaks."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a line is to be spoken: the sum of its cues, and nothing else."""

    cues: tuple[Cue, ...] = ()

    @property
    def effect(self) -> Effect:
        return total(cue.effect for cue in self.cues)


def plan_of(
    scene: Scene, *, intensity: float, capabilities: Capabilities, limits: Limits = LIMITS
) -> Plan:
    """What the rules make of a scene.

    They speak for full expression. The sum is kept within a step of the speaker's last line, then
    taken down to `intensity`, then bounded; so it grows with intensity, and at 0 there is nothing.
    An emotion that the caller asks for takes the place of all rules on the tone of the line, and a
    speed that of all that they would do to the rate.

    Raises:
        ValueError: intensity is not from 0 to 1.
    """
    if not 0 <= intensity <= 1:
        raise ValueError(f"The intensity is {intensity:g}; give one from 0 to 1.")
    if not intensity:
        return Plan(tuple(_unheeded(scene)))
    withheld = {**_lacking(capabilities), **_spoken_for(scene)}
    cues = [without(cue, withheld) for cue in _cues(scene)]
    if not scene.asked_emotion:
        cues += _steadied(cues, scene, limits, withheld)
    cues = [cue * intensity for cue in cues]
    beyond = bounding(total(cue.effect for cue in cues), limits)
    return Plan((*cues, beyond) if beyond else tuple(cues))


def _cues(scene: Scene) -> Iterator[Cue]:
    yield from _wished(scene.emotion)
    if scene.illegible is not None:
        yield Cue("illegible", scene.illegible)
        return
    tones = () if scene.asked_emotion else TONES
    yield from filter(None, (rule(scene) for rule in (*tones, *FORMS)))


def _unheeded(scene: Scene) -> Iterator[Cue]:
    """At intensity 0 the engine is left alone, and who asked for an emotion is told so."""
    yield Cue("intensity", "intensity=0")
    if scene.emotion is not None:
        nothing = Dropped(Effect(), "the intensity is 0")
        yield Cue(EMOTION_ASKED, f"emotion={scene.emotion}", dropped=(nothing,))


def _wished(emotion: str | None) -> Iterator[Cue]:
    because = f"emotion={emotion}"
    if emotion in EXPRESSIONS:
        yield Cue(EMOTION_ASKED, because, Effect(EXPRESSIONS[emotion]))
    elif emotion is not None:
        known = f"it is none of {', '.join(EXPRESSIONS)}"
        yield Cue(EMOTION_ASKED, because, dropped=(Dropped(Effect(), known),))


def _steadied(cues: list[Cue], scene: Scene, limits: Limits, withheld: Withheld) -> Iterator[Cue]:
    cue = steadying(total(each.effect for each in cues).tone, scene.before, limits)
    # What is withheld was withheld from what it would take back.
    if cue and (kept := without(cue, withheld).effect) != Effect():
        yield replace(cue, effect=kept)


def _lacking(capabilities: Capabilities) -> Withheld:
    has = {
        "rate": (capabilities.speed, "speed"),
        "pauses": (capabilities.pauses, "pauses"),
        "pitch": (capabilities.pitch, "pitch"),
        "range": (capabilities.pitch, "pitch"),
        "word pitch": (capabilities.pitch, "pitch"),
        "loudness": (capabilities.loudness, "loudness"),
        "finals": (capabilities.final, "the end of a contour"),
        "words": (capabilities.words, "single words"),
    }
    return {
        part: f"the engine has no control of {what}"
        for part, (able, what) in has.items()
        if not able
    }


def _spoken_for(scene: Scene) -> Withheld:
    return {} if scene.speed == 1.0 else {"rate": "the caller asked for a speed"}
