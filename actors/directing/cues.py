"""A rule's word on a line: which rule, the fact that it saw, and the effect that it has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from actors.directing.effects import NEUTRAL, NOTHING, Effect, Stress, Tone
from actors.directing.telling import UNCHANGED, told
from events.direction import Reason

Withheld = Mapping[str, str]
"""By part of an effect, why it is dropped: a dimension of the tone, `finals`, `words`, or
`word pitch`."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a cue would have done, were it not for this."""

    effect: Effect
    why: str

    @property
    def told(self) -> str:
        lost = told(self.effect)
        return f"none, as {self.why}" if lost == UNCHANGED else f"dropped, as {self.why}: {lost}"


@dataclass(frozen=True, slots=True)
class Cue:
    """Its numbers are what is summed, and its words are made of them: no effect without a reason.

    `because` names facts and numbers, never words that somebody spoke.
    """

    rule: str
    because: str
    effect: Effect = NOTHING
    dropped: tuple[Dropped, ...] = ()

    @property
    def reason(self) -> Reason:
        missing = [each.told for each in self.dropped]
        done = told(self.effect)
        parts = missing if missing and done == UNCHANGED else [done, *missing]
        return Reason(rule=self.rule, because=self.because, effect="; ".join(parts))

    def __mul__(self, share: float) -> "Cue":
        dropped = tuple(Dropped(each.effect * share, each.why) for each in self.dropped)
        return replace(self, effect=self.effect * share, dropped=dropped)


def tone(rule: str, because: str, **dimensions: float) -> Cue:
    """A cue for all of a line."""
    return Cue(rule, because, Effect(Tone(**dimensions)))


def without(cue: Cue, withheld: Withheld) -> Cue:
    """The same cue with the parts dropped that are withheld, and why."""
    for part, why in withheld.items():
        kept = _kept(cue.effect, part)
        if kept != cue.effect:
            lost = Dropped(_lost(cue.effect, part), why)
            cue = replace(cue, effect=kept, dropped=(*cue.dropped, lost))
    return cue


def _kept(effect: Effect, part: str) -> Effect:
    match part:
        case "finals":
            return replace(effect, finals={})
        case "words":
            return replace(effect, words={})
        case "word pitch":
            words = {at: Stress(each.emphasis) for at, each in effect.words.items()}
            return replace(effect, words={at: each for at, each in words.items() if each.emphasis})
        case _:
            return replace(effect, tone=replace(effect.tone, **{part: getattr(NEUTRAL, part)}))


def _lost(effect: Effect, part: str) -> Effect:
    match part:
        case "finals":
            return Effect(finals=effect.finals)
        case "words":
            return Effect(words=effect.words)
        case "word pitch":
            pitches = {at: Stress(pitch=each.pitch) for at, each in effect.words.items()}
            return Effect(words={at: each for at, each in pitches.items() if each.pitch})
        case _:
            return Effect(Tone(**{part: getattr(effect.tone, part)}))
