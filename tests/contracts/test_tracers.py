"""What code may count on, whoever takes note of what it does."""

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from actors import tracing
from actors.telemetry import OpenTelemetry
from tests.fakes.tracer import FakeTracer, tracing_by


@dataclass
class Seen:
    name: str
    id: object
    parent: object
    trace: object
    begun_from: object
    measures: dict[str, object]


class Watched(Protocol):
    tracer: tracing.Tracer

    def seen(self) -> dict[str, Seen]: ...


class Faked:
    def __init__(self) -> None:
        self.tracer = FakeTracer()

    def seen(self) -> dict[str, Seen]:
        return {
            s.name: Seen(s.name, s.number, s.parent, s.trace, s.begun_from, dict(s.measures))
            for s in self.tracer.spans
            if s.ended
        }


class Published:
    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.tracer = OpenTelemetry(provider)

    def seen(self) -> dict[str, Seen]:
        return {span.name: _seen(span) for span in self._kept.get_finished_spans()}


def _seen(span: ReadableSpan) -> Seen:
    assert span.context is not None
    links = [link.context.span_id for link in span.links]
    return Seen(
        span.name,
        span.context.span_id,
        span.parent.span_id if span.parent else None,
        span.context.trace_id,
        links[0] if links else None,
        {name.removeprefix("colloquy."): it for name, it in (span.attributes or {}).items()},
    )


@pytest.fixture(params=[Faked, Published], ids=["fake", "OpenTelemetry"])
def watched(request: pytest.FixtureRequest) -> Iterator[Watched]:
    made: Callable[[], Watched] = request.param
    it = made()
    with tracing_by(it.tracer):
        yield it


def test_what_is_done_within_is_a_part(watched: Watched) -> None:
    with tracing.span("whole", turn_id="t1") as whole:
        with tracing.span("part"):
            pass
        whole.note(sound_s=1.5)
    whole_, part = watched.seen()["whole"], watched.seen()["part"]
    assert (part.parent, part.trace, whole_.parent) == (whole_.id, whole_.trace, None)
    assert whole_.measures == {"turn_id": "t1", "sound_s": 1.5}
    assert tracing.here() is None


def test_it_goes_on_elsewhere_by_a_name_that_travels(watched: Watched) -> None:
    with tracing.span("asks"):
        place = tracing.here()
    assert isinstance(place, str)
    with tracing.within(place), tracing.span("answers"):
        pass
    with tracing.apart("answers too", place):
        assert tracing.here() is None
    seen = watched.seen()
    for name in ("answers", "answers too"):
        assert (seen[name].parent, seen[name].trace) == (seen["asks"].id, seen["asks"].trace)


async def test_tasks_stay_where_they_were_made(watched: Watched) -> None:
    async def part() -> None:
        await asyncio.sleep(0)
        with tracing.span("part"):
            pass

    with tracing.span("whole"):
        place = tracing.here()
    with tracing.within(place):
        task = asyncio.create_task(part())
    with tracing.span("another"):
        await task
    assert watched.seen()["part"].parent == watched.seen()["whole"].id


def test_what_is_apart_may_yield_in_the_middle(watched: Watched) -> None:
    def pieces() -> Generator[int, None, None]:
        with tracing.apart("pieces", None) as span:
            for number in range(3):
                span.note(given=number)
                yield number

    with tracing.span("whole"):
        begun = pieces()
        next(begun)
    with tracing.span("another"):
        next(begun)
        begun.close()
    seen = watched.seen()
    assert seen["pieces"].parent == seen["whole"].id
    assert seen["pieces"].measures["given"] == 1
    assert seen["another"].parent is None


def test_a_root_begins_a_trace_and_knows_from_where(watched: Watched) -> None:
    with tracing.span("connection"), tracing.root("turn"), tracing.span("part"):
        pass
    seen = watched.seen()
    assert seen["turn"].parent is None
    assert seen["turn"].begun_from == seen["connection"].id
    assert seen["turn"].trace != seen["connection"].trace
    assert (seen["part"].parent, seen["part"].trace) == (seen["turn"].id, seen["turn"].trace)
    with tracing.root("another"):
        pass
    assert watched.seen()["another"].begun_from is None


@pytest.mark.parametrize("begin", [tracing.span, tracing.root, lambda n: tracing.apart(n, None)])
@pytest.mark.parametrize("failure", [ValueError("words"), asyncio.CancelledError(), SystemExit()])
def test_whatever_is_raised_goes_on_and_ends_it(
    watched: Watched,
    begin: Callable[[str], AbstractContextManager[tracing.Span]],
    failure: BaseException,
) -> None:
    with pytest.raises(type(failure)), begin("broken"):
        raise failure
    assert set(watched.seen()) == {"broken"}
    assert "words" not in repr(watched.seen())
    assert tracing.here() is None


def test_nobody_watches_unless_somebody_was_asked_to() -> None:
    with tracing.span("whole", turn_id="t1") as whole, tracing.root("turn"):
        whole.note(sound_s=1.0)
        assert tracing.here() is None
        assert tracing.traced("asked") == "asked"
        with tracing.within("no place at all"), tracing.apart("part", None) as part:
            part.note(given=1)


def test_what_is_asked_carries_the_place(watched: Watched) -> None:
    assert tracing.traced("asked") == "asked"
    with tracing.span("whole"):
        assert tracing.traced("asked") == tracing.Traced("asked", tracing.here() or "")
