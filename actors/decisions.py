"""What a command makes of a conversation: new facts, or a named refusal.

Pure. No facts at all means that there was nothing left to do, so that any command can be repeated.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from actors import context, prosody
from actors.commands import (
    End,
    Fork,
    Interrupt,
    Join,
    Leave,
    Listen,
    Newcomer,
    Pronounce,
    Speak,
    Start,
)
from actors.directing import LIMITS, Limits
from actors.engines.base import EngineDescription
from actors.hearing.ear import NOTHING_MEASURED, Measured
from actors.phrases import speakable
from actors.refusals import (
    ConversationEnded,
    ConversationExists,
    TurnIdConflict,
    TurnNotSpoken,
    TurnTimesReversed,
    UnknownConversation,
    UnknownSpeaker,
    UnspeakableText,
)
from actors.understanding.reader import Line, Reader, Reading
from actors.voices import Voices
from events.codec import CODEC
from events.state import State, evolve
from events.transcript import Transcript
from events.turn import ROUNDED_S, Turn
from events.turns import (
    Ended,
    Event,
    Forked,
    ParticipantJoined,
    ParticipantLeft,
    PronunciationsSet,
    Started,
    TurnBegun,
    TurnFailed,
    TurnHeard,
    TurnInterrupted,
    VoiceAssigned,
    Words,
)

_CANONICAL = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False)


def fingerprint(*particulars: object) -> str:
    """SHA-256 of what was asked, to tell a repetition from another request of the same name."""
    return hashlib.sha256(_CANONICAL.encode(particulars).encode()).hexdigest()


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
    _must_be_open(state)
    if state.pronunciations == command.pronunciations:
        return []
    return [PronunciationsSet(pronunciations=dict(command.pronunciations))]


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


def join(state: State, command: Join, voices: Voices) -> list[Event]:
    _must_be_open(state)
    here = state.participants.get(command.newcomer.id)
    if here is not None and here.present:
        return []
    if here is not None and here.voice is not None:  # who comes back keeps their voice
        intensity = command.newcomer.intensity
        back = ParticipantJoined(
            participant_id=here.id, name=here.name, role=here.role, intensity=intensity
        )
        return [back]
    return _join(command.newcomer, _voices(state), voices)


def leave(state: State, command: Leave) -> list[Event]:
    _must_be_open(state)
    here = state.participants.get(command.participant_id)
    if here is None:
        raise UnknownSpeaker(command.participant_id, _names(state))
    return [ParticipantLeft(participant_id=here.id)] if here.present else []


def listen(
    state: State, known: Turn | None, command: Listen, now: datetime, *, reader: Reader
) -> list[TurnHeard]:
    told = _told(command)
    if _repeated(known, told):
        return []
    _must_be_open(state)
    _must_be_present(state, command.speaker_id)
    begin, end = command.started_at, command.ended_at
    if begin is not None and end is not None and end < begin:
        raise TurnTimesReversed
    sound = command.sound
    line = Line(
        command.speaker_id,
        command.text,
        end or now,
        begin,
        features=sound.features if sound else None,
        vocal=sound.vocal if sound else None,
    )
    reading = reader.read(state, line)
    return [
        TurnHeard(
            turn=state.turn_count + 1,
            turn_id=command.turn_id,
            speaker_id=command.speaker_id,
            text=command.text,
            heard_at=now,
            started_at=begin,
            ended_at=end,
            fingerprint=told,
            affect=reading.affect,
            act=reading.act,
            topic=reading.topic,
            timing=reading.timing,
            unread=reading.unread + (sound.unread if sound else ()),
            audio=sound.audio if sound else None,
            duration_s=sound.duration_s if sound else None,
            features=sound.features if sound else None,
        )
    ]


def _told(command: Listen) -> str:
    particulars: list[object] = [command.speaker_id, command.text]
    particulars += [command.started_at, command.ended_at]
    if command.upload is not None:  # without sound, a turn is the same as before sound was heard
        particulars.append(command.upload)
    return fingerprint("heard", *particulars)


def speak(
    state: State,
    known: Turn | None,
    command: Speak,
    *,
    now: datetime,
    engine: EngineDescription,
    voices: Voices,
    reader: Reader,
    limits: Limits = LIMITS,
) -> list[Event]:
    """Begin a turn, or take it up again where the record has no whole audio of it."""
    asked = _asked(command)
    if command.join:
        _must_be_of(state, command.owner)
    if _repeated(known, asked) and known is not None and not known.speakable_again:
        return []
    if command.join and state.status == "new":
        speaker = Newcomer(command.speaker_id, voice=command.voice)
        opening = start(state, Start((speaker,), owner=command.owner), voices)
    elif command.join:
        opening = join(state, Join(Newcomer(command.speaker_id, voice=command.voice)), voices)
    else:
        opening = _voice_for(state, command.speaker_id, voices)
    if not speakable(command.text):
        raise UnspeakableText
    voice = None if command.voice is None else voices.resolve(command.voice)
    ready = _after(state, opening)
    reading = _first_reading(known) or reader.read(
        ready, Line(command.speaker_id, command.text, now, now)
    )
    direction = prosody.direct(
        ready,
        command,
        voice=voice,
        capabilities=engine.capabilities,
        reading=reading,
        now=now,
        limits=limits,
    )
    begun = TurnBegun(
        turn=known.number if known else ready.turn_count + 1,
        turn_id=command.turn_id,
        speaker_id=command.speaker_id,
        text=command.text,
        engine=engine.name,
        response_gap_ms=_response_gap_ms(ready, known, command.speaker_id),
        begun_at=now,
        fingerprint=asked,
        affect=reading.affect,
        act=reading.act,
        topic=reading.topic,
        timing=reading.timing,
        unread=reading.unread,
        direction_json=direction.model_dump_json(),
    )
    return [*opening, begun]


def _first_reading(known: Turn | None) -> Reading | None:
    """What was read when the turn was first begun: what it followed has not changed."""
    if known is None:
        return None
    first = known.opening
    return Reading(first.affect, first.act, first.topic, first.timing, first.unread)


def _asked(command: Speak) -> str:
    particulars: list[object] = [command.speaker_id, command.text, command.voice]
    particulars += [command.speed, command.emotion]
    if command.words:  # turns recorded before there was such a control stay the same turns
        particulars.append([word.model_dump() for word in command.words])
    if command.marks:
        particulars.append({"written": command.written})
    return fingerprint("spoken", *particulars)


def _response_gap_ms(state: State, known: Turn | None, speaker_id: str) -> int:
    if known is not None and isinstance(known.opening, TurnBegun):
        return known.opening.response_gap_ms  # what it followed has not changed
    return context.response_gap_ms(state, speaker_id)


def may_speak(state: State, command: Speak, voices: Voices) -> None:
    """Refuse who cannot speak, or a voice that there is not, before there is anything to say."""
    _must_be_open(state)
    _must_be_present(state, command.speaker_id)
    if command.voice is not None:
        voices.resolve(command.voice)


def interrupt(
    known: Turn,
    command: Interrupt,
    now: datetime,
    *,
    audio: str | None = None,
    duration_s: float | None = None,
    words: Words | None = None,
    measured: Measured = NOTHING_MEASURED,
    unspoken: str = "",
) -> list[Event]:
    """Cut a turn short at what was played.

    Args:
        known: The turn.
        command: Who interrupted, and when; beyond the end of the sound means all was heard.
        now: The time.
        audio: Content hash of what was synthesised, if the turn was not completed.
        duration_s: Length of that sound.
        words: Times of its words.
        measured: Its features.
        unspoken: What came of its text after what the record has.
    """
    if known.interruption is not None:
        return []
    if known.kind == "heard" or known.failure is not None:
        raise TurnNotSpoken(known.turn_id)
    total_s = known.completion.duration_s if known.completion else duration_s or 0.0
    played_ms = min(command.audio_played_ms, round(total_s * 1000))
    timed = known.completion.words if known.completion else words or ()
    heard, unheard = heard_and_unheard(known.text, timed, played_ms / 1000, total_s)
    unheard = " ".join((*unheard.split(), *unspoken.split()))
    return [
        TurnInterrupted(
            turn_id=known.turn_id,
            audio_played_ms=played_ms,
            cause=command.cause,
            by=command.by,
            heard_text=heard,
            unheard_text=unheard,
            audio=audio,
            duration_s=duration_s,
            words=words,
            interrupted_at=now,
            features=measured.features,
            unread=measured.unread,
        )
    ]


def heard_and_unheard(text: str, words: Words, played_s: float, total_s: float) -> tuple[str, str]:
    """The words whose end was played, and the others.

    Without word times, a share of the words as large as the share of the sound that was played,
    rounded down.
    """
    said = text.split()
    until_s = played_s + ROUNDED_S
    if words:
        count = sum(1 for _, _, end_s in words if end_s <= until_s)
    else:
        count = int(len(said) * until_s / total_s) if total_s else 0
    return " ".join(said[:count]), " ".join(said[count:])


def lost(turns: Transcript, now: datetime) -> list[Event]:
    """Close the turns that a process took with it when it died."""
    return [TurnFailed(turn_id=turn.turn_id, cause="lost", failed_at=now) for turn in turns.open()]


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


def _after(state: State, events: Iterable[Event]) -> State:
    for event in events:
        state = evolve(state, event)
    return state


def _must_be_open(state: State) -> None:
    if state.status == "new":
        raise UnknownConversation(state.conversation_id)
    if state.status == "ended":
        raise ConversationEnded(state.conversation_id)


def _must_be_of(state: State, owner: str | None) -> None:
    if state.status != "new" and owner not in (None, state.owner):
        raise UnknownConversation(state.conversation_id)


def _repeated(known: Turn | None, asked: str) -> bool:
    if known is None:
        return False
    if known.opening.fingerprint != asked:
        raise TurnIdConflict(known.turn_id)
    return True


def _must_be_present(state: State, speaker_id: str) -> None:
    here = state.participants.get(speaker_id)
    if here is None or not here.present:
        raise UnknownSpeaker(speaker_id, _names(state))


def _voice_for(state: State, speaker_id: str, voices: Voices) -> list[Event]:
    _must_be_open(state)
    _must_be_present(state, speaker_id)
    if state.participants[speaker_id].voice is not None:
        return []
    return [VoiceAssigned(participant_id=speaker_id, voice=voices.choose(_voices(state)))]


def _voices(state: State) -> list[str]:
    return [p.voice for p in state.participants.values() if p.voice]


def _names(state: State) -> str:
    return ", ".join(repr(p.id) for p in state.participants.values() if p.present) or "nobody"
