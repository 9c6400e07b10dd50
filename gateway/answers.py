"""From what the rooms below know to what callers are told."""

import json

from actors.context import context_of, style_of
from events.envelope import ConversationHead, Recorded
from events.state import State
from events.turn import Turn
from gateway.pronunciations import SayingIn
from gateway.schemas import (
    EventOut,
    HeadOut,
    Origin,
    ParticipantOut,
    SpeakerOut,
    StateOut,
    TurnInContextOut,
    TurnOut,
    WordOut,
)


def participants_out(state: State) -> list[ParticipantOut]:
    return [
        ParticipantOut(
            id=p.id,
            name=p.name,
            role=p.role,
            voice=p.voice,
            present=p.present,
            intensity=p.intensity,
        )
        for p in state.participants.values()
    ]


def turn_out(turn: Turn) -> TurnOut:
    opening = turn.opening
    spoken = opening if opening.type == "turn_begun" else None
    return TurnOut(
        turn=turn.number,
        turn_id=turn.turn_id,
        speaker_id=turn.speaker_id,
        kind=turn.kind,
        status=turn.status,
        text=turn.text,
        heard_text=turn.heard_text,
        words=[WordOut(word=w.word, start_s=w.start_s, end_s=w.end_s) for w in turn.words],
        act=turn.act,
        topic=turn.topic.label if turn.topic else None,
        affect=turn.affect,
        timing=opening.timing,
        unread=list(turn.unread),
        direction=turn.direction,
        engine=spoken.engine if spoken else None,
        response_gap_ms=spoken.response_gap_ms if spoken else None,
        duration_s=turn.duration_s,
        features=turn.features,
        audio=turn.audio,
        timings=turn.completion.timings if turn.completion else None,
        started_at=turn.started_at,
        ended_at=turn.ended_at,
    )


def turn_in_context_out(turn: Turn, before: State) -> TurnInContextOut:
    """A turn with its context; `before` is the state that it followed."""
    context = context_of(before, speaker_id=turn.speaker_id, at=turn.started_at, act=turn.act)
    return TurnInContextOut(**dict(turn_out(turn)), context=context)


def state_out(state: State) -> StateOut:
    emotions = state.emotions
    return StateOut(
        conversation_id=state.conversation_id,
        status=state.status,
        version=state.version,
        participants=participants_out(state),
        current_speaker=state.current_speaker,
        emotional_state=emotions.get(state.current_speaker or ""),
        mood=state.mood,
        topic=state.topic,
        turns=[turn_out(turn) for turn in state.turns],
        turn_count=state.turn_count,
        speakers={
            speaker: SpeakerOut(
                turns=s.turns,
                words=s.words,
                spoken_s=s.spoken_s,
                interrupted=s.interrupted,
                style=style_of(s, state.baselines.get(speaker)),
                emotion=emotions.get(speaker),
            )
            for speaker, s in state.speakers.items()
        },
        context_window=state.context_window,
        intensity=state.intensity,
        metadata=dict(state.metadata),
        pronunciations=pronunciations_out(state),
        forked_from=origin_out(state),
    )


def pronunciations_out(state: State) -> dict[str, SayingIn]:
    return {
        word: SayingIn.model_construct(phonemes=saying.phonemes, say_as=saying.say_as)
        for word, saying in state.pronunciations.items()
    }


def origin_out(state: State) -> Origin | None:
    if state.forked_from is None:
        return None
    source, version = state.forked_from
    return Origin(conversation_id=source, version=version)


def event_out(event: Recorded) -> EventOut:
    return EventOut(
        event_id=event.event_id,
        conversation_id=event.conversation_id,
        version=event.version,
        position=event.position,
        type=event.type,
        schema_version=event.schema_version,
        recorded_at=event.recorded_at,
        command_id=event.command_id,
        epoch=event.epoch,
        chain=event.chain.hex(),
        data=json.loads(event.data),
    )


def head_out(head: ConversationHead) -> HeadOut:
    return HeadOut(
        conversation_id=head.conversation_id,
        status="ended" if head.ended else "active",
        version=head.version,
        started_at=head.started_at,
        updated_at=head.updated_at,
    )
