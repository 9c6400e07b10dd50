"""A tracer that remembers what it was told, in this process."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count

from actors import tracing
from actors.tracing import Attribute, Trace


@dataclass
class Told:
    """A span; its `trace` is the number of the one with which the trace began."""

    name: str
    number: int
    parent: int | None
    trace: int
    measures: dict[str, Attribute]
    begun_from: int | None = None
    failed: str | None = None
    ended: bool = False

    def note(self, **measures: Attribute) -> None:
        self.measures |= measures


@dataclass
class FakeTracer:
    spans: list[Told] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _place: ContextVar["Told | None"] = field(
        default_factory=lambda: ContextVar("place", default=None)
    )

    def named(self, name: str) -> list[Told]:
        return [span for span in self.spans if span.name == name]

    def parent_of(self, span: Told) -> Told | None:
        return next((other for other in self.spans if other.number == span.parent), None)

    @contextmanager
    def span(self, name: str, measures: Mapping[str, Attribute]) -> Iterator[Told]:
        with self._entered(self._begun(name, self._place.get(), measures)) as told:
            yield told

    @contextmanager
    def root(self, name: str, measures: Mapping[str, Attribute]) -> Iterator[Told]:
        told, before = self._begun(name, None, measures), self._place.get()
        told.begun_from = before.number if before else None
        with self._entered(told):
            yield told

    @contextmanager
    def apart(
        self, name: str, place: Trace | None, measures: Mapping[str, Attribute]
    ) -> Iterator[Told]:
        parent = self._place.get() if place is None else self._at(place)
        with _until_the_end(self._begun(name, parent, measures)) as told:
            yield told

    def here(self) -> Trace | None:
        place = self._place.get()
        return None if place is None else str(place.number)

    @contextmanager
    def within(self, place: Trace) -> Iterator[None]:
        token = self._place.set(self._at(place))
        try:
            yield
        finally:
            self._place.reset(token)

    @contextmanager
    def _entered(self, told: Told) -> Iterator[Told]:
        token = self._place.set(told)
        try:
            with _until_the_end(told):
                yield told
        finally:
            self._place.reset(token)

    def _begun(self, name: str, parent: Told | None, measures: Mapping[str, Attribute]) -> Told:
        number = next(self._numbers)
        above, trace = (parent.number, parent.trace) if parent else (None, number)
        told = Told(name, number, above, trace, dict(measures))
        self.spans.append(told)
        return told

    def _at(self, place: Trace) -> Told:
        return next(span for span in self.spans if span.number == int(place))


@contextmanager
def tracing_by(tracer: tracing.Tracer) -> Iterator[None]:
    """Have what is done meanwhile be told to a tracer."""
    tracing.install(tracer)
    try:
        yield
    finally:
        tracing.install(None)


@contextmanager
def _until_the_end(told: Told) -> Iterator[Told]:
    try:
        yield told
    except BaseException as failure:
        told.failed = type(failure).__name__
        raise
    finally:
        told.ended = True
