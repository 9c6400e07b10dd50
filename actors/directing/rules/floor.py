"""Taking a line up again that somebody cut short."""

from actors.directing.cues import Cue, tone
from actors.directing.effects import Effect, Stress
from actors.directing.scene import Scene, content_places

PASSING = -0.4


def resuming(scene: Scene) -> Cue | None:
    """Shorter: quicker, and with less silence in which to be cut again."""
    if scene.cut is None:
        return None
    return tone("resuming", _facts(scene), rate=1.06, loudness=0.8, pauses=0.7)


def heard_already(scene: Scene) -> Cue | None:
    """Words that were heard are not news a second time: they are said in passing."""
    if scene.cut is None:
        return None
    repeated = [
        at for phrase in content_places(scene) for at, word in phrase if word in scene.heard
    ]
    words = {at: Stress(PASSING) for at in repeated}
    return (
        Cue("heard before the interruption", _facts(scene), Effect(words=words)) if words else None
    )


def _facts(scene: Scene) -> str:
    assert scene.cut is not None  # noqa: S101  the callers have seen to it
    return f"{scene.cut.heard} words of the last line were heard, {scene.cut.unheard} were not"
