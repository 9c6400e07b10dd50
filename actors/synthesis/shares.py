"""Who may claim how much while others want some too: max-min fairness between those who ask.

Pure. Whoever was refused is remembered until a while after the time at which it was told to come
again. As long as somebody is remembered, nobody else begins to talk beyond a fair share: the room
that comes free is kept for those who were told that they would find some.
"""

from collections.abc import Collection, Hashable

GRACE_S = 2.0
"""How much later than told somebody may come and still find room."""
MOST_REMEMBERED = 1000


class Shares:
    """Of those who share one thing, such as keys the pool."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}  # room is kept for it

    def share(self, who: Hashable, talking: Collection[Hashable], most: int, now: float) -> int:
        """How many of `most` may talk for `who`.

        Args:
            who: One of those who share.
            talking: Who has somebody talking.
            most: Talkers in all.
            now: Seconds, on the clock of all calls.
        """
        others_want = self._wanting(now) - {who}
        if not others_want:
            return most
        return max(1, most // len(others_want | set(talking) | {who}))

    def refused(self, who: Hashable, retry_at: float) -> None:
        """It was told to come again then."""
        self._until[who] = max(self._until.get(who, 0.0), retry_at + GRACE_S)
        if len(self._until) > MOST_REMEMBERED:
            del self._until[min(self._until, key=self._until.__getitem__)]

    def admitted(self, who: Hashable) -> None:
        """It got what it wanted."""
        self._until.pop(who, None)

    def wanting(self, now: float) -> int:
        """How many were refused and may come again."""
        return len(self._wanting(now))

    def _wanting(self, now: float) -> set[Hashable]:
        self._until = {who: until for who, until in self._until.items() if until > now}
        return set(self._until)
