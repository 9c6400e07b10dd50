"""Who makes sound next in a worker that has more phrases open than it can speak at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

from actors.synthesis.schedule import DeadlineQueue

MOST_WAITING = 1024
"""More than a worker has threads."""


class Dismissed(Exception):
    """Who waited was sent away."""


@dataclass(slots=True, eq=False)
class _Call:
    called: Event = field(default_factory=Event)
    dismissed: bool = False


class Turnstile:
    """Lets some pass at a time, the most urgent first; for threads.

    Args:
        width: How many may be inside.
        clock: Seconds, from any origin; of the deadlines too.
    """

    def __init__(self, width: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._free = width
        self._queue = DeadlineQueue(MOST_WAITING)
        self._outside: dict[int, _Call] = {}
        self._inside: dict[int, float] = {}  # since when

    @contextmanager
    def turn(self, who: int, deadline: float) -> Iterator[None]:
        """Inside, one of `width`; waits outside until nobody is more urgent.

        Raises:
            Dismissed: by `dismiss`, while it waited.
            QueueFull: too many wait.
        """
        self._enter(who, deadline)
        self._inside[who] = self._clock()
        try:
            yield
        finally:
            del self._inside[who]
            self._leave()

    def dismiss(self, who: int) -> None:
        """Send somebody away who waits; does nothing to who is inside."""
        with self._lock:
            call = self._outside.pop(who, None)
            if call is not None:
                self._queue.withdraw(call)
                call.dismissed = True
                call.called.set()

    def inside_s(self) -> dict[int, float]:
        """Who is inside, and for how long."""
        now = self._clock()
        return {who: now - since for who, since in self._inside.copy().items()}

    def _enter(self, who: int, deadline: float) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            call = _Call()
            self._queue.push(call, deadline)
            self._outside[who] = call
        call.called.wait()
        if call.dismissed:
            raise Dismissed

    def _leave(self) -> None:
        with self._lock:
            call = self._queue.pop()
            if not isinstance(call, _Call):
                self._free += 1
                return
            self._outside = {who: it for who, it in self._outside.items() if it is not call}
        call.called.set()
