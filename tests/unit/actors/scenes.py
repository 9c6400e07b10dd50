"""Scenes and dialogues to direct."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from actors import prosody
from actors.commands import Speak
from actors.directing import Cue, Scene
from actors.directing.endings import endings
from actors.engines.base import Capabilities
from actors.phrases import split
from events.direction import Direction
from events.readings import Affect, Emotion
from events.state import State, fold
from events.turns import (
    Event,
    ParticipantJoined,
    Started,
    TurnBegun,
    TurnCompleted,
    TurnHeard,
    VoiceAssigned,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EMOTIONS: tuple[Emotion, ...] = get_args(Emotion)
ABLE = Capabilities(pitch=True, final=True, words=True, loudness=True, seed=True)
_PLACES = {
    "neutral": (0.0, 0.0),
    "joy": (0.7, 0.5),
    "sadness": (-0.6, -0.3),
    "anger": (-0.7, 0.6),
    "fear": (-0.5, 0.5),
    "surprise": (0.1, 0.6),
    "disgust": (-0.6, 0.2),
}


def feeling(category: Emotion, confidence: float = 0.8) -> Affect:
    valence, arousal = _PLACES[category]
    sentiment = "neutral" if abs(valence) < 0.2 else "positive" if valence > 0 else "negative"
    return Affect(
        valence=valence,
        arousal=arousal,
        category=category,
        sentiment=sentiment,
        confidence=confidence,
        sources=("a test",),
    )


def scene(text: str = "The train leaves at nine.", **facts: Any) -> Scene:
    """A line in the middle of a dialogue."""
    parts = split(text)
    line = {"text": text, "phrases": parts, "endings": tuple(endings(parts)), "turn": 9}
    return Scene(**{**line, **facts})


def cue_of(rule: Any, told: Scene) -> Cue:
    cue = rule(told)
    assert isinstance(cue, Cue)
    return cue


def started(*names: str) -> list[Event]:
    events: list[Event] = [Started()]
    for name in names:
        events += [
            ParticipantJoined(participant_id=name),
            VoiceAssigned(participant_id=name, voice=f"voice of {name}"),
        ]
    return events


def heard(
    turn: int, who: str, text: str, felt: Affect | None = None, seconds: float | None = None
) -> TurnHeard:
    at = NOW + timedelta(seconds=5 * turn)
    return TurnHeard(
        turn=turn,
        turn_id=f"t{turn}",
        speaker_id=who,
        text=text,
        heard_at=at,
        started_at=None if seconds is None else at - timedelta(seconds=seconds),
        ended_at=None if seconds is None else at,
        affect=felt,
    )


def spoken(
    turn: int, who: str, text: str, direction: Direction, felt: Affect | None = None
) -> list[Event]:
    """A turn that was spoken to its end, at 4 words a second."""
    begun = TurnBegun(
        turn=turn,
        turn_id=f"t{turn}",
        speaker_id=who,
        text=text,
        direction_json=direction.model_dump_json(),
        engine="a test",
        response_gap_ms=0,
        begun_at=NOW + timedelta(seconds=5 * turn),
        fingerprint="",
        affect=felt,
    )
    ended = TurnCompleted(
        turn_id=f"t{turn}", audio="", duration_s=len(text.split()) / 4, completed_at=NOW
    )
    return [begun, ended]


def talk(*said: tuple[str, str, Emotion]) -> State:
    """What ann and bob said to one another, and how they felt."""
    turns = [
        heard(number, who, text, feeling(felt)) for number, (who, text, felt) in enumerate(said, 1)
    ]
    return fold("c", [*started("ann", "bob"), *turns])


def after(felt: Emotion, turns: int = 4) -> State:
    """A dialogue in which bob felt so, and was the last to speak."""
    lines = [("ann" if turn % 2 == 0 else "bob") for turn in range(turns)][::-1]
    return talk(
        *((who, "So it is, I think.", felt if who == "bob" else "neutral") for who in lines)
    )


def direct(state: State, text: str, turn_id: str = "new", **asked: Any) -> Direction:
    """How ann is to say it."""
    wishes = {name: asked.pop(name) for name in ("speed", "emotion", "words") if name in asked}
    command = Speak(turn_id, "ann", text, **wishes)
    settings = {"voice": None, "capabilities": ABLE, **asked}
    return prosody.direct(state, command, **settings)


def rules(direction: Direction) -> list[str]:
    return [reason.rule for reason in direction.reasons]


def dialogue(lines: Sequence[tuple[str, Emotion]], **settings: Any) -> list[Direction]:
    """Directions of ann's lines, each answered by bob feeling as named."""
    events, directions = started("ann", "bob"), []
    for number, (text, felt) in enumerate(lines):
        state = fold("c", events)
        directions.append(direct(state, text, **settings))
        events += spoken(2 * number + 1, "ann", text, directions[-1])
        events.append(heard(2 * number + 2, "bob", "So it is, I think.", feeling(felt)))
    return directions
