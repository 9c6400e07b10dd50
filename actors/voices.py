"""The voices that can be asked for, and who gets which."""

from collections import Counter
from collections.abc import Iterable

from actors.engines.base import UnknownVoice
from actors.engines.voices import OPENAI_VOICES, default_order, parse_voice
from actors.refusals import NotAVoice


class Voices:
    """The voices of the engine that speaks, by id, blend, or OpenAI name."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        self._order = default_order(self.ids)

    def resolve(self, voice: str) -> str:
        """The id or blend that an engine understands.

        Raises:
            NotAVoice: nobody has that name; the message suggests some.
        """
        known = OPENAI_VOICES.get(voice, voice)
        try:
            parse_voice(known, self.ids)
        except UnknownVoice as unknown:
            raise NotAVoice(str(unknown)) from None
        return known

    def choose(self, taken: Iterable[str]) -> str:
        """A voice that nobody has or, when all are taken, one of those that fewest have."""
        had = Counter(taken)
        return min(self._order, key=lambda voice: had[voice])
