"""What can be asked of a conversation. Whatever is not a function of its past comes in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events.envelope import Recorded
from events.state import State
from events.turns import Interruption, Role, WordProsody


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who joins; an agent without a voice is given one that nobody else here has."""

    id: str
    name: str | None = None
    role: Role = "agent"
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    participants: tuple[Newcomer, ...]
    context_window: int = 10
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Join:
    newcomer: Newcomer


@dataclass(frozen=True, slots=True)
class Leave:
    participant_id: str


@dataclass(frozen=True, slots=True)
class Listen:
    """A turn that somebody else spoke."""

    turn_id: str
    speaker_id: str
    text: str
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Speak:
    """A line for us to speak."""

    turn_id: str
    speaker_id: str
    text: str
    voice: str | None = None
    """For this line only; the speaker's own by default."""
    speed: float = 1.0
    emotion: str | None = None
    words: tuple[WordProsody, ...] = ()
    """What is asked of single words, by their place in the text."""
    join: bool = False
    """Whether a speaker who is not there yet, in a conversation that does not exist yet, joins."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    turn_id: str
    audio_played_ms: int
    by: str | None = None
    cause: Interruption = "barge_in"


@dataclass(frozen=True, slots=True)
class Fork:
    """Fill a new conversation with the past of another."""

    source_conversation_id: str
    past: tuple[Recorded, ...]
    to_the_end: bool = False
    """Whether no version was named: then an earlier fork of the same name is the same request,
    although the source has gone on since."""


@dataclass(frozen=True, slots=True)
class End:
    pass


Command = Start | Join | Leave | Listen | Fork | End
"""Those that only change the record; `Speak` and `Interrupt` also make or stop sound."""


@dataclass(frozen=True, slots=True)
class Obey:
    """Answered by `Obeyed`."""

    command_id: str
    command: Command


@dataclass(frozen=True, slots=True)
class Obeyed:
    state: State
    """After the command."""
    new: bool
    """False if there was nothing left to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A listener of a turn is gone. Answered by None."""

    turn_id: str
    listener_id: str
    delivered_ms: int
    whole: bool


@dataclass(frozen=True, slots=True)
class GetState:
    """Answered by the `State` now, or at a version or a moment."""

    version: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GetTurn:
    """Answered by the `Turn`."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class GetTurns:
    """Answered by a tuple of turns, oldest first: those with a number above `after`."""

    after: int = 0
    limit: int = 1000


Request = Obey | Listen | Interrupt | Part | GetState | GetTurn | GetTurns
"""What a conversation answers with a value; `Listen` and `Interrupt` with their turn and the
version after it."""
