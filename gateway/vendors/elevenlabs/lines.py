"""One turn of a context, as far as a client has dictated and been sent it."""

from collections.abc import Callable

from gateway.vendors.elevenlabs.chunks import Chunks
from gateway.vendors.output import OutputFormat


class Line:
    """A turn that is spoken, or waits for it, or is over.

    Args:
        turn_id: Of the turn.
        wanted: How its sound is sent.
        clock: Seconds, from any origin.
    """

    def __init__(self, turn_id: str, wanted: OutputFormat, clock: Callable[[], float]) -> None:
        self.turn_id = turn_id
        self.chunks = Chunks(wanted)
        self.written_at = clock()
        """When the last of its words came."""
        self.spaced = True
        """Whether white space follows its last word."""
        self.broken_off = False
        """Whether nothing is waited for to speak its last word."""
        self.flushed = False
        """Whether its client has asked for that."""
        self.ended = False
        """Whether it takes no more words."""
        self.closes = False
        """Whether its context is closed with it."""
        self.over = False
        """Whether nothing more of it is sent."""
        self._clock = clock

    def write(self, text: str) -> None:
        """More of its words were taken."""
        self.written_at = self._clock()
        self.broken_off = self.flushed = False
        self.chunks.write(text)
        self.spaced = text[-1:].isspace()

    def break_off(self) -> None:
        """Whatever follows is another word."""
        if not self.spaced:
            self.chunks.write(" ")
        self.broken_off = self.spaced = True
