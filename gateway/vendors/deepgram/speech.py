"""Speeches, and where they are in the sound of a session."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from gateway.vendors.playlist import Playlist

MOST_REMEMBERED = 64
"""Speeches; those that were sent whole can still be interrupted while they are played."""


@dataclass(slots=True)
class Speech:
    """What is said between two flushes."""

    id: str
    """Of its turn, too."""
    characters: int = 0
    at_s: float | None = None
    """Where it begins in the sound of the session; None before there is any of it."""
    sent_s: float = 0.0
    cut_at_s: float | None = None
    """Where in the sound of the session it was interrupted."""
    started: bool = False
    """Whether the client was told of its beginning."""
    state: Literal["open", "spoken", "cut", "over"] = "open"
    """Whether more of it comes, or all of it has been sent, or the client has to be told what was
    heard, or has been told all that there is to tell."""


class Timeline:
    """The speeches of a session, in the order in which they are heard.

    Positions are seconds of the sound that a client has been sent. What was sent and not played
    because of an interruption does not count: the sound goes on where that was.

    Args:
        playlist: What the client hears.
    """

    def __init__(self, playlist: Playlist) -> None:
        self.seconds = 0.0
        self.characters = 0
        self.cut_at_s = 0.0
        """Where the last interruption was."""
        self._playlist = playlist
        self._speeches: OrderedDict[str, Speech] = OrderedDict()

    def __getitem__(self, speech_id: str) -> Speech:
        return self._speeches[speech_id]

    def add(self, speech: Speech) -> None:
        self._speeches[speech.id] = speech
        if len(self._speeches) > MOST_REMEMBERED:
            self._speeches.popitem(last=False)

    @property
    def silent(self) -> bool:
        """Whether nothing more will be said of any of them."""
        return all(speech.state in ("spoken", "over") for speech in self._speeches.values())

    def write(self, speech: Speech, text: str) -> None:
        """More of its text has come."""
        speech.characters += len(text)
        self.characters += len(text)

    def sound(self, speech: Speech, seconds: float) -> None:
        """More of its sound has left."""
        if speech.at_s is None:
            speech.at_s = self.seconds
        speech.sent_s += seconds
        self.seconds += seconds
        self._playlist.add(speech.id, seconds)

    def heard_at(self, position_s: float | None) -> tuple[Speech, float] | None:
        """Which speech is heard at a position, and how much of it was before.

        It is the first that was not heard to its end, or may have no end yet. Without a position,
        what can have been played by now counts as heard.
        """
        for speech in self._speeches.values():
            begin_s = self.seconds if speech.at_s is None else speech.at_s
            if position_s is None:
                played_s = self._playlist.played_s(speech.id)
                unheard = self._playlist.waiting_s(speech.id) > 0
            else:
                played_s = position_s - begin_s
                unheard = played_s < speech.sent_s
            if speech.state == "open" or (speech.state == "spoken" and unheard):
                return speech, min(max(0.0, played_s), speech.sent_s)
        return None

    def cut(self, speech: Speech, played_s: float) -> None:
        """It was interrupted, and nothing of those after it was heard."""
        at_s = self.seconds if speech.at_s is None else speech.at_s
        self.seconds = self.cut_at_s = at_s + played_s
        names = list(self._speeches)
        for name in names[names.index(speech.id) :]:
            self._playlist.drop(name)
            if self._speeches[name].state != "over":
                self._speeches[name].state = "cut"
                self._speeches[name].cut_at_s = self.cut_at_s
