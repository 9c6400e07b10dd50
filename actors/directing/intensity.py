"""How much of full expression is heard."""

from events.state import State

INTENSITY = 0.6
"""By default, where 1 is as far as a voice can be moved and stay the same person: enough that moods
differ by more than a listener's threshold (1.5 semitones for prominence, Rietveld & Gussenhoven
1985; 5 % for rate, Quené 2007), and room for more."""


def intensity_of(state: State, participant_id: str) -> float:
    """A participant's own, or else the conversation's, or else the default."""
    participant = state.participants.get(participant_id)
    own = participant.intensity if participant else None
    return next(each for each in (own, state.intensity, INTENSITY) if each is not None)
