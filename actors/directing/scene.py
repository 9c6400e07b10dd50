"""A scene: all that the rules may look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actors.directing.effects import Tone
from actors.directing.emotions import EXPRESSIONS
from actors.directing.endings import Ending
from actors.directing.words import content
from events.readings import Affect, Part


@dataclass(frozen=True, slots=True)
class Cut:
    """The speaker's last line was cut short, and this one follows."""

    heard: int
    """Words of it that were heard."""
    unheard: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A line, what was wished for it, and what of the past bears on it."""

    text: str
    phrases: tuple[str, ...]
    endings: tuple[Ending, ...]
    """Of each phrase."""
    act: str = "statement"
    feeling: Affect | None = None
    """Of the line itself."""
    illegible: str | None = None
    """Why the rules cannot tell what the line does."""
    turn: int = 1
    part: Part = "middle"
    """Of the dialogue."""
    partner_act: str | None = None
    partner_feeling: Affect | None = None
    """Of whoever else spoke last, as their last turns are remembered by the time of the line."""
    mood: Affect | None = None
    """Of the whole dialogue."""
    just_said: frozenset[str] = frozenset()
    """Content words of the last turns."""
    known: frozenset[str] = frozenset()
    """Content words of all turns in the window."""
    answered: tuple[str, ...] = ()
    """The words of the turn before this one, if somebody else's."""
    cut: Cut | None = None
    heard: frozenset[str] = frozenset()
    """Content words that were heard of the line that was cut."""
    rates: tuple[float, float] | None = None
    """Words a second of the partner, and of the speaker where nothing is asked."""
    loudness: tuple[float, float] | None = None
    """Of the partner's last turn, and as it usually is, in LUFS."""
    before: Tone | None = None
    """The speaker's expression in their last line, at intensity 1."""
    emotion: str | None = None
    """Asked for; it need not be one that there is."""
    speed: float = 1.0

    @property
    def asked_emotion(self) -> bool:
        return self.emotion in EXPRESSIONS


def places(phrase_texts: Sequence[str]) -> Iterator[range]:
    """The words of each phrase, by their places in all of them together."""
    begin = 0
    for text in phrase_texts:
        end = begin + len(text.split())
        yield range(begin, end)
        begin = end


def content_places(scene: Scene) -> list[list[tuple[int, str]]]:
    """For each phrase: the places and forms of its content words."""
    spoken = [word for phrase in scene.phrases for word in phrase.split()]
    return [
        [(at, bare) for at in within if (bare := content(spoken[at]))]
        for within in places(scene.phrases)
    ]
