"""What is decided of a conversation and of those in it."""

from collections.abc import Iterable
from datetime import datetime

from actors.commands import End, Fork, Join, Leave, Newcomer, Pronounce, Start
from actors.decisions.endings import lost
from actors.decisions.guards import fingerprint, must_be_open, names_of, voices_of
from actors.refusals import ConversationExists, UnknownConversation, UnknownSpeaker
from actors.voices import Voices
from events.codec import CODEC
from events.state import State
from events.transcript import Transcript
from events.turns import (
    Ended,
    Event,
    Forked,
    ParticipantJoined,
    ParticipantLeft,
    PronunciationsSet,
    Started,
    VoiceAssigned,
)


def start(state: State, command: Start, voices: Voices) -> list[Event]:
    asked = _started(command)
    if state.status != "new":
        if state.fingerprint == asked:
            return []
        raise ConversationExists(state.conversation_id)
    events: list[Event] = [
        Started(
            context_window=command.context_window,
            metadata=dict(command.metadata),
            fingerprint=asked,
            intensity=command.intensity,
            owner=command.owner,
        )
    ]
    taken = [voices.resolve(p.voice) for p in command.participants if p.voice]
    for newcomer in command.participants:
        events += _join(newcomer, taken, voices)
    if command.pronunciations:
        events.append(PronunciationsSet(pronunciations=dict(command.pronunciations)))
    return events


def _started(command: Start) -> str:
    particulars: list[object] = [
        [(p.id, p.name, p.role, p.voice) for p in command.participants],
        command.context_window,
        dict(command.metadata),
    ]
    # What was started before there was such a setting is still the same conversation.
    own = {p.id: p.intensity for p in command.participants if p.intensity is not None}
    if own or command.intensity is not None:
        particulars.append([command.intensity, own])
    if command.pronunciations:
        said = {word: saying.model_dump() for word, saying in command.pronunciations.items()}
        particulars.append({"pronunciations": said})
    if command.owner is not None:  # what is another's is not found again by the same words
        particulars.append({"owner": command.owner})
    return fingerprint(*particulars)


def pronounce(state: State, command: Pronounce) -> list[Event]:
    must_be_open(state)
    if state.pronunciations == command.pronunciations:
        return []
    return [PronunciationsSet(pronunciations=dict(command.pronunciations))]


def join(state: State, command: Join, voices: Voices) -> list[Event]:
    must_be_open(state)
    here = state.participants.get(command.newcomer.id)
    if here is not None and here.present:
        return []
    if here is not None and here.voice is not None:  # who comes back keeps their voice
        intensity = command.newcomer.intensity
        back = ParticipantJoined(
            participant_id=here.id, name=here.name, role=here.role, intensity=intensity
        )
        return [back]
    return _join(command.newcomer, voices_of(state), voices)


def leave(state: State, command: Leave) -> list[Event]:
    must_be_open(state)
    here = state.participants.get(command.participant_id)
    if here is None:
        raise UnknownSpeaker(command.participant_id, names_of(state))
    return [ParticipantLeft(participant_id=here.id)] if here.present else []


def fork(state: State, command: Fork, now: datetime) -> list[Event]:
    """Copy the past of another conversation.

    Its end is not copied, and a turn that was being spoken there is lost here.
    """
    if state.status != "new":
        source, version = state.forked_from or (None, 0)
        same_version = command.to_the_end or version == len(command.past)
        same_owner = state.owner == command.owner
        if source == command.source_conversation_id and same_version and same_owner:
            return []
        raise ConversationExists(state.conversation_id)
    everything: Iterable[Event] = map(CODEC.read, command.past)
    past = [event for event in everything if not isinstance(event, Ended)]
    turns = Transcript()
    for event in past:
        turns.apply(event)
    return [
        *past,
        Forked(
            source_conversation_id=command.source_conversation_id,
            source_version=len(command.past),
            owner=command.owner,
        ),
        *lost(turns, now),
    ]


def end(state: State, _: End) -> list[Event]:
    if state.status == "new":
        raise UnknownConversation(state.conversation_id)
    return [Ended()] if state.status == "active" else []


def _join(newcomer: Newcomer, taken: list[str], voices: Voices) -> list[Event]:
    events: list[Event] = [
        ParticipantJoined(
            participant_id=newcomer.id,
            name=newcomer.name,
            role=newcomer.role,
            intensity=newcomer.intensity,
        )
    ]
    voice = newcomer.voice
    if voice is not None:
        voice = voices.resolve(voice)
    elif newcomer.role == "agent":
        voice = voices.choose(taken)
        taken.append(voice)
    if voice is not None:
        events.append(VoiceAssigned(participant_id=newcomer.id, voice=voice))
    return events
