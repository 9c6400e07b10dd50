"""Weak accommodation: a little of the way to how the other speaks.

People converge in rate, but little: in meetings, the rates of neighbouring turns correlate with
r = .05. So nobody is imitated.
"""

from actors.directing.cues import Cue, tone
from actors.directing.scene import Scene

SHARE = 0.2
"""Of the way, at intensity 1; 12 % of it at 0.6."""

MOST = 1.08
"""Times faster or slower, at most."""

LEAST = 0.01
"""Of a difference; less is none."""

MOST_DB, LEAST_DB = 1.5, 0.1
"""Louder or softer, and of a difference."""


def rate(scene: Scene) -> Cue | None:
    """Only where it is known how fast both speak."""
    if scene.rates is None:
        return None
    theirs, ours = scene.rates
    moved = min(max((theirs / ours) ** SHARE, 1 / MOST), MOST)
    if abs(moved - 1) < LEAST:
        return None
    because = f"{theirs:.1f} words a second to {ours:.1f} of the speaker's own"
    return tone("accommodation to the partner's rate", because, rate=moved)


def loudness(scene: Scene) -> Cue | None:
    """Against how loud the partner usually is: their microphone tells nothing of ours."""
    if scene.loudness is None:
        return None
    now, usual = scene.loudness
    moved = min(max(SHARE * (now - usual), -MOST_DB), MOST_DB)
    if abs(moved) < LEAST_DB:
        return None
    because = f"{now:.1f} LUFS, usually {usual:.1f}"
    return tone("accommodation to the partner's loudness", because, loudness=moved)
