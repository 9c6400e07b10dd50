"""What is decided of turns: heard ones, and those that we begin to speak."""

from collections.abc import Iterable
from datetime import datetime

from actors import context, prosody
from actors.commands import Join, Listen, Newcomer, Speak, Start
from actors.decisions.conversation import join, start
from actors.decisions.guards import (
    fingerprint,
    must_be_of,
    must_be_open,
    must_be_present,
    repeated,
    voices_of,
)
from actors.directing import LIMITS, Limits
from actors.engines.base import EngineDescription
from actors.phrases import speakable
from actors.refusals import TurnTimesReversed, UnspeakableText
from actors.understanding.reader import Line, Reader, Reading
from actors.voices import Voices
from events.state import State, evolve
from events.turn import Turn
from events.turns import Event, TurnBegun, TurnHeard, VoiceAssigned


def listen(
    state: State, known: Turn | None, command: Listen, now: datetime, *, reader: Reader
) -> list[TurnHeard]:
    told = _told(command)
    if repeated(known, told):
        return []
    must_be_open(state)
    must_be_present(state, command.speaker_id)
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
        must_be_of(state, command.owner)
    if repeated(known, asked) and known is not None and not known.speakable_again:
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
    must_be_open(state)
    must_be_present(state, command.speaker_id)
    if command.voice is not None:
        voices.resolve(command.voice)


def _after(state: State, events: Iterable[Event]) -> State:
    for event in events:
        state = evolve(state, event)
    return state


def _voice_for(state: State, speaker_id: str, voices: Voices) -> list[Event]:
    must_be_open(state)
    must_be_present(state, speaker_id)
    if state.participants[speaker_id].voice is not None:
        return []
    return [VoiceAssigned(participant_id=speaker_id, voice=voices.choose(voices_of(state)))]
