"""The speaker encoding: who is there, and how each of them speaks."""

from pydantic import BaseModel, ConfigDict

from actors.directing.intensity import intensity_of
from events.baseline import Baseline, Habit
from events.participants import Participant, SpeakerSummary
from events.state import State
from events.turns import Role


class Style(BaseModel):
    """How somebody speaks, over the whole conversation; None where nothing is known of it."""

    model_config = ConfigDict(frozen=True)

    words_a_second: float | None
    """In speech whose times are known, as fast as it sounded."""
    words_a_turn: float | None
    question_share: float | None
    """Turns that asked something, of all their turns."""
    backchannel_share: float | None
    syllables_a_second: float | None
    """Without pauses. This and what follows is measured in sound, where there was any."""
    pitch_hz: float | None
    pitch_range_st: float | None
    loudness_lufs: float | None


class Speaker(BaseModel):
    model_config = ConfigDict(frozen=True)

    role: Role
    voice: str | None
    intensity: float
    """How much of full expression is heard from them."""
    turns: int
    word_share: float | None
    """Of all words that were said."""
    interrupted: int
    """Their turns that somebody cut short."""
    style: Style


def speakers_of(state: State) -> dict[str, Speaker]:
    """Everybody who is there, by id."""
    words = sum(summary.words for summary in state.speakers.values())
    here = (person for person in state.participants.values() if person.present)
    return {person.id: _speaker(state, person, words) for person in here}


def style_of(summary: SpeakerSummary, usual: Baseline | None) -> Style:
    """Of what somebody said and, if any of it was measured, of how it usually sounds."""
    sound = usual or Baseline()
    return Style(
        words_a_second=_rounded(summary.words_a_second),
        words_a_turn=_rounded(summary.words_a_turn),
        question_share=_rounded(summary.question_share),
        backchannel_share=_rounded(summary.backchannel_share),
        syllables_a_second=_mean(sound.rate),
        pitch_hz=_rounded(2 ** (sound.pitch.mean / 12)) if sound.pitch.turns else None,
        pitch_range_st=_mean(sound.pitch_range),
        loudness_lufs=_mean(sound.loudness),
    )


def _speaker(state: State, person: Participant, words: int) -> Speaker:
    summary = state.speakers.get(person.id, SpeakerSummary())
    return Speaker(
        role=person.role,
        voice=person.voice,
        intensity=intensity_of(state, person.id),
        turns=summary.turns,
        word_share=_rounded(summary.words / words) if words else None,
        interrupted=summary.interrupted,
        style=style_of(summary, state.baselines.get(person.id)),
    )


def _mean(habit: Habit) -> float | None:
    return _rounded(habit.mean) if habit.turns else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
