"""Where the time of a request went, told to whoever wants to see it; nothing, unless somebody does.

Ambient, as logging is: a process begins to trace when it starts, or never, and code says what it is
about without knowing whether anybody watches. What a span is told is ids and measures, never words.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

Attribute: TypeAlias = str | int | float
Trace: TypeAlias = str
"""A place in a trace, as the header `traceparent` of W3C's Trace Context."""

T = TypeVar("T")


class Span(Protocol):
    """Something that is being done, from its beginning to its end."""

    def note(self, **measures: Attribute) -> None:
        """Tell more of it."""
        ...


class Tracer(Protocol):
    """Whoever takes note; see the functions of this module for the meaning."""

    def span(self, name: str, measures: dict[str, Attribute]) -> AbstractContextManager[Span]: ...
    def root(self, name: str, measures: dict[str, Attribute]) -> AbstractContextManager[Span]: ...
    def apart(
        self, name: str, place: Trace | None, measures: dict[str, Attribute]
    ) -> AbstractContextManager[Span]: ...
    def here(self) -> Trace | None: ...
    def within(self, place: Trace) -> AbstractContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Traced(Generic[T]):
    """Something that is asked elsewhere, and the place in a trace from which it is asked."""

    asked: T
    place: Trace


class _Nothing:
    """A span of which nobody takes note."""

    def note(self, **measures: Attribute) -> None:
        pass

    def __enter__(self) -> "_Nothing":
        return self

    def __exit__(self, *_: object) -> None:
        pass


_NOTHING = _Nothing()
_tracer: Tracer | None = None


def install(tracer: Tracer | None) -> None:
    """Have a tracer take note of all that this process does from here on, or nobody."""
    global _tracer
    _tracer = tracer


def span(name: str, **measures: Attribute) -> AbstractContextManager[Span]:
    """A part of what is being done here; what is done within it is a part of it."""
    return _NOTHING if _tracer is None else _tracer.span(name, measures)


def root(name: str, **measures: Attribute) -> AbstractContextManager[Span]:
    """The beginning of a trace of its own, that knows from where it was begun."""
    return _NOTHING if _tracer is None else _tracer.root(name, measures)


def apart(name: str, place: Trace | None, **measures: Attribute) -> AbstractContextManager[Span]:
    """A part of what is done elsewhere; nothing becomes a part of it, so generators may yield."""
    return _NOTHING if _tracer is None else _tracer.apart(name, place, measures)


def here() -> Trace | None:
    """The place at which we are in a trace, if in any."""
    return None if _tracer is None else _tracer.here()


def within(place: Trace | None) -> AbstractContextManager[object]:
    """Go on at a place in a trace; tasks that are made within it do, too."""
    return _NOTHING if _tracer is None or place is None else _tracer.within(place)


def traced(asked: T) -> T | Traced[T]:
    """What is asked, with the place from which it is asked, if that is in a trace."""
    place = here()
    return asked if place is None else Traced(asked, place)
