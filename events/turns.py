"""The facts of a conversation: everything that can ever have happened in one.

Warning: these shapes are stored for ever. Add optional fields freely; for anything else raise the
schema version in `codec` and write an upcaster. A class may be renamed, a stored name may not.
"""

from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AwareDatetime, Field, TypeAdapter

from events.direction import Direction, Saying
from events.fact import Fact
from events.readings import Affect, Features, Timing, Topic, Unread

Role = Literal["agent", "human"]
Interruption = Literal["barge_in", "listener_left"]
Failure = Literal["engine", "busy", "lost"]


class WordTime(NamedTuple):
    """When a word of the caller's text sounds, in seconds from the first sample of the turn."""

    word: str
    start_s: float
    end_s: float


Words = tuple[tuple[str, float, float], ...]
"""Stored word times: plain tuples, since they are most of what a long log holds."""
_WORDS: TypeAdapter[Words] = TypeAdapter(Words)


def words_json(words: Words) -> str:
    """Word times as they are stored."""
    return _WORDS.dump_json(words).decode()


class Timings(Fact):
    """Where the time to first sound went, in milliseconds from the arrival of the request."""

    begun_ms: float | None = None
    """Until the turn's beginning was durable."""
    first_audio_ms: float | None = None
    """Until the first samples could leave."""
    synthesised_ms: float | None = None
    """Until the last samples had been made."""


class Started(Fact):
    """A conversation opened."""

    type: Literal["started"] = "started"
    context_window: int = 10
    metadata: dict[str, Any] = Field(default_factory=dict)
    fingerprint: str = ""
    """Of all that was asked; the same conversation id with another fingerprint is a conflict."""
    intensity: float | None = Field(None, ge=0, le=1)
    """How much of full expression is heard from whoever has none of their own; None leaves that to
    the director."""
    owner: str | None = None
    """Id of the key that opened it, and that sees it; None where there were no keys."""


class ParticipantJoined(Fact):
    type: Literal["participant_joined"] = "participant_joined"
    participant_id: str
    name: str | None = None
    role: Role = "agent"
    intensity: float | None = Field(None, ge=0, le=1)
    """How much of full expression is heard; None is that of the conversation or, of somebody who
    comes back, what it was."""


class ParticipantLeft(Fact):
    type: Literal["participant_left"] = "participant_left"
    participant_id: str


class VoiceAssigned(Fact):
    """A participant has this voice from now on."""

    type: Literal["voice_assigned"] = "voice_assigned"
    participant_id: str
    voice: str


class PronunciationsSet(Fact):
    """Words have these sounds from now on, and no others have sounds of their own."""

    type: Literal["pronunciations_set"] = "pronunciations_set"
    pronunciations: dict[str, Saying] = Field(default_factory=dict)
    """By word, in any letter case."""


class TurnHeard(Fact):
    """Somebody else said it, and we were told."""

    type: Literal["turn_heard"] = "turn_heard"
    turn: int
    """The turn's number in its conversation, from 1."""
    turn_id: str
    speaker_id: str
    text: str
    heard_at: AwareDatetime
    """When we were told; stands in for `started_at` and `ended_at` where they are unknown."""
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    fingerprint: str = ""
    """Of all that was told; the same turn id with another fingerprint is a conflict."""
    affect: Affect | None = None
    act: str | None = None
    """The dialogue act, one of `actors.understanding.acts.Act` when it was recorded."""
    topic: Topic | None = None
    timing: Timing | None = None
    unread: tuple[Unread, ...] = ()
    audio: str | None = None
    """Content hash of the kept samples, where sound was sent."""
    duration_s: float | None = None
    """Of that sound."""
    features: Features | None = None


class TurnBegun(Fact):
    """We are about to speak: durable before the first sample leaves."""

    type: Literal["turn_begun"] = "turn_begun"
    turn: int
    """The turn's number in its conversation, from 1; a turn taken up again keeps its number."""
    turn_id: str
    speaker_id: str
    text: str
    engine: str
    response_gap_ms: int
    """The pause to leave before the line, suggested by how turns follow one another in talk."""
    begun_at: AwareDatetime
    fingerprint: str
    """Of all that was asked; the same turn id with another fingerprint is a conflict."""
    affect: Affect | None = None
    act: str | None = None
    """The dialogue act, one of `actors.understanding.acts.Act` when it was recorded."""
    topic: Topic | None = None
    timing: Timing | None = None
    unread: tuple[Unread, ...] = ()
    direction_json: str = Field(default='{"voice":"","phrases":[]}', repr=False)
    """The direction as it is stored, by default none but the engine's own way. It is half of such
    an event, and nobody who folds a log looks at it."""

    @cached_property
    def direction(self) -> Direction:
        return Direction.model_validate_json(self.direction_json)


class TurnExtended(Fact):
    """More of a turn whose words were still coming: durable before its first sample leaves."""

    type: Literal["turn_extended"] = "turn_extended"
    turn_id: str
    text: str
    """Goes on, to the letter, where the text of the turn ended so far."""
    direction: Direction
    """Of this text, in the voice in which the turn was begun."""
    extended_at: AwareDatetime
    affect: Affect | None = None
    """Of all that the turn has said so far; `act` and `topic` likewise."""
    act: str | None = None
    topic: Topic | None = None


class TurnCompleted(Fact):
    """All of the turn was synthesised, and its audio kept."""

    type: Literal["turn_completed"] = "turn_completed"
    turn_id: str
    audio: str
    """Content hash of the kept samples."""
    duration_s: float
    completed_at: AwareDatetime
    timings: Timings = Timings()
    features: Features | None = None
    """Measured in our own sound."""
    unread: tuple[Unread, ...] = ()
    words_json: str = Field(default="[]", repr=False)
    """The word times as they are stored; nobody who folds a log looks at them either."""

    @cached_property
    def words(self) -> Words:
        return _WORDS.validate_json(self.words_json)


class TurnInterrupted(Fact):
    """The listener stopped listening: only `heard_text` was heard."""

    type: Literal["turn_interrupted"] = "turn_interrupted"
    turn_id: str
    audio_played_ms: int
    cause: Interruption
    by: str | None = None
    """The participant who took the floor, where somebody did."""
    heard_text: str
    unheard_text: str
    audio: str | None = None
    """Content hash of what was synthesised, where the turn had not been completed."""
    duration_s: float | None = None
    words: Words | None = None
    interrupted_at: AwareDatetime
    features: Features | None = None
    """Of what was synthesised, where the turn had not been completed."""
    unread: tuple[Unread, ...] = ()


class TurnFailed(Fact):
    """Nothing, or not all, could be spoken; the same turn may be asked for again."""

    type: Literal["turn_failed"] = "turn_failed"
    turn_id: str
    cause: Failure
    failed_at: AwareDatetime


class Forked(Fact):
    """All events before this one were copied from another conversation."""

    type: Literal["forked"] = "forked"
    source_conversation_id: str
    source_version: int
    owner: str | None = None
    """Id of the key that forked it: the owner of the fork, whoever has the source."""


class Ended(Fact):
    type: Literal["ended"] = "ended"


Event = Annotated[
    Started
    | ParticipantJoined
    | ParticipantLeft
    | VoiceAssigned
    | PronunciationsSet
    | TurnHeard
    | TurnBegun
    | TurnExtended
    | TurnCompleted
    | TurnInterrupted
    | TurnFailed
    | Forked
    | Ended,
    Field(discriminator="type"),
]
