"""How far a line may be from how its voice speaks by itself, and from the speaker's last one."""

from dataclasses import dataclass, replace
from math import isclose

from actors.directing.cues import Cue
from actors.directing.effects import DIMENSIONS, NEUTRAL, Effect, Stress, Tone

_LOW = Tone(pitch=-4, range=0.5, rate=0.8, loudness=-4, pauses=0.5)
_HIGH = Tone(pitch=4, range=1.6, rate=1.25, loudness=4, pauses=2)
_STEP = Tone(pitch=3, range=1.4, rate=1.12, loudness=3, pauses=4)


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of the sum of all rules, and of its change from turn to turn."""

    low: Tone = _LOW
    high: Tone = _HIGH
    final: float = 6.0
    """Semitones, up or down."""
    word_pitch: float = 2.0
    """Semitones, up or down."""
    step: Tone = _STEP
    """By how much expression moves at most from a turn to the speaker's next, at intensity 1; of
    pauses, as far as it likes."""

    def with_step(self, share: float) -> "Limits":
        """With a step so many times as far; 0 holds a voice to the expression of its first line."""
        return replace(self, step=self.step * share)

    def bound(self, effect: Effect) -> Effect:
        """The nearest effect within the bounds."""
        finals = {at: _near_zero(value, self.final) for at, value in effect.finals.items()}
        words = {
            at: Stress(_near_zero(each.emphasis, 1), _near_zero(each.pitch, self.word_pitch))
            for at, each in effect.words.items()
        }
        return Effect(effect.tone.within(self.low, self.high), finals, words)


LIMITS = Limits()


def bounding(effect: Effect, limits: Limits) -> Cue | None:
    """What takes an effect back within its bounds."""
    beyond = limits.bound(effect) - effect
    if limits.bound(effect) == effect:
        return None
    return Cue("within limits", f"{_count(beyond)} of the sums beyond their limit", beyond)


def steadying(tone: Tone, before: Tone | None, limits: Limits) -> Cue | None:
    """What keeps a speaker's expression from jumping; `before` is that of the last line."""
    if before is None:
        return None
    # Whatever the record says, at another intensity maybe, no rules could have asked for more.
    before = before.within(limits.low * 2, limits.high * 2)
    near = tone.within(before - limits.step, before + limits.step)
    if near == tone:
        return None
    back = Effect(near - tone)
    why = f"{_count(back)} of the sums more than a step from the speaker's last line"
    return Cue("no jump", why, back)


def _near_zero(value: float, most: float) -> float:
    return min(max(value, -most), most)


def _count(effect: Effect) -> int:
    neutral = (
        isclose(getattr(effect.tone, n), getattr(NEUTRAL, n), abs_tol=1e-9) for n in DIMENSIONS
    )
    return list(neutral).count(False) + len(effect.finals) + len(effect.words)
