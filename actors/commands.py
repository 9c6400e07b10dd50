"""What can be asked of a conversation. Whatever is not a function of its past comes in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actors.markup.marks import Marks
from actors.refusals import Refused
from events.direction import Saying, WordProsody
from events.envelope import Recorded
from events.readings import Features, Unread
from events.state import State
from events.turns import Interruption, Role


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who joins; an agent without a voice is given one that nobody else here has."""

    id: str
    name: str | None = None
    role: Role = "agent"
    voice: str | None = None
    intensity: float | None = None
    """How much of full expression is heard, from 0 to 1; None is that of the conversation."""


@dataclass(frozen=True, slots=True)
class Start:
    participants: tuple[Newcomer, ...]
    context_window: int = 10
    metadata: Mapping[str, Any] = field(default_factory=dict)
    intensity: float | None = None
    """Of participants who have none of their own; None leaves that to the director."""
    owner: str | None = None
    """Id of the key that opens it; None where there are no keys."""
    pronunciations: Mapping[str, Saying] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pronounce:
    """Have words said so from now on, and no others."""

    pronunciations: Mapping[str, Saying]


@dataclass(frozen=True, slots=True)
class Join:
    newcomer: Newcomer


@dataclass(frozen=True, slots=True)
class Leave:
    participant_id: str


@dataclass(frozen=True, slots=True)
class Vocal:
    """What a voice tells of its speaker's state, each from -1 to 1, and how much that counts.

    A weight is how many times as much it counts as what the words alone tell.
    """

    arousal: float = 0.0
    arousal_weight: float = 0.0
    valence: float = 0.0
    valence_weight: float = 0.0


@dataclass(frozen=True, slots=True)
class HeardSound:
    """Sound that somebody sent: decoded, kept and measured."""

    audio: str
    """Content hash of the kept samples."""
    duration_s: float
    features: Features | None = None
    vocal: Vocal | None = None
    """Where something stronger than our rules has listened."""
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Listen:
    """A turn that somebody else spoke."""

    turn_id: str
    speaker_id: str
    text: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    upload: str | None = None
    """SHA-256 of the file that came with it, if one did: another file is another turn."""
    sound: HeardSound | None = None
    """What was in the file."""


@dataclass(frozen=True, slots=True)
class ListenToMany:
    """Turns that others spoke, in this order. Answered by `Heard`."""

    turns: tuple[Listen, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    outcomes: tuple[int | Refused, ...]
    """Of each turn: its number, or why it alone was refused."""
    version: int
    """After the last."""


@dataclass(frozen=True, slots=True)
class Consider:
    """Whether a turn would be taken, before its sound is listened to.

    Answered as the turn itself if it is recorded already, and else by None; refused as it would be.
    """

    turn: Listen


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
    owner: str | None = None
    """With `join`: whose the conversation is, or will be; one that is another's is not joined. None
    joins any."""
    key_id: str | None = None
    """Of the key that asks, among which the workers are shared; None where there are no keys."""
    marks: Marks | None = None
    """What markup asks of the text, by places in it; None where no markup was read."""
    written: str = ""
    """The text with its markup, by which a line is told from another one of the same words."""
    opens: bool = True
    """Whether it is the beginning of its turn, of which the first phrase is short."""
    goes_on: bool = False
    """Whether more of its turn follows, after a pause."""


@dataclass(frozen=True, slots=True)
class Dictate:
    """More of the words of a turn, which is spoken as they come. Answered by `Dictated`."""

    line: Speak
    """How to speak; its text begins at the character `at` of the turn, and may have come before."""
    at: int
    ended: bool
    """Whether nothing follows."""
    marks_before: int = 0
    """How many marks of the turn stand before those of the line, which are counted by places in the
    turn's text."""


@dataclass(frozen=True, slots=True)
class Dictated:
    known: int
    """Characters of the turn's text that are known."""
    over: bool
    """Whether the turn has come to its end in the record."""


@dataclass(frozen=True, slots=True)
class Hear:
    """The sound of a dictated turn, from a sample on."""

    turn_id: str
    listener_id: str
    sample: int = 0


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
    owner: str | None = None
    """Id of the key that forks; None where there are no keys."""


@dataclass(frozen=True, slots=True)
class End:
    pass


Command = Start | Pronounce | Join | Leave | Listen | Fork | End
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
    """Answered by the `State` now, or at a version or a moment, or as a turn followed it."""

    version: int | None = None
    at: datetime | None = None
    before_turn: str | None = None
    """Alone: the turn's id."""


@dataclass(frozen=True, slots=True)
class GetTurn:
    """Answered by the `Turn`."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class GetTurns:
    """Answered by a tuple of turns, oldest first: those with a number above `after`."""

    after: int = 0
    limit: int = 1000


Request = (
    Obey
    | Listen
    | ListenToMany
    | Dictate
    | Consider
    | Interrupt
    | Part
    | GetState
    | GetTurn
    | GetTurns
)
"""What a conversation answers with a value; `Listen` and `Interrupt` with their turn and the
version after it."""
