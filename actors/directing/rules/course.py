"""Where in its course the dialogue is.

What begins is higher and livelier, what ends is lower and softer, in topics as in whole talks
(Swerts & Geluykens, Language and Speech 37, 1994; Grosz & Hirschberg, Proc. ICSLP 1992).
"""

from actors.directing.cues import Cue, tone
from actors.directing.scene import Scene
from actors.understanding.acts import called
from events.readings import Part


def opening(scene: Scene) -> Cue | None:
    return _in(scene, "opening", pitch=1.0, range=1.25)


def middle(scene: Scene) -> Cue | None:
    """Here the voice is itself."""
    return _in(scene, "middle")


def closing(scene: Scene) -> Cue | None:
    return _in(scene, "closing", pitch=-1.0, range=0.8, rate=0.94, loudness=-1.0)


def _in(scene: Scene, part: Part, **dimensions: float) -> Cue | None:
    if scene.part != part:
        return None
    after = f" after the partner's {called(scene.partner_act)}" if scene.partner_act else ""
    because = f"turn {scene.turn}: {called(scene.act)}{after}"
    return tone(f"{part} of the dialogue", because, **dimensions)
