"""Turns whose words are still coming: dictated bit by bit, cut into pieces, spoken as they are."""

from actors.live.cutting import Piece
from actors.live.dictation import Dictation

__all__ = ["Dictation", "Piece"]
