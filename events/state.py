"""A conversation as the sum of its events.

`evolve` takes what was recorded as it is: it never refuses, never asks the time, and gives the same
state for the same events for ever.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple, assert_never

from events.baseline import Baseline
from events.direction import Saying
from events.emotion import Feeling, as_affect, mood_of
from events.participants import Participant, SpeakerSummary
from events.readings import QUESTIONS, Affect, Features, Topic
from events.turn import Turn
from events.turns import (
    Event,
    ParticipantJoined,
    TurnBegun,
    TurnCompleted,
    TurnExtended,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
)

Status = Literal["new", "active", "ended"]


_NOTHING_YET = SpeakerSummary()
_NOBODY: Mapping[str, Any] = {}

MOST_TOPICS = 50
"""Remembered; what was spoken of before so many others is a new topic when it comes back."""


class State(NamedTuple):
    """Immutable; `evolve` makes the next one.

    A named tuple rather than a frozen dataclass: one is made for every event of a log, and this is
    the difference between 80,000 and 120,000 events a second.
    """

    conversation_id: str
    version: int = 0
    status: Status = "new"
    context_window: int = 10
    fingerprint: str = ""
    metadata: Mapping[str, Any] = _NOBODY
    participants: Mapping[str, Participant] = _NOBODY
    """By id, in the order of joining; those who left stay, marked as not present."""
    turns: tuple[Turn, ...] = ()
    """The last `context_window` turns, oldest first."""
    turn_count: int = 0
    speakers: Mapping[str, SpeakerSummary] = _NOBODY
    forked_from: tuple[str, int] | None = None
    """Conversation and version whose past this one shares."""
    feelings: Mapping[str, Feeling] = _NOBODY
    """Of the participants whose turns were read, each as of a moment of its own."""
    topics: tuple[Topic, ...] = ()
    """The last `MOST_TOPICS` to be spoken of, each as of then; the present one last."""
    intensity: float | None = None
    """How much of full expression is heard from participants who have none of their own."""
    baselines: Mapping[str, Baseline] = _NOBODY
    """How each usually sounds: of the participants whose turns were measured."""
    owner: str | None = None
    """Id of the key that opened or forked it."""
    pronunciations: Mapping[str, Saying] = _NOBODY
    """What is said in place of a word, by the word."""

    @property
    def current_speaker(self) -> str | None:
        """Who spoke last, or is speaking."""
        return self.turns[-1].speaker_id if self.turns else None

    @property
    def emotions(self) -> Mapping[str, Affect]:
        """What each participant feels, as of the last turn that was read."""
        return {speaker: as_affect(feeling) for speaker, feeling in self._felt().items()}

    @property
    def mood(self) -> Affect | None:
        """Of the whole dialogue; None before any turn was read."""
        return mood_of(self._felt().values())

    @property
    def topic(self) -> str | None:
        """What is being spoken of: the terms that most tell it from what was before."""
        return self.topics[-1].label if self.topics else None

    def felt_at(self, moment: float) -> Mapping[str, Feeling]:
        """What each will feel at a moment, in seconds since 1970, if nothing more is said."""
        return {name: feeling.later(moment) for name, feeling in self.feelings.items()}

    def without_turn(self, turn_id: str) -> "State":
        """As if one of the turns in the window had not been begun, which is taken up again."""
        turns = tuple(turn for turn in self.turns if turn.turn_id != turn_id)
        if len(turns) == len(self.turns):
            return self
        return self._replace(turns=turns, turn_count=self.turn_count - 1)

    def _felt(self) -> Mapping[str, Feeling]:
        return self.felt_at(max((feeling.at for feeling in self.feelings.values()), default=0.0))


def evolve(state: State, event: Event) -> State:
    """The state after one more event."""
    version = state.version + 1
    match event.type:  # of which a name is told sooner than a class
        case "turn_heard" | "turn_begun":
            return _take_turn(state, version, event)
        case "turn_completed" | "turn_interrupted" | "turn_failed":
            return _close_turn(state, version, event)
        case "turn_extended":
            return _extend_turn(state, version, event)
        case "started":
            return state._replace(
                version=version,
                status="active",
                context_window=event.context_window,
                metadata=event.metadata,
                fingerprint=event.fingerprint,
                intensity=event.intensity,
                owner=event.owner,
            )
        case "participant_joined":
            return _with_participant(state, version, _joined(state, event))
        case "participant_left":
            leaver = _participant(state, event.participant_id)
            return _with_participant(state, version, replace(leaver, present=False))
        case "voice_assigned":
            speaker = _participant(state, event.participant_id)
            return _with_participant(state, version, replace(speaker, voice=event.voice))
        case "pronunciations_set":
            return state._replace(version=version, pronunciations=event.pronunciations)
        case "forked":
            source = (event.source_conversation_id, event.source_version)
            return state._replace(
                version=version, status="active", forked_from=source, owner=event.owner
            )
        case "ended":
            return state._replace(version=version, status="ended")
        case _:
            assert_never(event)


def fold(conversation_id: str, events: Iterable[Event]) -> State:
    """The state after all of a conversation's events, oldest first."""
    state = State(conversation_id)
    for event in events:
        state = evolve(state, event)
    return state


