"""What cannot be asked, or not be answered, each in a sentence."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path


class AnalyticsError(Exception):
    """What cannot be asked, or not be answered."""


class NoDataDir(AnalyticsError):
    """There is no data directory of that name."""

    @classmethod
    def unless_there(cls, data_dir: Path) -> None:
        """Raises it."""
        if not data_dir.is_dir():
            raise cls(f"there is no data directory {data_dir}: name the one of the server")


class UnknownView(AnalyticsError):
    """No view has that name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name, known)
        self.name = name
        self.nearest = get_close_matches(name, known, n=3, cutoff=0.4) or list(known)

    def __str__(self) -> str:
        return f"there is no view {self.name!r}; there is {', '.join(self.nearest)}"


class BadParameter(AnalyticsError):
    """A view does not take that, or not with that value."""


class Unreadable(AnalyticsError):
    """A segment is damaged, or was removed while it was read."""


class Unwritable(AnalyticsError):
    """The answer cannot be written where it was to go."""
