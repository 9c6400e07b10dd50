"""How a phrase ends.

At the end of turns in task talk, a fall is the most common, then a high rise; who keeps the floor
stays level (Gravano & Hirschberg, Computer Speech & Language 25, 2011). In read questions yes/no
rises, wh falls as statements do (Syrdal & Jilka, J. Acoust. Soc. Am. 114, 2003); of alternatives
the last one falls (Pierrehumbert & Hirschberg, in Intentions in Communication, 1990). The sizes are
ours, and such that intensity 0.6 gives a rise of 4.8 semitones and a fall of 3.6.
"""

from actors.directing.cues import Cue
from actors.directing.effects import Effect
from actors.directing.endings import Ending
from actors.directing.scene import Scene

RISE, FALL, LEVEL = 8.0, -6.0, 0.0
INTEREST = 4.0


def yes_no_question(scene: Scene) -> Cue | None:
    return _moving(scene, "yes_no_question", "yes/no question", RISE)


def wh_question(scene: Scene) -> Cue | None:
    return _moving(scene, "wh_question", "wh-question", FALL)


def alternatives(scene: Scene) -> Cue | None:
    return _moving(scene, "alternative_question", "question between alternatives", FALL)


def statement(scene: Scene) -> Cue | None:
    return None if scene.act == "backchannel" else _moving(scene, "statement", "statement", FALL)


def continuation(scene: Scene) -> Cue | None:
    """Of clauses and items that others follow, and of what is left hanging."""
    return _moving(scene, "continuation", "continuation", LEVEL)


def interest(scene: Scene) -> Cue | None:
    """A backchannel rises, more than other short turns (Benus, Gravano & Hirschberg, 2007)."""
    rising = scene.act == "backchannel"
    return _moving(scene, "statement", "interest of a backchannel", INTEREST) if rising else None


def _moving(scene: Scene, ending: Ending, rule: str, semitones: float) -> Cue | None:
    there = [at for at, each in enumerate(scene.endings) if each == ending]
    if not there:
        return None
    numbers = ", ".join(str(at + 1) for at in there)
    because = f"phrase {numbers} of {len(scene.phrases)}"
    return Cue(rule, because, Effect(finals=dict.fromkeys(there, semitones)))