def _participant(state: State, participant_id: str) -> Participant:
    return state.participants.get(participant_id) or Participant(participant_id, None, "agent")


def _joined(state: State, event: ParticipantJoined) -> Participant:
    known = _participant(state, event.participant_id)
    intensity = known.intensity if event.intensity is None else event.intensity
    return Participant(known.id, event.name, event.role, known.voice, intensity=intensity)


def _with_participant(state: State, version: int, participant: Participant) -> State:
    return state._replace(
        version=version, participants={**state.participants, participant.id: participant}
    )


def _take_turn(state: State, version: int, event: TurnHeard | TurnBegun) -> State:
    turn = Turn(event)
    if event.type == "turn_heard" and event.features:
        state = _accustomed(state, event.speaker_id, event.features)
    if event.turn <= state.turn_count:  # taken up again after a failure
        return _take_again(state, version, turn)
    before = state.speakers.get(event.speaker_id, _NOTHING_YET)
    words, seconds, act = len(event.text.split()), turn.duration_s, event.act
    summary = SpeakerSummary(
        before.turns + 1,
        before.words + words,
        before.spoken_s + seconds,
        before.interrupted,
        before.timed_words + words if seconds else before.timed_words,
        before.questions + (act in QUESTIONS),
        before.backchannels + (act == "backchannel"),
    )
    window = (*state.turns, turn)[-state.context_window :] if state.context_window > 0 else ()
    speakers = {**state.speakers, event.speaker_id: summary}
    return _with_turns(
        state,
        version,
        window,
        event.turn,
        speakers,
        _moved(state, event, event.affect) if event.affect else state.feelings,
        _spoken_of(state.topics, event.topic) if event.topic else state.topics,
    )


def _accustomed(state: State, speaker: str, heard: Features) -> State:
    before = state.baselines.get(speaker) or Baseline()
    return state._replace(baselines={**state.baselines, speaker: before.after(heard)})


def _extend_turn(state: State, version: int, event: TurnExtended) -> State:
    """More words of a turn, whose reading is that of all of its words."""
    turns = list(state.turns)
    place = _place(turns, event.turn_id)
    if place is None:  # longer ago than the window
        return state._replace(version=version)
    turn = turns[place]
    longer = turns[place] = turn.extend(event)
    before = state.speakers.get(turn.speaker_id, _NOTHING_YET)
    summary = before._replace(
        words=before.words + len(longer.text.split()) - len(turn.text.split()),
        questions=before.questions + (longer.act in QUESTIONS) - (turn.act in QUESTIONS),
        backchannels=before.backchannels
        + (longer.act == "backchannel")
        - (turn.act == "backchannel"),
    )
    partner = turns[place - 1].speaker_id if place else None
    return _with_turns(
        state,
        version,
        tuple(turns),
        state.turn_count,
        {**state.speakers, turn.speaker_id: summary},
        _felt_by(state, turn.speaker_id, partner, event.affect, event.extended_at.timestamp())
        if event.affect
        else state.feelings,
        _spoken_of(state.topics, event.topic) if event.topic else state.topics,
    )


