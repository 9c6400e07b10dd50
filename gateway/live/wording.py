"""The words of a turn as a caller sends them, and what markup among them asks."""

from copy import copy

from actors.live import Dictation
from actors.markup import Marked, Marks, MarkupError
from actors.voices import Voices
from gateway.errors import Problem
from gateway.fields import Markup
from gateway.markup import marked, problem, tags


class Wording:
    """What has come of a turn's text. Tags are read as they come, SSML when all of it is there.

    Args:
        turn_id: Named where a text is refused.
        markup: What stands in it beside the words.
        voices: That it can name.
    """

    def __init__(self, turn_id: str, markup: Markup, voices: Voices) -> None:
        self.text = ""
        """Its words, without markup."""
        self.marks: Marks = ()
        self.wrong: Problem | None = None
        """Why all of it, which is there now, cannot be spoken."""
        self._written = Dictation(turn_id)
        self._markup = markup
        self._voices = voices
        self._tags = tags(voices)

    @property
    def written(self) -> str:
        """As it came."""
        return self._written.text

    @property
    def ended(self) -> bool:
        """Whether nothing will follow."""
        return self._written.ended

    def add(self, at: int, text: str, *, ended: bool) -> None:
        """Take a text that begins at the character `at` of what is written, or the end.

        Raises:
            Problem, Refused: and nothing was taken.
        """
        written = copy(self._written)
        written.add(at, text, ended=ended)
        more = self._read(written.text[len(self.written) :], written)
        self._written = written
        self.text += more.text
        self.marks += more.marks

    def _read(self, fresh: str, written: Dictation) -> Marked:
        match self._markup:
            case "tags":
                return self._read_tags(fresh, last=written.ended)
            case "ssml" if written.ended:
                return self._read_document(written.text)
            case "ssml":
                return Marked("")
            case "none":
                return Marked(fresh)

    def _read_tags(self, fresh: str, *, last: bool) -> Marked:
        try:
            self._tags, more = self._tags.read(fresh, last=last)
        except MarkupError as wrong:
            raise problem(wrong, "text") from None
        return more

    def _read_document(self, document: str) -> Marked:
        """Whoever wrote a wrong one cannot take it back: the turn fails."""
        try:
            return marked(document, "ssml", self._voices, "text")
        except Problem as wrong:
            self.wrong = wrong
            return Marked("")
