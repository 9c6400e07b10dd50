"""Directing: what of a conversation is heard in how the next line is spoken, and why.

Rules look at a `Scene` and give cues; `plan_of` adds them up, bounds them and drops what the engine
lacks; `realised` makes phrases of it. All of it is pure.
"""

from actors.directing.cues import Cue
from actors.directing.effects import Effect, Tone
from actors.directing.limits import LIMITS, Limits
from actors.directing.observing import scene_of
from actors.directing.phrasing import realised
from actors.directing.planning import Plan, plan_of
from actors.directing.scene import Scene

__all__ = [
    "LIMITS",
    "Cue",
    "Effect",
    "Limits",
    "Plan",
    "Scene",
    "Tone",
    "plan_of",
    "realised",
    "scene_of",
]