def _moved(state: State, event: TurnHeard | TurnBegun, affect: Affect) -> Mapping[str, Feeling]:
    moment = event.begun_at if event.type == "turn_begun" else event.ended_at or event.heard_at
    partner = state.turns[-1].opening.speaker_id if state.turns else None
    return _felt_by(state, event.speaker_id, partner, affect, moment.timestamp())


def _felt_by(
    state: State, speaker: str, partner: str | None, affect: Affect, now: float
) -> Mapping[str, Feeling]:
    """The speaker feels what they say; whoever spoke last hears it."""
    feelings = dict(state.feelings)
    feelings[speaker] = (feelings.get(speaker) or Feeling(now)).said(affect, now)
    if partner is not None and partner != speaker:
        feelings[partner] = (feelings.get(partner) or Feeling(now)).heard(affect, now)
    return feelings


def _spoken_of(topics: tuple[Topic, ...], topic: Topic) -> tuple[Topic, ...]:
    if topics and topics[-1].id == topic.id:
        return topics if topics[-1].label == topic.label else (*topics[:-1], topic)
    others = [other for other in topics if other.id != topic.id]
    return (*others[1 - MOST_TOPICS :], topic)


def _take_again(state: State, version: int, turn: Turn) -> State:
    """What an earlier take added to its speaker's share is taken back with it."""
    turns, speakers = list(state.turns), dict(state.speakers)
    place = _place(turns, turn.turn_id)
    if place is not None:
        given_up, turns[place] = turns[place], turn
        before = speakers.get(given_up.speaker_id, _NOTHING_YET)
        speakers[given_up.speaker_id] = before._replace(
            spoken_s=before.spoken_s - given_up.duration_s,
            interrupted=before.interrupted - (given_up.interruption is not None),
            timed_words=before.timed_words - _timed_words(given_up, given_up.duration_s),
        )
    return _with_turns(
        state, version, tuple(turns), state.turn_count, speakers, state.feelings, state.topics
    )


def _close_turn(
    state: State, version: int, event: TurnCompleted | TurnInterrupted | TurnFailed
) -> State:
    turns = list(state.turns)
    place = _place(turns, event.turn_id)
    if place is None:  # longer ago than the window
        return _with_turns(
            state,
            version,
            state.turns,
            state.turn_count,
            state.speakers,
            state.feelings,
            state.topics,
        )
    turn = turns[place]
    if event.type != "turn_failed" and event.features:
        state = _accustomed(state, turn.speaker_id, event.features)
    closed = turns[place] = turn.close(event)
    known_s, seconds = turn.duration_s, closed.duration_s
    before = state.speakers.get(turn.speaker_id, _NOTHING_YET)
    summary = SpeakerSummary(
        before.turns,
        before.words,
        before.spoken_s + seconds - known_s,
        before.interrupted + (event.type == "turn_interrupted"),
        before.timed_words + _timed_words(closed, seconds) - _timed_words(turn, known_s),
        before.questions,
        before.backchannels,
    )
    speakers = {**state.speakers, turn.speaker_id: summary}
    return _with_turns(
        state, version, tuple(turns), state.turn_count, speakers, state.feelings, state.topics
    )


def _timed_words(turn: Turn, seconds: float) -> int:
    """Words that sounded in the duration of a turn."""
    if not seconds:
        return 0
    if turn.interruption:
        return len(turn.interruption.heard_text.split())
    return len(turn.text.split())


def _place(turns: list[Turn], turn_id: str) -> int | None:
    for place in range(len(turns) - 1, -1, -1):  # it is nearly always the last
        if turns[place].opening.turn_id == turn_id:
            return place
    return None


def _with_turns(
    state: State,
    version: int,
    turns: tuple[Turn, ...],
    turn_count: int,
    speakers: Mapping[str, SpeakerSummary],
    feelings: Mapping[str, Feeling],
    topics: tuple[Topic, ...],
) -> State:
    # Spelled out: this is nearly every event of a log, and `_replace` takes twice as long.
    return State(
        state.conversation_id,
        version,
        state.status,
        state.context_window,
        state.fingerprint,
        state.metadata,
        state.participants,
        turns,
        turn_count,
        speakers,
        state.forked_from,
        feelings,
        topics,
        state.intensity,
        state.baselines,
        state.owner,
        state.pronunciations,
    )
