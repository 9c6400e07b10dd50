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
