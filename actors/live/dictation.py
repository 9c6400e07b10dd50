"""The text of one turn while it comes: every character once, however often it is sent."""

from actors.live.cutting import Piece, cut
from actors.markup import Marks, part
from actors.phrases import speakable
from actors.refusals import TextMissing, TurnIdConflict


class Dictation:
    """What has come of a turn's text, and how much of it has been given out to be spoken.

    Args:
        turn_id: Named where a text is refused.
        recorded: What the record has of the turn already, which is given out.
    """

    def __init__(self, turn_id: str, recorded: str = "") -> None:
        self.text = recorded
        self.ended = False
        """Whether nothing will follow."""
        self._turn_id = turn_id
        self._marks: Marks = ()
        self._marks_given = 0
        self._given = len(recorded)
        self._pieces = 1 if recorded else 0

    def add(
        self, at: int, text: str, *, ended: bool, marks: Marks = (), marks_before: int = 0
    ) -> int:
        """Take a text that begins at the turn's character `at`; what is known is not taken twice.

        Nor are marks, which are counted by places in the turn's text, and `marks_before` of which
        stand before these.

        Returns:
            How many characters of the turn are known.

        Raises:
            TextMissing: it does not join on to what is known.
            TurnIdConflict: it is not what was sent before under this name.
        """
        if at > len(self.text):
            raise TextMissing(len(self.text), at)
        known, end = self.text[at : at + len(text)], at + len(text)
        fresh = text[len(known) :]
        over = self.ended and fresh
        short = ended and end < len(self.text)
        if not text.startswith(known) or over or short:
            raise TurnIdConflict(self._turn_id)
        self.text += fresh
        self._marks += marks[max(0, len(self._marks) - marks_before) :]
        self.ended |= ended
        return len(self.text)

    def next(self, *, hurried: bool = False) -> Piece | None:
        """The next piece to be spoken; None while there is none, or none any more."""
        left = self.left
        size = cut(left, number=self._pieces, ended=self.ended, hurried=hurried)
        if not speakable(left[:size]):
            return None
        size = len(left) if self.ended and not speakable(left[size:]) else size
        end = self._given + size
        marks = part(self._marks, self._given, end, self._marks_given)
        piece = Piece(self._given, left[:size], self.ended and size == len(left), marks)
        self._given, self._marks_given = end, len(self._marks)
        self._pieces += 1
        return piece

    @property
    def left(self) -> str:
        """What has come and was not given out."""
        return self.text[self._given :]

    @property
    def over(self) -> bool:
        """Whether nothing more will be given out."""
        return self.ended and not speakable(self.left)
