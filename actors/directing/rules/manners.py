"""What the line does to whoever hears it."""

from actors.directing.cues import Cue, tone
from actors.directing.scene import Scene


def greeting(scene: Scene) -> Cue | None:
    return _for(scene, "greeting", pitch=1.0, range=1.25, loudness=0.5)


def thanks(scene: Scene) -> Cue | None:
    return _for(scene, "thanks", pitch=0.6, range=1.2, rate=0.96)


def apology(scene: Scene) -> Cue | None:
    return _for(scene, "apology", pitch=-1.0, range=0.75, rate=0.91, loudness=-1.5, pauses=1.2)


def backchannel(scene: Scene) -> Cue | None:
    """Higher and louder than other talk (Benus, Gravano & Hirschberg, Proc. ICPhS 2007)."""
    return _for(scene, "backchannel", pitch=1.0, loudness=1.0)


def _for(scene: Scene, act: str, **dimensions: float) -> Cue | None:
    return tone(act, f"the line is read as {act}", **dimensions) if scene.act == act else None
