"""Reading a turn: once, when it is said; what was read is recorded with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from actors.commands import Vocal
from actors.understanding import legible
from actors.understanding.acts import Act, act_of
from actors.understanding.affect import Context, affect_of
from actors.understanding.lexicon import Lexicon, lexicon
from actors.understanding.timing import timing_of
from actors.understanding.topics import topic_of
from actors.understanding.voice import vocal_of, with_voice
from events.baseline import Baseline
from events.readings import Affect, Features, Timing, Topic, Unread
from events.state import State

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """A turn that is about to be recorded."""

    speaker_id: str
    text: str
    now: datetime
    started_at: datetime | None = None
    """None if nobody told."""
    features: Features | None = None
    """Of its sound, where there is some."""
    vocal: Vocal | None = None
    """What something stronger than our rules has heard in it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the readers made of a turn. What is None could not be told; `unread` says why."""

    affect: Affect | None = None
    act: str | None = None
    topic: Topic | None = None
    timing: Timing | None = None
    unread: tuple[Unread, ...] = ()


class Reader(Protocol):
    def read(self, state: State, line: Line) -> Reading:
        """Read a turn in the light of the conversation before it; never raises."""
        ...


class AffectReader(Protocol):
    """Tells how an excerpt of a line was meant."""

    def __call__(self, text: str, context: Context) -> Affect: ...


class TextReader:
    """Reads by rules and a lexicon, in well under a millisecond.

    Args:
        affect: A stronger reader of affect, in place of our own. It may raise: then the affect of
            that turn is recorded as unread.
    """

    def __init__(self, affect: AffectReader | None = None) -> None:
        self._affect = affect or _by_lexicon(lexicon())

    def read(self, state: State, line: Line) -> Reading:
        text = legible.excerpt(line.text)
        unread: list[Unread] = []
        because = legible.illegible(text)
        if because is not None:
            affect = _attempt(unread, "affect", lambda: _with_sound(state, line, None))
            unread += [Unread(reading=of, because=because) for of in ("affect", "act", "topic")]
            unread = [each for each in unread if affect is None or each.reading != "affect"]
            timing = _attempt(unread, "timing", lambda: timing_of(state, line.started_at))
            return Reading(affect=affect, timing=timing, unread=tuple(unread))
        act = _attempt(unread, "act", lambda: _act(state, line, text))
        affect = _attempt(unread, "affect", lambda: self._affect(text, context_of(state, line)))
        return Reading(
            affect=_attempt(unread, "affect", lambda: _with_sound(state, line, affect)),
            act=act,
            topic=_attempt(unread, "topic", lambda: topic_of(text, state, act=act)),
            timing=_attempt(unread, "timing", lambda: timing_of(state, line.started_at, act=act)),
            unread=tuple(unread),
        )


def _with_sound(state: State, line: Line, affect: Affect | None) -> Affect | None:
    vocal = line.vocal
    if vocal is None and line.features is not None:
        vocal = vocal_of(line.features, state.baselines.get(line.speaker_id) or Baseline())
    return affect if vocal is None else with_voice(affect, vocal)


def context_of(state: State, line: Line) -> Context:
    """What the speaker, and whoever else spoke last, feel by the time of the line."""
    feelings = state.felt_at(line.now.timestamp())
    others = (t.speaker_id for t in reversed(state.turns) if t.speaker_id != line.speaker_id)
    partner = next(others, None)
    last = next((t for t in reversed(state.turns) if t.speaker_id == line.speaker_id), None)
    ended_at = (last.ended_at or last.started_at) if last else line.now
    return Context(
        own=feelings.get(line.speaker_id),
        partner=feelings.get(partner) if partner else None,
        told=last.affect.sentiment if last and last.affect else None,
        ago_s=max(0.0, (line.now - ended_at).total_seconds()),
    )


def _act(state: State, line: Line, text: str) -> Act:
    others = (turn for turn in reversed(state.turns) if turn.speaker_id != line.speaker_id)
    partner = next(others, None)
    before = partner.act if partner and partner is state.turns[-1] else None
    return act_of(text, before=before, opening=state.turn_count < 2)


def _by_lexicon(words: Lexicon) -> AffectReader:
    return lambda text, context: affect_of(text, words, context)


def _attempt(unread: list[Unread], reading: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Exception as failure:  # noqa: BLE001  (a reader that fails fails no turn)
        # Its name only: a message could hold words of the turn.
        because = f"the reader failed ({type(failure).__name__})"
        unread.append(Unread(reading=reading, because=because))
        return None
